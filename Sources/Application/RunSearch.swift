// What a search through a whole run has found.

package import Trajectory
package import Views

/// Where something is among others of its kind in a run.
package struct Located: Hashable, Sendable {
    package let address: Address
    /// From 1, in the order of addresses.
    package let place: Int
    package let total: Int
    /// Whether going on from the last led to the first again, or back from the first to the last.
    package let isWrapped: Bool

    package init(address: Address, place: Int, total: Int, isWrapped: Bool) {
        self.address = address
        self.place = place
        self.total = total
        self.isWrapped = isWrapped
    }

    /// `2 of 7`, and that the end was passed.
    package func words(backwards: Bool) -> String {
        let wrap = isWrapped ? backwards ? ", round to the end" : ", round to the beginning" : ""
        return "\(place) of \(total)\(wrap)"
    }
}

/// The nodes that hold a text, in the order of addresses, as far as they have been found.
package struct RunSearch: Hashable, Sendable {
    package let pattern: SearchPattern
    package private(set) var hits: [Address] = []
    /// Whether it goes on.
    package private(set) var isRunning = true
    /// Whether it ended before it had seen the whole run.
    package private(set) var isPartial = false
    /// Whether it has led to a hit, or said that there is none.
    var hasLed = false

    package init(pattern: SearchPattern) { self.pattern = pattern }

    /// Adds what was found next. A block counts as the iteration it stands in, which has the row.
    package mutating func add(_ found: [Address], isLast: Bool, isWhole: Bool) {
        for address in found {
            var row = address
            if case .block? = address.steps.last, let iteration = address.parent { row = iteration }
            if hits.last != row { hits.append(row) }
        }
        if isLast {
            isRunning = false
            isPartial = !isWhole
        }
    }

    package mutating func stop() {
        isRunning = false
        isPartial = true
    }

    /// `2 of 7`, with what makes the number less than sure.
    package func words(_ located: Located, backwards: Bool) -> String {
        located.words(backwards: backwards) + (isRunning ? " so far" : isPartial ? " or more" : "")
    }

    /// The next hit after an address (before it, backwards), round the end.
    package func next(from address: Address, backwards: Bool) -> Located? {
        guard !hits.isEmpty else { return nil }
        let found =
            backwards ? hits.lastIndex { $0.isBefore(address) } : hits.firstIndex { address.isBefore($0) }
        let place = found ?? (backwards ? hits.count - 1 : 0)
        return Located(address: hits[place], place: place + 1, total: hits.count, isWrapped: found == nil)
    }
}

extension Address {
    /// The order in which a tree that is all open has its rows: a node before what is below it, blocks before sub-calls.
    package func isBefore(_ other: Address) -> Bool {
        for (one, two) in zip(steps, other.steps) where one != two {
            let (first, second) = (Self.rank(one), Self.rank(two))
            return first != second ? first < second : one.number < two.number
        }
        return steps.count < other.steps.count
    }

    private static func rank(_ step: Step) -> Int { if case .block = step { 0 } else { 1 } }

    /// The path of the node in the rows of a tree.
    package var path: TreeRows.Path {
        steps.map { step in
            switch step {
            case .block(let number): .block(number - 1)
            case .iteration(let number), .call(let number): .child(number - 1)
            }
        }
    }
}
