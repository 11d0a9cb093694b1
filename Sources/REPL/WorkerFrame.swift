/// A message between host and worker: a list of fields. The first says what it is, the second whom it is for.
///
/// On the wire: the payload's length (8 bytes, little endian), the token (16 bytes, from the worker alone), and the
/// payload: the number of fields, the length of each (4 bytes each), and their bytes. There is no text format to parse
/// or escape, so a batch of 50 MB costs a copy.
struct WorkerFrame {
    static let tokenLength = 16

    var fields: [ArraySlice<UInt8>]

    /// Nil when the payload's lengths do not add up.
    init?(payload: ArraySlice<UInt8>) {
        guard let count = Self.integer(payload, at: payload.startIndex), count <= payload.count / 4 else { return nil }
        var start = payload.startIndex + 4 + 4 * count
        fields = []
        fields.reserveCapacity(count)
        for index in 0..<count {
            guard let length = Self.integer(payload, at: payload.startIndex + 4 + 4 * index),
                length <= payload.endIndex - start
            else { return nil }
            fields.append(payload[start..<start + length])
            start += length
        }
        guard start == payload.endIndex else { return nil }
    }

    /// A frame from the host as it goes over the wire.
    static func encode(_ fields: [String]) -> [UInt8] {
        let payload = 4 + 4 * fields.count + fields.reduce(0) { $0 + $1.utf8.count }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + payload)
        append(payload, size: 8, to: &bytes)
        append(fields.count, size: 4, to: &bytes)
        for field in fields { append(field.utf8.count, size: 4, to: &bytes) }
        for field in fields { bytes.append(contentsOf: field.utf8) }
        return bytes
    }

    /// A field, or as much of it as the limit allows.
    ///
    /// - Parameter limit: in characters of Unicode, about.
    func text(_ index: Int, limit: Int? = nil) -> String {
        guard index < fields.count else { return "" }
        guard let limit, fields[index].count > 4 * limit else { return String(decoding: fields[index], as: UTF8.self) }
        return String(decoding: fields[index].prefix(4 * limit), as: UTF8.self)
    }

    func number(_ index: Int) -> Int? {
        index < fields.count ? Int(text(index, limit: 20)) : nil
    }

    private static func append(_ number: Int, size: Int, to bytes: inout [UInt8]) {
        for shift in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }

    /// Four bytes as a number; nil where they are not all there.
    static func integer(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int? {
        guard start + 4 <= bytes.endIndex else { return nil }
        return (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
    }
}

/// Takes the worker's bytes as they come and gives whole frames.
struct WorkerFrameReader {
    /// The bytes are not the worker's: wrong token, a length or number over its limit, or fields that do not add up.
    struct Forged: Error {}

    private let token: [UInt8]
    private var bytes: [UInt8] = []
    private var start = 0

    init(token: [UInt8]) {
        self.token = token
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more)
    }

    /// The next whole frame, or nil until there is one.
    ///
    /// - Throws: `Forged`, as soon as the head shows it.
    mutating func next() throws -> WorkerFrame? {
        let available = bytes.count - start
        guard available >= 8 else { return nil }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        guard length <= UInt64(WorkerFrame.limits(of: Array("ask".utf8)[...]).bytes) else { throw Forged() }
        let header = 8 + WorkerFrame.tokenLength
        guard available >= header else { return nil }
        guard bytes[start + 8..<start + header] == token[...] else { throw Forged() }
        let end = start + header + Int(length)
        guard try isAllowed(bytes[(start + header)..<min(end, bytes.count)], length: Int(length)) else { return nil }
        guard bytes.count >= end else {
            // Once, and not by doubling.
            bytes.reserveCapacity(end)
            return nil
        }
        guard let frame = WorkerFrame(payload: bytes[start + header..<end]) else { throw Forged() }
        start = end
        if start == bytes.count {
            // A new array: the frame's fields still look into the old one.
            bytes = []
            start = 0
        } else if start > 1 << 20 {
            bytes = Array(bytes[start...])
            start = 0
        }
        return frame
    }

    /// Whether the beginning of a payload is within the limits of its kind; false while that cannot be told.
    private func isAllowed(_ payload: ArraySlice<UInt8>, length: Int) throws -> Bool {
        guard let count = WorkerFrame.integer(payload, at: payload.startIndex) else {
            if length < 4 { throw Forged() }
            return false
        }
        guard count > 0, count <= WorkerFrame.fieldLimit, 4 + 4 * count <= length else { throw Forged() }
        guard let kindLength = WorkerFrame.integer(payload, at: payload.startIndex + 4) else { return false }
        guard kindLength < 16, 4 + 4 * count + kindLength <= length else { throw Forged() }
        let kind = payload.startIndex + 4 + 4 * count
        guard kind + kindLength <= payload.endIndex else { return false }
        let limits = WorkerFrame.limits(of: payload[kind..<kind + kindLength])
        guard length <= limits.bytes, count <= limits.fields else { throw Forged() }
        return true
    }
}
