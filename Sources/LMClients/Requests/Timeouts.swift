/// How long one try may take, in seconds.
package struct Timeouts: Hashable, Sendable {
    package var connect: Double
    /// To the first byte of the answer itself, headers not counted: the model is thinking all that time.
    package var firstByte: Double
    /// Between two bytes.
    package var idle: Double
    package var total: Double

    package init(connect: Double = 10, firstByte: Double = 600, idle: Double = 120, total: Double = 3600) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }

    /// For a server on this machine, where a model may think for minutes before it says anything, and in the middle too.
    package static let loopback = Timeouts(firstByte: 1800, idle: 1800, total: 14_400)

    /// The same with as long for the first byte as a person says.
    func with(firstByte: Double) -> Timeouts {
        var times = self
        times.firstByte = firstByte
        times.total = max(total, 2 * firstByte)
        return times
    }
}
