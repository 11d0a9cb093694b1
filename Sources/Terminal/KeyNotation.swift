/// Keys as people write them: `jj<enter><c-f><esc>`, in `snapshot --keys`, in settings and in tests.
///
/// A character stands for itself. Others stand in angle brackets: `<enter> <esc> <tab> <s-tab> <space> <bs> <del> <ins>
/// <up> <down> <left> <right> <home> <end> <pgup> <pgdn> <f1>…<f24>`, `<c-x>` control, `<a-x>` alt, `<lt>` the bracket
/// itself, `<click:X,Y> <release:X,Y> <drag:X,Y> <wheelup:X,Y> <wheeldown:X,Y>` the mouse, `<paste:TEXT>` a paste
/// without `>`.
package enum KeyNotation {
    /// Why a text names no keys.
    package struct ParseError: Error, Equatable, CustomStringConvertible {
        package let text: String
        package let token: String

        package var description: String {
            "'\(text)' names no keys: '\(token)' is unknown. "
                + "Keys look like j, <enter>, <esc>, <c-f>, <a-x>, <f1> or <lt>"
        }
    }

    /// The keys in their order. Throws `ParseError`.
    package static func parse(_ text: String) throws(ParseError) -> [Key] {
        var keys: [Key] = []
        var rest = text[...]
        while let character = rest.first {
            guard character == "<" else {
                keys.append(character == "\n" ? .enter : character == "\t" ? .tab : .character(character))
                rest.removeFirst()
                continue
            }
            guard let end = rest.firstIndex(of: ">") else {
                throw ParseError(text: text, token: String(rest))
            }
            let name = String(rest[rest.index(after: rest.startIndex)..<end])
            guard let key = key(named: name) else { throw ParseError(text: text, token: "<\(name)>") }
            keys.append(key)
            rest = rest[rest.index(after: end)...]
        }
        return keys
    }

    /// The key as `parse` reads it; a paste that holds `>` cannot be read back.
    package static func name(of key: Key) -> String {
        switch key {
        case .character("<"): "<lt>"
        case .character(" "): "<space>"
        case .character(let character): String(character)
        case .control(" "): "<c-space>"
        case .control(let character): "<c-\(character)>"
        case .alt(">"): "<a-gt>"
        case .alt(" "): "<a-space>"
        case .alt(let character): "<a-\(character)>"
        case .function(let number): "<f\(number)>"
        case .mouse(let event): "<\(mouseNames.first { $0.kind == event.kind }?.name ?? ""):\(event.x),\(event.y)>"
        case .paste(let text): "<paste:\(text)>"
        default: "<\(names.first { $0.key == key }?.name ?? "")>"
        }
    }

    private static func key(named name: String) -> Key? {
        let lower = name.lowercased()
        switch lower {
        case "lt": return .character("<")
        case "gt": return .character(">")
        case "space": return .character(" ")
        case "c-space": return .control(" ")
        case "a-space": return .alt(" ")
        case "a-gt": return .alt(">")
        default: break
        }
        if let named = names.first(where: { $0.name == lower }) { return named.key }
        if lower.hasPrefix("c-"), lower.count == 3, let character = lower.last { return .control(character) }
        if lower.hasPrefix("a-"), lower.count == 3, let character = name.last { return .alt(character) }
        if lower.first == "f", let number = Int(lower.dropFirst()), (1...24).contains(number) {
            return .function(number)
        }
        if lower.hasPrefix("paste:") { return .paste(String(name.dropFirst("paste:".count))) }
        return mouse(named: lower)
    }

    private static func mouse(named name: String) -> Key? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let kind = mouseNames.first(where: { $0.name == parts[0] })?.kind else { return nil }
        let place = parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard place.count == 2, let x = place[0], let y = place[1], x >= 0, y >= 0 else { return nil }
        return .mouse(MouseEvent(kind: kind, x: x, y: y))
    }

    /// The first name of a key is the one it is shown by.
    private static let names: [(name: String, key: Key)] = [
        ("enter", .enter), ("cr", .enter), ("return", .enter), ("esc", .escape), ("escape", .escape), ("tab", .tab),
        ("s-tab", .backTab), ("backtab", .backTab), ("bs", .backspace), ("backspace", .backspace), ("del", .delete),
        ("delete", .delete), ("ins", .insert), ("insert", .insert), ("up", .up), ("down", .down), ("left", .left),
        ("right", .right), ("home", .home), ("end", .end), ("pgup", .pageUp), ("pageup", .pageUp),
        ("pgdn", .pageDown), ("pagedown", .pageDown),
    ]

    private static let mouseNames: [(name: String, kind: MouseEvent.Kind)] = [
        ("click", .press), ("release", .release), ("middleclick", .middlePress), ("rightclick", .rightPress),
        ("drag", .drag), ("wheelup", .wheelUp), ("wheeldown", .wheelDown),
    ]
}
