// Where the explorer is in the map of a run.

import ContextMap
import Terminal
import Trajectory
import Views

/// The context map over the body of the screen: which context, which stretch of it, and where in it.
package struct MapCursor: Hashable, Sendable {
    var context = 0
    /// The stretch that the band shows; nil for the whole.
    var zoom: Range<Int>?
    var byte = 0
    /// Whether keys move by lines of the text and not by cells of the band.
    var isTextFocused = false
    var page: ContextPage?
    var searched: String?
}

extension OpenRun {
    /// What a band shows of a context.
    func range(_ cursor: MapCursor) -> Range<Int> {
        cursor.zoom
            ?? 0..<(map?.contexts.indices.contains(cursor.context) == true
            ? map?.contexts[cursor.context].byteCount ?? 0 : 0)
    }

    /// A band over a stretch, with the cursor's node set off.
    func band(_ cursor: MapCursor, cells: Int) -> ContextBand? {
        guard let map, map.contexts.indices.contains(cursor.context) else { return nil }
        return ContextBand(
            map, context: cursor.context, range: range(cursor), cells: cells, chosen: chosen)
    }

    /// The node under the tree's cursor, unless it is the root, which is everything.
    private var chosen: Address? {
        selectedNode.flatMap { $0.address.steps.isEmpty ? nil : $0.address }
    }

    /// The context in one line.
    func bandLine(width: Int) -> BandLine? {
        guard let map, !map.contexts.isEmpty else { return nil }
        let name = map.name(of: 0)
        guard let band = band(MapCursor(), cells: MapView.lineCells(width: width, name: name)) else { return nil }
        return BandLine(name: name, cells: band.cells.map(BandCell.init), fraction: coverages.first?.fraction ?? 0)
    }
}

extension BandCell {
    init(_ cell: ContextBand.Cell) {
        self.init(share: cell.share, times: cell.times, depth: cell.depth, isChosen: cell.isChosen)
    }
}

extension ExplorerModel {
    /// The rows the map covers.
    var mapRect: Rect? {
        guard let meters = layout.meters, let keys = layout.keys else { return nil }
        return ExplorerView.body(between: meters, and: keys)
    }

    func mapPane(_ cursor: MapCursor) -> MapPane {
        guard let rect = mapRect, let open, let map = open.map else {
            return MapPane(hint: "Finding out what was read …")
        }
        guard map.contexts.indices.contains(cursor.context), open.coverages.indices.contains(cursor.context) else {
            return MapPane(hint: "This run has no stored context, so there is nothing to map.")
        }
        let size = MapView.band(in: rect)
        let coverage = open.coverages[cursor.context]
        let range = open.range(cursor)
        let band = open.band(cursor, cells: size.columns * size.rows)
        var pane = MapPane(
            name: map.name(of: cursor.context), byteCount: coverage.byteCount, fraction: coverage.fraction,
            range: range,
            cells: band?.cells.map(BandCell.init) ?? [])
        pane.cursor = cursor.byte
        pane.cursorCell = band?.cell(of: cursor.byte) ?? 0
        pane.readers = readers(at: cursor).map(\.description)
        pane.isTextFocused = cursor.isTextFocused
        if let page = cursor.page, page.context == cursor.context, page.byte == cursor.byte {
            pane.lineNumber = page.number
            let rows = MapView.textRows(in: rect)
            // The line under the cursor keeps its place, a third down, except near the beginning.
            let skipped = max(0, page.current - rows / 3)
            pane.lines = page.lines.dropFirst(skipped).prefix(rows).map {
                MapPane.Line(
                    start: $0.range.lowerBound, text: $0.text,
                    isRead: coverage.read.overlaps(
                        $0.range.isEmpty ? $0.range.lowerBound..<$0.range.lowerBound + 1 : $0.range))
            }
            pane.currentLine = page.current - skipped
        }
        return pane
    }

    /// Nodes that read the byte under the cursor, in the order of the tree.
    func readers(at cursor: MapCursor) -> [Address] {
        guard let map = open?.map, map.contexts.indices.contains(cursor.context),
            cursor.byte < map.contexts[cursor.context].byteCount
        else { return [] }
        return map.nodes(thatSaw: cursor.byte..<cursor.byte + 1, of: cursor.context)
    }

    /// What the map needs that has not been read.
    func wantedPage() -> Command? {
        guard case .map(let cursor)? = overlay, let open, let rect = mapRect, let map = open.map,
            map.contexts.indices.contains(cursor.context)
        else { return nil }
        let rows = MapView.textRows(in: rect)
        if let page = cursor.page, page.context == cursor.context, page.byte == cursor.byte, page.rows == rows {
            return nil
        }
        return .readContext(open.id, context: cursor.context, byte: cursor.byte, rows: rows)
    }
}
