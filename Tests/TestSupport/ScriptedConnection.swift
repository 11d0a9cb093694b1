import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// One connection to the scripted server: reads requests off it and performs the steps of replies.
final class ScriptedConnection {
    /// `POLLRDHUP`, which Glibc's module does not show: the other side has hung up.
    private static let hangUp: Int16 = 0x2000

    private let socket: Int32
    private let stop: Int32
    private var buffer: [UInt8] = []

    init(socket: Int32, stop: Int32) {
        self.socket = socket
        self.stop = stop
    }

    /// Nil when the client is gone, sent nonsense, or the server stops.
    func readRequest() -> ScriptedRequest? {
        var searched = 0
        var headEnd: Int?
        while headEnd == nil {
            headEnd = Self.endOfHead(in: buffer, from: max(0, searched - 3))
            searched = buffer.count
            if headEnd == nil, !fill() { return nil }
        }
        guard let headEnd else { return nil }
        let lines = String(decoding: buffer[..<headEnd], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces
            )
        }
        let bodyStart = headEnd + 4
        let bodyEnd = bodyStart + (headers["content-length"].flatMap { Int($0) } ?? 0)
        while buffer.count < bodyEnd { if !fill() { return nil } }
        let request = ScriptedRequest(
            method: String(words[0]),
            path: String(words[1]),
            headers: headers,
            body: Array(buffer[bodyStart..<bodyEnd])
        )
        buffer.removeFirst(bodyEnd)
        return request
    }

    /// False when the connection is to be closed.
    func perform(_ step: ScriptedReply.Step) -> Bool {
        switch step {
        case .send(let bytes): send(bytes)
        case .wait(let milliseconds): wait(milliseconds)
        case .hang: wait(nil)
        case .run(let closure):
            {
                closure(); return true
            }()
        case .close: false
        }
    }

    private func fill() -> Bool {
        var descriptors = [
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0), pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&descriptors, 2, -1) > 0, descriptors[1].revents == 0 else { return false }
        let capacity = 65_536
        let piece = [UInt8](unsafeUninitializedCapacity: capacity) { bytes, count in
            count = max(0, recv(socket, bytes.baseAddress, capacity, 0))
        }
        buffer += piece
        return !piece.isEmpty
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { raw in
            var sent = 0
            while sent < raw.count {
                let count = Glibc.send(socket, raw.baseAddress! + sent, raw.count - sent, Int32(MSG_NOSIGNAL))
                if count <= 0 { return false }
                sent += count
            }
            return true
        }
    }

    /// Waits that long, for ever for nil; false as soon as the client hangs up or the server stops.
    private func wait(_ milliseconds: Int?) -> Bool {
        if milliseconds == 0 { return true }
        var descriptors = [
            pollfd(fd: socket, events: Self.hangUp, revents: 0), pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&descriptors, 2, milliseconds.map { Int32($0) } ?? -1) == 0
    }

    /// Where the blank line that ends a head begins.
    private static func endOfHead(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var index = start
            while index + 3 < bytes.count {
                // Only a line feed in fourth place can end a head; what is there says how far to jump.
                switch bytes[index + 3] {
                case 0x0a where bytes[index] == 0x0d && bytes[index + 1] == 0x0a && bytes[index + 2] == 0x0d:
                    return index
                case 0x0a: index += 2
                case 0x0d: index += 1
                default: index += 4
                }
            }
            return nil
        }
    }
}
