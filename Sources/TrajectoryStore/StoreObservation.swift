/// A wish to be told of commits; ends with `cancel()` or when it goes away.
package final class StoreObservation: Sendable {
    private let end: @Sendable () -> Void

    init(end: @escaping @Sendable () -> Void) { self.end = end }

    package func cancel() { end() }

    deinit { end() }
}
