// Which key does what, as data. The help and the palette are made from it, so they cannot say anything else.

package import Terminal
package import Views

package struct KeyMap: Sendable {
    /// Keys of an action, the one to show first.
    private var keys: [Action: [Key]]
    private var actions: [Key: Action]

    package init(_ keys: [Action: [Key]]) {
        self.keys = keys
        actions = [:]
        for (action, bound) in keys {
            for key in bound { actions[key] = action }
        }
    }

    package func action(for key: Key) -> Action? { actions[key] }

    package func keys(for action: Action) -> [Key] { keys[action] ?? [] }

    /// Gives an action other keys; whatever had them before loses them.
    package mutating func bind(_ action: Action, to bound: [Key]) {
        for (other, its) in keys where other != action { keys[other] = its.filter { !bound.contains($0) } }
        keys[action] = bound
        self = KeyMap(keys)
    }

    package static let standard = KeyMap([
        .moveDown: [.character("j"), .down],
        .moveUp: [.character("k"), .up],
        .left: [.character("h"), .left],
        .right: [.character("l"), .right],
        .pageDown: [.control("f"), .pageDown],
        .pageUp: [.control("b"), .pageUp],
        .halfPageDown: [.control("d")],
        .halfPageUp: [.control("u")],
        .first: [.character("g"), .home],
        .last: [.character("G"), .end],
        .open: [.enter],
        .back: [.character("q"), .escape],
        .parent: [.character("p")],
        .nextSibling: [.character("J")],
        .previousSibling: [.character("K")],
        .nextSection: [.character("}")],
        .previousSection: [.character("{")],
        .nextProblem: [.character("]")],
        .previousProblem: [.character("[")],
        .nextPane: [.tab],
        .previousPane: [.backTab],
        .showRuns: [.character("1")],
        .showTree: [.character("2")],
        .showDetail: [.character("3")],
        .showMap: [.character("5")],
        .zoom: [.character("z")],
        .search: [.character("/")],
        .searchNext: [.character("n")],
        .searchPrevious: [.character("N")],
        .follow: [.character("F")],
        .blocks: [.character("B")],
        .wrap: [.character("w")],
        .copy: [.character("y")],
        .pager: [.character("o")],
        .cancelRun: [.character("X")],
        .pause: [.character("P")],
        .step: [.character("s")],
        .holdRules: [.character("i")],
        .showHeld: [.character("4")],
        .letGo: [.character("a")],
        .letAllGo: [.character("A")],
        .edit: [.character("e")],
        .undo: [.character("u")],
        .redo: [.control("r")],
        .rerun: [.character("r")],
        .continueRun: [.character("R")],
        .resume: [.character("C")],
        .showForks: [.character("b")],
        .compare: [.character("=")],
        .showVariables: [.character("v")],
        .mark: [.character(" ")],
        .commands: [.character(":")],
        .help: [.character("?"), .function(1)],
        .redraw: [.control("l")],
        .suspend: [.control("z")],
        .quit: [.character("Q")],
    ])

    /// The key as the bottom line names it: `q`, `⏎`, `^F`, `Tab`.
    package static func label(_ key: Key, glyphs: GlyphSet) -> String {
        switch key {
        case .character(" "): "Space"
        case .character(let character): String(character)
        case .control(let character): "^" + character.uppercased()
        case .alt(let character): "M-\(character)"
        case .enter: glyphs.isASCII ? "Enter" : glyphs.enter
        case .escape: "Esc"
        case .tab: "Tab"
        case .backTab: "S-Tab"
        case .backspace: "Backspace"
        case .delete: "Del"
        case .insert: "Ins"
        case .up: "Up"
        case .down: "Down"
        case .left: "Left"
        case .right: "Right"
        case .home: "Home"
        case .end: "End"
        case .pageUp: "PgUp"
        case .pageDown: "PgDn"
        case .function(let number): "F\(number)"
        case .mouse: "mouse"
        case .paste: "paste"
        }
    }

    /// All keys of an action in a row: `j Down`.
    package func labels(of action: Action, glyphs: GlyphSet) -> String {
        keys(for: action).map { Self.label($0, glyphs: glyphs) }.joined(separator: " ")
    }

    /// The help of a pane: what each key does there, and why it would not just now.
    package func help(for pane: Pane, glyphs: GlyphSet, reason: (Action) -> String?) -> [ActionGroup] {
        Action.Group.allCases.compactMap { group in
            let lines = Action.allCases.filter { $0.group == group }.compactMap { action in
                line(action, pane, glyphs, reason(action))
            }
            return lines.isEmpty ? nil : ActionGroup(title: group.rawValue, lines: lines)
        }
    }

    func line(_ action: Action, _ pane: Pane, _ glyphs: GlyphSet, _ reason: String?) -> ActionLine? {
        action.text(in: pane).map {
            ActionLine(keys: labels(of: action, glyphs: glyphs), text: $0, reason: reason)
        }
    }
}
