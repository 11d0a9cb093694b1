// What keys do in the context map.

import ContextMap
import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// Opens the map: where the node under the tree's cursor begins to read, or at the beginning.
    mutating func showMap() {
        var cursor = MapCursor()
        if let open, let address = open.selectedNode?.address, !address.steps.isEmpty,
            let node = open.map?.nodes.first(where: { $0.address == address || $0.address.isBelow(address) }),
            let first = node.ranges.ranges.first
        {
            cursor.context = node.context
            cursor.byte = first.lowerBound
        }
        overlay = .map(cursor)
    }

    mutating func pressInMap(_ key: Key, _ cursor: MapCursor) -> [Command] {
        var cursor = cursor
        guard let open, let map = open.map, map.contexts.indices.contains(cursor.context), let rect = mapRect else {
            overlay = nil
            return []
        }
        let count = map.contexts[cursor.context].byteCount
        switch key {
        case .character("+"), .character("="): zoom(&cursor, by: 0.25, count)
        case .character("-"): zoom(&cursor, by: 4, count)
        case .character("0"): cursor.zoom = nil
        case .character("c"):
            cursor = MapCursor(context: (cursor.context + 1) % map.contexts.count)
        default:
            guard let action = keyMap.action(for: key) else { return [] }
            switch action {
            case .back:
                if cursor.isTextFocused { cursor.isTextFocused = false } else { return close() }
            case .nextPane, .previousPane: cursor.isTextFocused.toggle()
            case .search:
                waiting = .contextPattern(InputLine(history: searched, completions: searched.reversed()))
                return []
            case .searchNext: return find(cursor, backwards: false)
            case .searchPrevious: return find(cursor, backwards: true)
            case .nextProblem: goToUnread(&cursor, backwards: false)
            case .previousProblem: goToUnread(&cursor, backwards: true)
            case .open: return goToReader(cursor)
            case .quit: return leave()
            case .help:
                notice = .notice(
                    "h l j k cells · Tab text · + - zoom · ] [ unread · / n N find · Enter who read it · c next context"
                )
                return []
            case .showRuns, .showTree, .showDetail:
                overlay = nil
                return perform(action)
            case .showMap: return close()
            default: move(action, &cursor, count, MapView.band(in: rect))
            }
        }
        cursor.byte = min(max(0, cursor.byte), max(0, count - 1))
        follow(&cursor)
        overlay = .map(cursor)
        return []
    }

    private mutating func close() -> [Command] {
        overlay = nil
        return []
    }

    private func move(_ action: Action, _ cursor: inout MapCursor, _ count: Int, _ size: Size) {
        if cursor.isTextFocused { return moveInText(action, &cursor, count) }
        guard let open, let band = open.band(cursor, cells: size.columns * size.rows) else { return }
        let cell = band.cell(of: cursor.byte)
        let step: Int? =
            switch action {
            case .left: -1
            case .right: 1
            case .moveUp: -size.columns
            case .moveDown: size.columns
            case .pageUp, .halfPageUp: -size.columns * max(1, size.rows / 2)
            case .pageDown, .halfPageDown: size.columns * max(1, size.rows / 2)
            default: nil
            }
        switch action {
        case .first: cursor.byte = band.range.lowerBound
        case .last: cursor.byte = band.range.upperBound - 1
        default:
            guard let step else { return }
            let target = min(max(0, cell + step), band.cells.count - 1)
            // A row up from the first one, or down from the last, stays where it is.
            if target != cell { cursor.byte = band.bytes(of: target).lowerBound }
        }
    }

    private func moveInText(_ action: Action, _ cursor: inout MapCursor, _ count: Int) {
        guard let page = cursor.page, page.lines.indices.contains(page.current) else { return }
        func line(_ step: Int) -> Int {
            let target = min(max(0, page.current + step), page.lines.count - 1)
            return page.lines[target].range.lowerBound
        }
        switch action {
        case .moveDown: cursor.byte = line(1)
        case .moveUp: cursor.byte = line(-1)
        case .pageDown: cursor.byte = line(max(1, page.rows - 1))
        case .halfPageDown: cursor.byte = line(max(1, page.rows / 2))
        case .pageUp, .halfPageUp: cursor.byte = line(-max(1, page.rows / 3))
        case .first: cursor.byte = 0
        case .last: cursor.byte = count - 1
        case .left: cursor.byte -= 1
        case .right: cursor.byte += 1
        default: break
        }
    }

    private func zoom(_ cursor: inout MapCursor, by factor: Double, _ count: Int) {
        guard let open else { return }
        let range = open.range(cursor)
        let size = Int(Double(range.count) * factor)
        guard size < count else {
            cursor.zoom = nil
            return
        }
        let width = max(64, size)
        let start = min(max(0, cursor.byte - width / 2), max(0, count - width))
        cursor.zoom = start..<min(count, start + width)
    }

    /// Moves a stretch that is zoomed into so that the cursor is in it.
    private func follow(_ cursor: inout MapCursor) {
        guard let zoom = cursor.zoom, !zoom.contains(cursor.byte), let open, let map = open.map else { return }
        let count = map.contexts[cursor.context].byteCount
        let start = min(max(0, cursor.byte - zoom.count / 2), max(0, count - zoom.count))
        cursor.zoom = start..<min(count, start + zoom.count)
    }

    private mutating func goToUnread(_ cursor: inout MapCursor, backwards: Bool) {
        guard let coverages = open?.coverages, coverages.indices.contains(cursor.context) else { return }
        let unread = coverages[cursor.context].unread.ranges
        let byte = cursor.byte
        let next = backwards ? unread.last { $0.lowerBound < byte } : unread.first { $0.lowerBound > byte }
        guard let found = next ?? (backwards ? unread.last : unread.first) else {
            notice = .notice("All of it was read.")
            return
        }
        cursor.byte = found.lowerBound
        notice = .notice(
            "Nobody read \(pen.figures.grouped(found.lowerBound)):\(pen.figures.grouped(found.upperBound)), "
                + "\(pen.figures.bytes(found.count))")
    }

    private mutating func goToReader(_ cursor: MapCursor) -> [Command] {
        guard let open, let reader = readers(at: cursor).last else {
            notice = .notice("Nobody read this.")
            return []
        }
        overlay = nil
        focus = .tree
        return [.reveal(reader, open.id)]
    }

    // MARK: Finding

    mutating func typeContextPattern(_ key: Key, _ line: InputLine) -> [Command] {
        var line = line
        switch line.take(key) {
        case .abandoned: waiting = nil
        case .entered:
            waiting = nil
            guard case .map(var cursor)? = overlay, !line.text.isEmpty else { return [] }
            searched = InputLine.history(searched, adding: line.text)
            cursor.searched = line.text
            overlay = .map(cursor)
            // What stands under the cursor counts too.
            cursor.byte -= 1
            return find(cursor, backwards: false)
        case .changed, .ignored: waiting = .contextPattern(line)
        }
        return []
    }

    private mutating func find(_ cursor: MapCursor, backwards: Bool) -> [Command] {
        guard let open, let text = cursor.searched else {
            notice = .notice("Nothing was searched for; / begins a search.")
            return []
        }
        return [.findInContext(open.id, context: cursor.context, text, byte: cursor.byte, backwards: backwards)]
    }

    mutating func take(_ found: FoundInContext) {
        guard case .map(var cursor)? = overlay, let map = open?.map else { return }
        guard let place = found.place else {
            notice = .notice("\"\(found.text)\" is not in this context.")
            return
        }
        cursor.byte = place.lowerBound
        follow(&cursor)
        overlay = .map(cursor)
        let seen = map.nodes(thatSaw: place, of: cursor.context)
        let readers =
            seen.isEmpty ? "nobody has read it" : "read by \(seen.prefix(4).map(\.description).joined(separator: " "))"
        notice = .notice("\"\(found.text)\" \(found.number) of \(found.total): \(readers)")
    }

    mutating func take(_ page: ContextPage) {
        guard case .map(var cursor)? = overlay, cursor.context == page.context, cursor.byte == page.byte else { return }
        cursor.page = page
        overlay = .map(cursor)
    }
}
