import ContextMap
import Trajectory
import Views

/// A map as plain text, with the figures of every screen.
struct MapText {
    let map: RunMap
    let contexts: [MappedContext]
    private let figures = Figures()
    private static let bandWidth = 72
    private static let largest = 5

    init(map: RunMap, contexts: [MappedContext]) {
        self.map = map
        self.contexts = contexts
    }

    func print() {
        for index in contexts.indices {
            band(index)
            coverage(index).forEach(line)
            line("")
        }
        for node in map.nodes { line(text(of: node)) }
    }

    private func band(_ index: Int) {
        let band = ContextBand(map, context: index, range: 0..<map.contexts[index].byteCount, cells: Self.bandWidth)
        let size = figures.bytes(map.contexts[index].byteCount)
        line("\(map.name(of: index))  \(size), \(percent(map.coverage(of: index).fraction)) read")
        line("  ▏\(band.cells.map(\.mark).joined())▏  ░ unread ▒ partly ▓ read █ twice or more")
    }

    /// Coverage in lines, as `show` has it too.
    func coverage(_ index: Int) -> [String] {
        let coverage = map.coverage(of: index)
        let context = contexts[index]
        let whole = ByteRanges([0..<coverage.byteCount])
        let total = max(1, context.characters(in: whole))
        func row(_ who: String, _ ranges: ByteRanges) -> String {
            let count = context.characters(in: ranges)
            return
                "  read by \(who)\(pad(count.grouped, 24 - who.count)) characters\(pad(percent(Double(count) / Double(total)), 7))"
        }
        var lines = [
            row("the root", coverage.root), row("sub-calls", coverage.subcalls), row("nobody", coverage.unread),
        ]
        if coverage.timesRead > 1.005 {
            let times = (coverage.timesRead * 10).rounded() / 10
            let cost = coverage.repeatedTokens.map { "; the repeats put in about \(figures.count($0)) tokens" } ?? ""
            lines.append("  what was read was read \(times) times over\(cost)")
        }
        let largest = coverage.largestUnread(Self.largest)
        if !largest.isEmpty {
            lines.append(
                "  largest unread: " + largest.map { "\(place($0)) \(figures.bytes($0.count))" }.joined(separator: ", ")
            )
        }
        return lines
    }

    private func text(of node: NodeReading) -> String {
        let name = map.name(of: node.context)
        let size = max(1, map.contexts[node.context].byteCount)
        let shown = node.ranges.ranges.prefix(4).map { place($0) }.joined(separator: " ")
        let more = node.ranges.ranges.count > 4 ? " and \((node.ranges.ranges.count - 4).grouped) more" : ""
        let share = percent(Double(node.ranges.byteCount) / Double(size))
        let notes = [node.ambiguous.isEmpty ? nil : "repeated text", node.isRead ? nil : "not read"].compactMap(\.self)
        let note = notes.isEmpty ? "" : "  (\(notes.joined(separator: ", ")))"
        return
            "\(left(node.address.description, 12)) \(left(node.part.rawValue, 6))  \(name)\(shown)\(more) \(share)\(note)"
    }

    private func place(_ range: Range<Int>) -> String { "[\(range.lowerBound.grouped):\(range.upperBound.grouped)]" }

    private func percent(_ fraction: Double) -> String { ContextSlice.percent(fraction) }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func line(_ text: String) { StandardOutput.say(text) }
}

extension ContextBand.Cell {
    /// What stands for the cell where there are no colours.
    var mark: String {
        if share <= 0 { return "░" }
        if share < 0.5 { return "▒" }
        return times >= 1.5 ? "█" : "▓"
    }
}
