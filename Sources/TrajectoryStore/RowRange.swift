// Ids of rows before the rows are there.
internal import Foundation
internal import Trajectory

/// Ids of the store's counter that are this program's to give out.
struct RowRange: Hashable, Sendable {
    var next: Int64 = 0
    var end: Int64 = 0

    var count: Int { Int(end - next) }

    mutating func take() -> Int64? {
        guard next < end else { return nil }
        defer { next += 1 }
        return next
    }
}

/// Gives sub-calls their ids and places before they are written, so that who asks need not wait for the commit. Ids and
/// the order of the queue of writes are taken together, under one lock: the order of places is that of the writes.
final class CallPlaces: @unchecked Sendable {  // @unchecked: its state is touched under its lock.
    private let lock = NSLock()
    private var rows: [RowRange] = []
    /// Sub-calls of an iteration so far, those that wait to be written included.
    private var ordinals: [IterationID: Int] = [:]
    private var isUsed = false

    /// How many ids are kept ready once somebody uses them.
    static let kept = 4096

    /// Whether more ids should be brought with the next commit.
    var isShort: Bool { lock.withLock { isUsed && rows.reduce(0) { $0 + $1.count } < Self.kept } }

    func add(_ range: RowRange) { lock.withLock { rows.append(range) } }

    /// Says how many sub-calls an iteration has, where that is not known.
    func begin(_ iteration: IterationID, calls: Int) {
        lock.withLock { if ordinals[iteration] == nil { ordinals[iteration] = calls } }
    }

    func end(_ iteration: IterationID) { _ = lock.withLock { ordinals.removeValue(forKey: iteration) } }

    /// Forgets what was taken for writes that failed: the store is asked again.
    func forget() { lock.withLock { ordinals = [:] } }

    func forgettingOnFailure(_ body: () throws -> Void) throws {
        do { try body() } catch {
            forget()
            throw error
        }
    }

    enum Missing: Sendable {
        case rows(Int)
        case count(of: IterationID)
    }

    /// Takes places for calls and hands them on to be written, in one step. Gives what is missing where it cannot; then
    /// nothing was taken.
    func take(_ calls: [NewCall], _ write: ([StartedCall]) -> Void) -> Missing? {
        lock.withLock {
            isUsed = true
            if let unknown = calls.first(where: { ordinals[$0.iteration] == nil }) {
                return .count(of: unknown.iteration)
            }
            let needed = calls.reduce(0) { $0 + ($1.completion == nil ? 1 : 2) }
            guard rows.reduce(0, { $0 + $1.count }) >= needed else { return .rows(needed) }
            write(
                calls.map { call in
                    let ordinal = (ordinals[call.iteration] ?? 0) + 1
                    ordinals[call.iteration] = ordinal
                    return StartedCall(
                        call: CallID(rawValue: takeRow()),
                        completion: call.completion == nil ? call.ahead : CompletionID(rawValue: takeRow()),
                        ordinal: ordinal
                    )
                }
            )
            return nil
        }
    }

    /// There is one: `take` has counted them.
    private func takeRow() -> Int64 {
        while let first = rows.first, first.count == 0 { rows.removeFirst() }
        return rows[0].take() ?? 0
    }
}
