/// The id of a run or session: lower-case hexadecimal digits, unique in every store. People write a unique beginning.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// A new id: 16 random hexadecimal digits.
    package static func random() -> RunID {
        RunID(rawValue: UInt64.random(in: .min ... .max).hexadecimal(digits: 16))
    }

    /// The beginning shown where space is short.
    package var short: String { String(rawValue.prefix(4)) }

    package var description: String { rawValue }
}

/// A row of the trajectory store, typed by what it is a row of, so that ids cannot be mixed up.
package struct RowID<Row>: Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }
}

package typealias CallID = RowID<Call>
package typealias IterationID = RowID<Iteration>
package typealias BlockID = RowID<CodeBlock>
package typealias CompletionID = RowID<Completion>
package typealias HoldID = RowID<Hold>

/// What a node of the tree is a row of.
package enum NodeID: Hashable, Sendable {
    case call(CallID)
    case iteration(IterationID)
    case block(BlockID)
}
