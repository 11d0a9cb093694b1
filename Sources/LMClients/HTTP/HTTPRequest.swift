/// One HTTP request: GET without a body, POST with one. Its headers may carry a key, so it is never printed.
package struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package var url: String
    /// Whole header lines, `Name: value`.
    package var headers: [String]
    package var body: [UInt8]?
    package var limits: HTTPLimits

    package init(url: String, headers: [String] = [], body: [UInt8]? = nil, limits: HTTPLimits = HTTPLimits()) {
        self.url = url
        self.headers = headers
        self.body = body
        self.limits = limits
    }

    package var description: String { body == nil ? "GET request" : "POST request" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How long one HTTP request may take, in seconds, and how much may come back.
package struct HTTPLimits: Hashable, Sendable {
    package var connect: Double
    /// From the start of the request to the first byte of the answer.
    package var firstByte: Double
    /// Between two bytes of the answer.
    package var idle: Double
    package var total: Double
    /// Bytes of headers and body together.
    package var bytes: Int

    package init(
        connect: Double = 10,
        firstByte: Double = 600,
        idle: Double = 60,
        total: Double = 1800,
        bytes: Int = 64 << 20
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
        self.bytes = bytes
    }
}
