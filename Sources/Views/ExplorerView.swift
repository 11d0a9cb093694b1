// The whole screen: panes, lines between them, and what may lie over them.

package import Terminal

package enum ExplorerView {
    package static func draw(_ scene: Scene, pen: Pen) -> Surface {
        let layout = scene.layout
        var surface = Surface(size: layout.size)
        guard let meters = layout.meters, let keys = layout.keys else {
            TooSmallView.draw(into: &surface)
            return surface
        }
        drawLines(layout, &surface, pen)
        MetersView.draw(scene.header, placeholder: scene.placeholder, into: &surface, rect: meters, pen: pen)
        let canFocus = scene.overlay == nil
        if let rect = layout.runs {
            RunsView.draw(scene.runs, isFocused: canFocus && scene.focus == .runs, into: &surface, rect: rect, pen: pen)
        }
        if let rect = layout.tree {
            if let tree = scene.tree {
                TreeView.draw(tree, isFocused: canFocus && scene.focus == .tree, into: &surface, rect: rect, pen: pen)
            } else {
                EmptyState.noRunOpen.draw(into: &surface, rect: rect.inset(top: 1))
            }
        }
        if let rect = layout.detail {
            DetailView.draw(
                scene.detail,
                isFocused: canFocus && scene.focus == .detail,
                into: &surface,
                rect: rect,
                pen: pen
            )
        }
        if let rect = layout.wide {
            switch scene.wide {
            case .list(let list): ListView.draw(list, isFocused: canFocus, into: &surface, rect: rect, pen: pen)
            case .text(let text): DetailView.draw(text, isFocused: canFocus, into: &surface, rect: rect, pen: pen)
            case nil: break
            }
        }
        if let rect = layout.peek { PeekView.draw(scene.peek, into: &surface, rect: rect, pen: pen) }
        if let rect = layout.band, let band = scene.band {
            MapView.drawLine(band, into: &surface, rect: rect, pen: pen)
        }
        drawOverlay(scene.overlay, &surface, body(between: meters, and: keys), pen)
        KeyLineView.draw(scene.keyLine, into: &surface, rect: keys)
        return surface
    }

    /// The rows an overlay may cover.
    package static func body(between meters: Rect, and keys: Rect) -> Rect {
        Rect(x: 0, y: meters.maxY, width: meters.width, height: keys.y - meters.maxY)
    }

    private static func drawOverlay(
        _ overlay: Scene.Overlay?,
        _ surface: inout Surface,
        _ body: Rect,
        _ pen: Pen
    ) {
        switch overlay {
        case nil: break
        case .help(let title, let groups, let first):
            HelpView.draw(title: title, groups: groups, from: first, into: &surface, rect: body)
        case .commands(let actions, let selected):
            CommandPaletteView.draw(actions: actions, selected: selected, into: &surface, rect: body)
        case .choice(let menu): ChoiceMenuView.draw(menu, into: &surface, rect: body, pen: pen)
        case .map(let pane): MapView.draw(pane, into: &surface, rect: body, pen: pen)
        }
    }

    private static func drawLines(_ layout: Layout, _ surface: inout Surface, _ pen: Pen) {
        for rule in layout.rules {
            let line = String(repeating: pen.glyphs.horizontal, count: rule.width)
            surface.put(line, x: rule.x, y: rule.y, width: rule.width, role: .separator)
        }
        for separator in layout.separators {
            for y in separator.y..<separator.maxY {
                surface.put(pen.glyphs.vertical, x: separator.x, y: y, width: 1, role: .separator)
            }
            // Where it hangs from a rule, the two join.
            if layout.rules.contains(where: { $0.y == separator.y - 1 }) {
                surface.put(pen.glyphs.teeDown, x: separator.x, y: separator.y - 1, width: 1, role: .separator)
            }
        }
    }
}
