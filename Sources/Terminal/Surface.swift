/// Where text is cut that is longer than its place.
package enum Truncation: Hashable, Sendable {
    /// Cut at the right, nothing said.
    case clip
    /// `the beginn…`
    case end
    /// `…f a path`
    case start
    /// `the be…path`
    case middle
}

/// A grid of cells that views draw into; a value, and pure.
///
/// Everything drawn is sanitised on its way in (`TextCells`), so that a surface never holds what a terminal would obey.
/// Drawing outside is clipped. Drawing over one half of a wide character blanks the other.
package struct Surface: Sendable {
    package private(set) var size: Size
    private(set) var cells: [PackedCell]
    /// Characters with marks, which do not fit a cell.
    private(set) var clusters: [String] = []

    package init(size: Size) {
        self.size = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        cells = Array(repeating: PackedCell(), count: self.size.columns * self.size.rows)
    }

    package var bounds: Rect { size.bounds }

    /// The cell at a column and row, which must be inside.
    package subscript(x: Int, y: Int) -> Cell {
        precondition(bounds.contains(x: x, y: y), "cell \(x),\(y) is outside of \(size)")
        let cell = cells[y * size.columns + x]
        return Cell(
            text: text(of: cell),
            width: cell.width,
            role: cell.role,
            isSelected: cell.isSelected,
            shade: cell.shade
        )
    }

    func text(of cell: PackedCell) -> String {
        if let index = cell.clusterIndex { return clusters[index] }
        if cell.content == PackedCell.rightHalf { return "" }
        return Unicode.Scalar(cell.content).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    /// Draws text on one row, from column x, in at most `width` columns, and gives the columns used. Text that is
    /// longer is cut as `truncation` says. The text's own line ends and control characters are shown, not obeyed.
    @discardableResult
    package mutating func put(
        _ text: String,
        x: Int,
        y: Int,
        width: Int = .max,
        role: Role = .text,
        truncation: Truncation = .end,
        shade: UInt8 = 0
    ) -> Int {
        guard y >= 0, y < size.rows, x < size.columns, width > 0 else { return 0 }
        let room = min(width, size.columns - x)
        switch truncation {
        case .clip, .end:
            return draw(text, x: x, y: y, room: room, role: role, shade: shade, hasEllipsis: truncation == .end)
        case .start, .middle:
            let own = TextWidth.columns(of: text)
            if own <= room { return draw(text, x: x, y: y, room: room, role: role, shade: shade, hasEllipsis: false) }
            let head = truncation == .middle ? TextWidth.prefix(text, columns: (room - 1) / 2) : ""
            let tail = TextWidth.suffix(text, columns: room - 1 - TextWidth.columns(of: head))
            return draw(
                head + "…" + tail,
                x: x,
                y: y,
                room: room,
                role: role,
                shade: shade,
                hasEllipsis: false
            )
        }
    }

    private mutating func draw(
        _ text: String,
        x: Int,
        y: Int,
        room: Int,
        role: Role,
        shade: UInt8,
        hasEllipsis: Bool
    ) -> Int {
        var clusters = ClusterIterator(text)
        var used = 0
        while let cluster = clusters.next() {
            if used + cluster.width > room {
                if cluster.base == TextCells.tab {
                    for column in used..<room { set(0x20, width: 1, x: x + column, y: y, role: role, shade: shade) }
                    used = room
                    if clusters.isAtEnd { return used }
                }
                return hasEllipsis ? putEllipsis(x: x, y: y, used: used, room: room, role: role, shade: shade) : used
            }
            if cluster.base == TextCells.tab {
                for column in 0..<cluster.width {
                    set(0x20, width: 1, x: x + used + column, y: y, role: role, shade: shade)
                }
            } else {
                set(content(of: cluster), width: UInt8(cluster.width), x: x + used, y: y, role: role, shade: shade)
            }
            used += cluster.width
        }
        return used
    }

    /// Puts the ellipsis into the last column of what was drawn, in place of what stands there.
    private mutating func putEllipsis(x: Int, y: Int, used: Int, room: Int, role: Role, shade: UInt8) -> Int {
        guard used == room else {
            set(0x2026, width: 1, x: x + used, y: y, role: role, shade: shade)
            return used + 1
        }
        let last = x + room - 1
        let isRightHalf = last >= 0 && cells[y * size.columns + last].content == PackedCell.rightHalf
        // A wide character gives way to the ellipsis and a blank.
        if isRightHalf, room > 1 { set(0x20, width: 1, x: last, y: y, role: role, shade: shade) }
        set(0x2026, width: 1, x: isRightHalf && room > 1 ? last - 1 : last, y: y, role: role, shade: shade)
        return room
    }

    private mutating func content(of cluster: Cluster) -> UInt32 {
        guard cluster.markCount > 0 else { return cluster.base }
        var text = ""
        cluster.append(to: &text)
        if clusters.last == text { return UInt32(clusters.count - 1) | PackedCell.clusterBit }
        clusters.append(text)
        return UInt32(clusters.count - 1) | PackedCell.clusterBit
    }

    /// Sets one cell, or two for a wide character, where they are inside. Width is 1 or 2.
    private mutating func set(_ content: UInt32, width: UInt8, x: Int, y: Int, role: Role, shade: UInt8) {
        if width == 2 && (x < 0 || x + 1 >= size.columns) {
            // Half of it would stand outside.
            if x >= 0 && x < size.columns { set(0x20, width: 1, x: x, y: y, role: role, shade: shade) }
            if x == -1 && size.columns > 0 { set(0x20, width: 1, x: 0, y: y, role: role, shade: shade) }
            return
        }
        guard x >= 0, x < size.columns else { return }
        let index = y * size.columns + x
        release(index)
        if width == 2 {
            release(index + 1)
            cells[index + 1] = PackedCell(content: PackedCell.rightHalf, role: role, width: 0, shade: shade)
        }
        cells[index] = PackedCell(content: content, role: role, width: width, shade: shade)
    }

    /// Blanks the other half of a wide character that is about to lose one.
    private mutating func release(_ index: Int) {
        let width = cells[index].width
        if width == 1 { return }
        if width == 0 { cells[index - 1].makeBlank() } else { cells[index + 1].makeBlank() }
    }

    /// Fills a rectangle with one character, which is sanitised; a wide one leaves a blank where only half would fit.
    package mutating func fill(_ rect: Rect, role: Role, character: Character = " ") {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        var clusters = ClusterIterator(String(character))
        guard var cluster = clusters.next() else { return }
        if cluster.base == TextCells.tab { cluster = Cluster(base: 0x20, width: 1, source: 0x20) }
        let content = content(of: cluster)
        for y in area.y..<area.maxY {
            var x = area.x
            while x + cluster.width <= area.maxX {
                set(content, width: UInt8(cluster.width), x: x, y: y, role: role, shade: 0)
                x += cluster.width
            }
            while x < area.maxX {
                set(0x20, width: 1, x: x, y: y, role: role, shade: 0)
                x += 1
            }
        }
    }

    /// Changes what cells mean and keeps their text. With `.selection` the bar is laid under them and each keeps its
    /// own role, so that red stays red.
    package mutating func tint(_ rect: Rect, role: Role) {
        let area = rect.intersection(bounds)
        guard !area.isEmpty else { return }
        for y in area.y..<area.maxY {
            for index in (y * size.columns + area.x)..<(y * size.columns + area.maxX) {
                if role == .selection { cells[index].isSelected = true } else { cells[index].role = role }
            }
        }
    }

    /// Draws another surface with its upper left corner at column x, row y.
    package mutating func draw(_ other: Surface, x: Int, y: Int) {
        for row in 0..<other.size.rows where y + row >= 0 && y + row < size.rows {
            for column in 0..<other.size.columns {
                let cell = other.cells[row * other.size.columns + column]
                guard cell.width > 0 else { continue }
                var content = cell.content
                if let index = cell.clusterIndex {
                    clusters.append(other.clusters[index])
                    content = UInt32(clusters.count - 1) | PackedCell.clusterBit
                }
                let target = x + column
                set(content, width: cell.width, x: target, y: y + row, role: cell.role, shade: cell.shade)
                guard cell.isSelected else { continue }
                for place in target..<(target + Int(cell.width)) where place >= 0 && place < size.columns {
                    cells[(y + row) * size.columns + place].isSelected = true
                }
            }
        }
    }
}

extension Surface: Equatable {
    /// Whether both would look the same.
    package static func == (one: Surface, other: Surface) -> Bool {
        guard one.size == other.size else { return false }
        if one.clusters == other.clusters { return one.cells == other.cells }
        return one.cells.indices.allSatisfy { one.matches(other, at: $0) }
    }

    /// Whether the cell at an index looks the same in a surface of the same size.
    func matches(_ other: Surface, at index: Int) -> Bool {
        let own = cells[index]
        let its = other.cells[index]
        guard own.clusterIndex != nil || its.clusterIndex != nil else { return own == its }
        return own.role == its.role && own.width == its.width && own.isSelected == its.isSelected
            && own.shade == its.shade && text(of: own) == other.text(of: its)
    }
}
