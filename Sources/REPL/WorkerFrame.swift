/// A message between host and worker: a list of fields. The first says what it is, the second whom it is for.
///
/// On the wire: the payload's length (8 bytes, little endian), the token (16 bytes, from the worker alone), and the
/// payload: the number of fields, the length of each (4 bytes each), and their bytes. There is no text format to parse
/// or escape, so a batch of 50 MB costs a copy.
struct WorkerFrame {
    /// Bytes of a frame from the worker at most; what claims to be more is not from the worker.
    static let limit = 1 << 30
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

    func text(_ index: Int) -> String {
        index < fields.count ? String(decoding: fields[index], as: UTF8.self) : ""
    }

    func number(_ index: Int) -> Int? {
        index < fields.count ? Int(text(index)) : nil
    }

    private static func append(_ number: Int, size: Int, to bytes: inout [UInt8]) {
        for shift in 0..<size { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }

    private static func integer(_ bytes: ArraySlice<UInt8>, at start: Int) -> Int? {
        guard start + 4 <= bytes.endIndex else { return nil }
        return (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
    }
}

/// Takes the worker's bytes as they come and gives whole frames.
struct WorkerFrameReader {
    /// The bytes are not the worker's: wrong token, a length out of bounds, or fields that do not add up.
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
    /// - Throws: `Forged`, as soon as the header shows it.
    mutating func next() throws -> WorkerFrame? {
        let available = bytes.count - start
        guard available >= 8 else { return nil }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
        guard length <= UInt64(WorkerFrame.limit) else { throw Forged() }
        let header = 8 + WorkerFrame.tokenLength
        guard available >= header else { return nil }
        guard bytes[start + 8..<start + header] == token[...] else { throw Forged() }
        let end = start + header + Int(length)
        guard bytes.count >= end else { return nil }
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
}
