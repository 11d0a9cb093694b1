/// What an answer begins with: its status and the few headers that anybody here reads.
package struct HTTPHead: Hashable, Sendable {
    package var status = 0
    package var contentType: String?
    package var retryAfter: String?
    package var retryAfterMilliseconds: String?
    package var location: String?
    /// Bytes of the body, where that is said.
    package var contentLength: Int?
    /// From the start of the request to the first byte of the answer.
    package var secondsToFirstByte = 0.0

    /// Takes one header line in; a status line forgets what came before it (1xx answers, proxies).
    mutating func read(line: UnsafeRawBufferPointer) {
        guard let first = line.first else { return }
        // Most headers are of no use here, and their first letter says so.
        switch first | 0x20 {
        case UInt8(ascii: "h") where line.starts(with: "HTTP/".utf8):
            self = HTTPHead(secondsToFirstByte: secondsToFirstByte)
        case UInt8(ascii: "c"), UInt8(ascii: "r"), UInt8(ascii: "l"):
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
            let value = { Self.trimmed(line[(colon + 1)...]) }
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-length": contentLength = Int(value())
            case "content-type": contentType = value().lowercased()
            case "retry-after": retryAfter = value()
            case "retry-after-ms": retryAfterMilliseconds = value()
            case "location": location = value()
            default: break
            }
        default: break
        }
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        var rest = bytes
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        while let first = rest.first, first <= 0x20 { rest.removeFirst() }
        return String(decoding: rest, as: UTF8.self)
    }
}

/// A whole answer. The body is empty where its bytes were handed on as they came.
package struct HTTPResponse: Hashable, Sendable {
    package var head: HTTPHead
    package var body: [UInt8]
}
