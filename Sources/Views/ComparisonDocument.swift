// How two runs, or two attempts of a node, differ, to be read from top to bottom.

import Foundation
import Terminal
package import Trajectory

/// Part of a line of a comparison.
package struct ComparedPart: Hashable, Sendable {
    package let text: String
    /// Whether the other side has something else there.
    package let isChanged: Bool

    package init(_ text: String, isChanged: Bool) {
        self.text = text
        self.isChanged = isChanged
    }
}

package enum ComparedLine: Hashable, Sendable {
    case same(String)
    case removed([ComparedPart])
    case added([ComparedPart])
    /// So many lines that are the same and are left out.
    case folded(Int)
}

/// A node in which the two sides differ.
package struct ComparedNode: Sendable {
    /// `i2.c4`, or `i2.c4@1 → @2`.
    package var title: String
    package var address: Address
    /// `changed`, `added`, `removed`.
    package var change: String
    package var a: Node?
    package var b: Node?
    package var fields: [(name: String, lines: [ComparedLine])]
    /// Whether its texts were left out, since there are too many.
    package var isShort: Bool

    package init(
        title: String, address: Address, change: String, a: Node?, b: Node?,
        fields: [(name: String, lines: [ComparedLine])], isShort: Bool = false
    ) {
        self.title = title
        self.address = address
        self.change = change
        self.a = a
        self.b = b
        self.fields = fields
        self.isShort = isShort
    }
}

package enum ComparisonDocument {
    /// - Parameters:
    ///   - compared: The node that was compared, on the second side.
    ///   - isWhole: Whether there is no more to come.
    package static func document(
        _ nodes: [ComparedNode], of compared: Address = .root, isWhole: Bool, pen: Pen
    ) -> Document {
        var passages: [Passage] = []
        var before: Address?
        for node in nodes {
            let isItself = node.address.steps == compared.steps
            if !isItself, let skipped = same(between: before, and: node.address) {
                passages += [dim(skipped, pen), .blank]
            }
            before = node.address
            passages.append(.heading(heading(node), trailing: figures(node, pen)))
            for field in node.fields where !node.isShort {
                passages.append(dim(field.name, pen))
                passages.append(.lines(field.lines.map { line($0) }))
            }
            if node.isShort {
                passages.append(dim("too much to show all of it here; the tree has its texts", pen))
            }
            passages.append(.blank)
        }
        if !isWhole {
            passages.append(dim("comparing …", pen))
        } else if nodes.isEmpty {
            passages.append(dim("They are the same: nothing that was sent, run or answered differs.", pen))
        }
        return Document(passages)
    }

    private static func dim(_ text: String, _ pen: Pen) -> Passage { .lines([DocumentLine([Span(text, .dim)])]) }

    private static func heading(_ node: ComparedNode) -> String {
        let fields = node.fields.map(\.name)
        return "\(node.title)  \(node.change)" + (fields.isEmpty ? "" : ": " + fields.joined(separator: ", "))
    }

    /// Tokens, cost and time of both.
    private static func figures(_ node: ComparedNode, _ pen: Pen) -> String {
        let figures = pen.figures
        func pair(_ write: (Node) -> String) -> String {
            let texts = [node.a, node.b].compactMap { $0.map(write) }
            guard texts.count == 2, texts[0] != texts[1] else { return texts.last ?? "" }
            return "\(texts[0]) \(pen.glyphs.arrow) \(texts[1])"
        }
        let isBlock = (node.a ?? node.b)?.kind == .block
        let parts =
            isBlock
            ? [pair { figures.duration($0.seconds) }]
            : [
                pair { figures.tokens($0.subtree) }, pair { figures.cost($0.subtree) },
                pair { figures.duration($0.seconds) },
            ]
        return parts.filter { !$0.isEmpty }.joined(separator: figures.separator)
    }

    /// What was left out between two nodes under the same one, where that can be told by their numbers.
    private static func same(between before: Address?, and address: Address) -> String? {
        guard let last = address.steps.last else { return nil }
        var first = 1
        if let before, before.parent == address.parent, let step = before.steps.last, step.isLike(last) {
            first = step.number + 1
        } else if let before, before.steps.count >= address.steps.count {
            let place = address.steps.count - 1
            if Array(before.steps.prefix(place)) == Array(address.steps.prefix(place)), before.steps[place].isLike(last)
            {
                first = before.steps[place].number + 1
            }
        }
        let count = last.number - first
        guard count > 0 else { return nil }
        let noun =
            switch last {
            case .iteration: "iteration"
            case .block: "code block"
            case .call: "sub-call"
            }
        return "\(count) \(noun)\(count == 1 ? "" : "s") the same"
    }

    private static func line(_ line: ComparedLine) -> DocumentLine {
        switch line {
        case .same(let text): return DocumentLine([Span(text, .dim)], gutter: [Span("  ")])
        case .removed(let parts): return changed(parts, "-", ("[-", "-]"), .errorOutput)
        case .added(let parts): return changed(parts, "+", ("{+", "+}"), .statusSucceeded)
        case .folded(let count):
            return DocumentLine([Span("… \(count) line\(count == 1 ? "" : "s") the same", .dim)], gutter: [Span("  ")])
        }
    }

    /// Words that differ are told by their brackets where only some of a line do.
    private static func changed(
        _ parts: [ComparedPart], _ sign: String, _ brackets: (String, String), _ role: Role
    ) -> DocumentLine {
        let isWhole = parts.allSatisfy(\.isChanged)
        let spans = parts.map { part in
            part.isChanged
                ? Span(isWhole ? part.text : brackets.0 + part.text + brackets.1, role) : Span(part.text)
        }
        return DocumentLine(spans, gutter: [Span(sign + " ", role)])
    }
}

extension Address.Step {
    /// Whether both are of one kind.
    fileprivate func isLike(_ other: Address.Step) -> Bool {
        switch (self, other) {
        case (.iteration, .iteration), (.block, .block), (.call, .call): true
        default: false
        }
    }
}
