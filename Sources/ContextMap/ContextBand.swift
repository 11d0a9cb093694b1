// A context as a row of cells.
package import Trajectory

/// A stretch of a context, cut into cells of the same size, and how often each was read.
package struct ContextBand: Hashable, Sendable {
    package struct Cell: Hashable, Sendable {
        /// From 0, nothing was read, to 1, all of it was.
        package var share = 0.0
        /// How many times its bytes were read, on average.
        package var times = 0.0
        /// The reading nodes' least and greatest depth; nil where none read it.
        package var depth: Int?
        /// Whether the chosen node read some of it.
        package var isChosen = false
    }

    package let range: Range<Int>
    package private(set) var cells: [Cell]

    /// - Parameter chosen: a node whose own part is marked, what is below it included.
    package init(
        _ map: RunMap, context: Int, range: Range<Int>, cells count: Int, chosen: Address? = nil
    ) {
        self.range = range
        cells = Array(repeating: Cell(), count: max(0, count))
        guard count > 0, !range.isEmpty else { return }
        let readings = map.nodes.filter { $0.context == context && $0.isRead }
        var read: [Range<Int>] = []
        for node in readings {
            let isChosen = chosen.map { node.address == $0 || node.address.isBelow($0) } ?? false
            for stretch in node.ranges.ranges {
                let part = stretch.clamped(to: range)
                guard !part.isEmpty else { continue }
                read.append(part)
                for index in indices(of: part) {
                    cells[index].times += Double(part.clamped(to: bytes(of: index)).count)
                    cells[index].depth = max(cells[index].depth ?? 0, node.address.depth)
                    if isChosen { cells[index].isChosen = true }
                }
            }
        }
        for stretch in ByteRanges(read).ranges {
            for index in indices(of: stretch) {
                cells[index].share += Double(stretch.clamped(to: bytes(of: index)).count)
            }
        }
        for index in cells.indices {
            let size = Double(max(1, bytes(of: index).count))
            cells[index].share = min(1, cells[index].share / size)
            cells[index].times /= size
        }
    }

    /// The bytes of a cell; every byte is in one, and where there are more cells than bytes some have none.
    package func bytes(of cell: Int) -> Range<Int> {
        let count = Double(range.count)
        func edge(_ cell: Int) -> Int {
            range.lowerBound + min(range.count, Int((count * Double(cell) / Double(cells.count)).rounded(.down)))
        }
        return edge(cell)..<(cell + 1 == cells.count ? range.upperBound : edge(cell + 1))
    }

    /// The cell of a byte.
    package func cell(of byte: Int) -> Int {
        guard !range.isEmpty else { return 0 }
        var cell = (byte - range.lowerBound) * cells.count / range.count
        cell = max(0, min(cells.count - 1, cell))
        while cell + 1 < cells.count, bytes(of: cell).upperBound <= byte { cell += 1 }
        while cell > 0, bytes(of: cell).lowerBound > byte { cell -= 1 }
        return cell
    }

    private func indices(of part: Range<Int>) -> ClosedRange<Int> {
        cell(of: part.lowerBound)...max(cell(of: part.lowerBound), cell(of: part.upperBound - 1))
    }
}
