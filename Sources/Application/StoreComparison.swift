// Comparing two nodes of a store, a portion at a time, as the comparison's pane takes it.

import Comparison
package import Trajectory
import TrajectoryStore
package import Views

/// A run's node, with `@n` one of its attempts.
package struct ComparedSide: Hashable, Sendable {
    package let run: RunID
    package let address: Address

    package init(run: RunID, address: Address) {
        self.run = run
        self.address = address
    }
}

package struct ComparedPair: Hashable, Sendable {
    package let a: ComparedSide
    package let b: ComparedSide

    package init(_ a: ComparedSide, _ b: ComparedSide) {
        self.a = a
        self.b = b
    }

    /// `i2.c4@1 → i2.c4@2`, `7f3a → 91bc`.
    package func title(arrow: String) -> String {
        if a.run == b.run { return "\(a.address) \(arrow) \(b.address)" }
        let one = a.address == .root ? a.run.short : "\(a.run.short) \(a.address)"
        let other = b.address == .root ? b.run.short : "\(b.run.short) \(b.address)"
        return "\(one) \(arrow) \(other)"
    }
}

extension TrajectoryStore {
    /// Nodes shown at once, and those shown after them at a time.
    private static let portions = (first: 10, later: 100)
    /// Nodes of which the texts are shown, and bytes of them in all. Of others it is said what differs.
    private static let textLimits = (nodes: 400, bytes: 4_000_000)

    /// Tells in which nodes the two differ, the first ones as soon as they are known. Throws `StoreError`.
    package func compare(
        _ pair: ComparedPair, isCancelled: () -> Bool, tell: ([ComparedNode], _ isWhole: Bool) -> Void
    ) throws {
        let a = try node(at: pair.a.address, in: pair.a.run)
        let b = try node(at: pair.b.address, in: pair.b.run)
        guard a.kind == b.kind else {
            throw StoreError(
                code: .noSuchNode, path: path,
                message: "\(a.address) and \(b.address) are of two kinds and cannot be compared")
        }
        let comparison = try RunComparison(of: a, and: b, in: self)
        var portion: [ComparedNode] = []
        var size = Self.portions.first
        var bytes = 0
        for (place, difference) in comparison.nodes.enumerated() {
            if isCancelled() { return }
            let isShort = place >= Self.textLimits.nodes || bytes > Self.textLimits.bytes
            let fields = try difference.fields.map { field -> (name: String, lines: [ComparedLine]) in
                guard !isShort else { return (field.rawValue, []) }
                let texts = try difference.texts(of: field, in: self)
                bytes += texts.a.utf8.count + texts.b.utf8.count
                return (field.rawValue, TextComparison(texts.a, texts.b).lines.map(ComparedLine.init))
            }
            portion.append(
                ComparedNode(
                    title: Self.title(of: difference), address: Address(steps: difference.address.steps),
                    change: difference.change.rawValue, a: difference.a, b: difference.b, fields: fields,
                    isShort: isShort))
            if portion.count >= size {
                tell(portion, false)
                portion = []
                size = Self.portions.later
            }
        }
        tell(portion, true)
    }

    private static func title(of difference: NodeDifference) -> String {
        guard let a = difference.a?.address.attempt, let b = difference.b?.address.attempt, a != b else {
            return difference.address.description
        }
        return "\(Address(steps: difference.address.steps)) @\(a) → @\(b)"
    }
}

extension ComparedLine {
    fileprivate init(_ line: TextComparison.Line) {
        func parts(_ parts: [TextComparison.Part]) -> [ComparedPart] {
            parts.map { ComparedPart($0.text, isChanged: $0.isChanged) }
        }
        switch line {
        case .same(let text): self = .same(text)
        case .removed(let removed): self = .removed(parts(removed))
        case .added(let added): self = .added(parts(added))
        case .folded(let count): self = .folded(count)
        }
    }
}
