import Trajectory

/// Why a run cannot be gone back to, or a node not be run again: what, where, and what to do.
package struct TravelError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }

    static func noSuchIteration(_ address: Address) -> TravelError {
        TravelError("there is no iteration \(address) in this run")
    }

    static func noSuchCall(_ address: Address) -> TravelError {
        TravelError("\(address) is no recursive call of this run, so that nothing below it can be changed")
    }

    static func noSuchBlock(_ number: Int) -> TravelError {
        TravelError("the response of this iteration has no code block \(number)")
    }

    static func noResponse(_ iteration: Int) -> TravelError {
        TravelError(
            "iteration \(iteration) has no response, so that nothing in it can be changed: change the iteration")
    }
}
