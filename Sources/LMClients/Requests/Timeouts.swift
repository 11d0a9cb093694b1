/// How long one try may take, in seconds.
package struct Timeouts: Hashable, Sendable {
    package var connect: Double
    /// To the first byte of an answer that comes as a whole: the model is thinking all that time.
    package var firstByte: Double
    /// To the first byte of an answer that is streamed.
    package var firstByteStreaming: Double
    /// Between two bytes.
    package var idle: Double
    package var total: Double

    package init(
        connect: Double = 10,
        firstByte: Double = 600,
        firstByteStreaming: Double = 120,
        idle: Double = 60,
        total: Double = 1800
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.firstByteStreaming = firstByteStreaming
        self.idle = idle
        self.total = total
    }
}
