/// Where a node of a run is: `i2` the root's 2nd iteration, `i2.b1` its 1st code block, `i2.c4` its 4th sub-call,
/// `i2.c4.i1.c3` deeper, `i2.c4@2` its 2nd attempt. Counted from 1; written `root` for the root call itself.
///
/// For example:
///
///     let address = try Address("i2.c4.i1")
///     address.parent            // i2.c4
///     address.depth             // 1
package struct Address: Hashable, Sendable, CustomStringConvertible {
    /// One step down the tree.
    package enum Step: Hashable, Sendable {
        case iteration(Int)
        case block(Int)
        case call(Int)

        var letter: Character {
            switch self {
            case .iteration: "i"
            case .block: "b"
            case .call: "c"
            }
        }

        package var number: Int {
            switch self {
            case .iteration(let number), .block(let number), .call(let number): number
            }
        }
    }

    /// Why a text is no address.
    package struct ParseError: Error, Equatable, CustomStringConvertible {
        package let text: String
        package let reason: String

        package var description: String {
            "'\(text)' is not an address: \(reason). Addresses look like i2, i2.b1, i2.c4 or i2.c4@2; 'root' is the root call"
        }
    }

    package let steps: [Step]
    /// The attempt meant, counted from 1; nil means the current one.
    package let attempt: Int?

    package static let root = Address(steps: [])

    package init(steps: [Step], attempt: Int? = nil) {
        self.steps = steps
        self.attempt = attempt
    }

    /// Reads an address as people and programs write it. Throws `ParseError`.
    package init(_ text: String) throws(ParseError) {
        var path = Substring(text)
        var attempt: Int?
        if let at = path.lastIndex(of: "@") {
            guard let number = Self.ordinal(path[path.index(after: at)...]) else {
                throw ParseError(text: text, reason: "after '@' stands the number of an attempt, from 1")
            }
            attempt = number
            path = path[..<at]
        }
        var steps: [Step] = []
        if !path.isEmpty && path != "root" {
            for part in path.split(separator: ".", omittingEmptySubsequences: false) {
                guard let letter = part.first, let number = Self.ordinal(part.dropFirst()) else {
                    throw ParseError(text: text, reason: "'\(part)' is not a letter and a number from 1")
                }
                switch (letter, steps.last) {
                case ("i", nil), ("i", .call): steps.append(.iteration(number))
                case ("b", .iteration): steps.append(.block(number))
                case ("c", .iteration): steps.append(.call(number))
                default: throw ParseError(text: text, reason: "'\(part)' cannot stand there")
                }
            }
        }
        self.init(steps: steps, attempt: attempt)
    }

    private static func ordinal(_ digits: Substring) -> Int? {
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number > 0 else { return nil }
        return number
    }

    package func appending(_ step: Step) -> Address { Address(steps: steps + [step]) }

    /// The node above; nil at the root.
    package var parent: Address? { steps.isEmpty ? nil : Address(steps: Array(steps.dropLast())) }

    /// Calls between this node and the root: 0 for the root call, its iterations and its blocks.
    package var depth: Int {
        steps.reduce(0) { depth, step in
            if case .call = step { depth + 1 } else { depth }
        }
    }

    package var description: String {
        let path = steps.isEmpty ? "root" : steps.map { "\($0.letter)\($0.number)" }.joined(separator: ".")
        return attempt.map { "\(path)@\($0)" } ?? path
    }

    /// The last step alone, as a tree writes it: `c4`, or `root`.
    package var lastStep: String { steps.last.map { "\($0.letter)\($0.number)" } ?? "root" }
}
