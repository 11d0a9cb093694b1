// A text among bytes.
internal import Foundation

/// Finds a few bytes among many.
package struct ByteSearch: Sendable {
    private let needle: [UInt8]
    /// A byte of the needle that most texts have seldom, and where in it that is.
    private let rare: (byte: UInt8, offset: Int)

    package init(_ needle: [UInt8]) {
        self.needle = needle
        let offset = needle.indices.min { Self.frequency(needle[$0]) < Self.frequency(needle[$1]) } ?? 0
        rare = (needle.isEmpty ? 0 : needle[offset], offset)
    }

    /// How often a byte is met in prose and logs, roughly.
    private static func frequency(_ byte: UInt8) -> Int {
        switch byte {
        case 0x20, UInt8(ascii: "e"), UInt8(ascii: "t"), UInt8(ascii: "a"): 4
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 3
        case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x0A, 0x80...0xFF: 2
        default: 1
        }
    }

    /// The first place of the needle at or behind `from`; nil for an empty needle too.
    package func first(in bytes: UnsafeRawBufferPointer, from: Int = 0) -> Int? {
        guard let base = bytes.baseAddress, !needle.isEmpty, from >= 0 else { return nil }
        var at = from + rare.offset
        let end = bytes.count - needle.count + rare.offset
        while at <= end {
            guard let found = memchr(base + at, Int32(rare.byte), end - at + 1) else { return nil }
            let place = base.distance(to: UnsafeRawPointer(found))
            if memcmp(base + place - rare.offset, needle, needle.count) == 0 { return place - rare.offset }
            at = place + 1
        }
        return nil
    }
}
