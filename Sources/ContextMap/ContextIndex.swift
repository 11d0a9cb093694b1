// Where in a context each sampled gram stands, as a file beside the context.
internal import Foundation

/// The samples of a context, to be found by their keys. It lies in a file beside the context and is mapped, not loaded.
///
/// A file is: a head of 16 words (see `Head`); for JSON with escapes the decoded text and the steps between it and the
/// stored one; a filter (`UInt64` a bucket) that says of most keys that they are not there; the beginning of each bucket
/// (`UInt32`, one more than there are buckets); the places of the samples (`UInt32`), bucket by bucket, ascending in
/// each; a byte of each sample's key. Every section begins at a multiple of 16.
///
/// A bucket holds `bucketLimit` samples at most, the first in the context: grams that stand in more places than that are
/// those of repeated text, and say least about where a text is from.
final class ContextIndex: Sendable {
    /// Places of a gram that are kept.
    static let bucketLimit = 4096
    static let magic: UInt64 = 0x3150_414D_4D4C_5278  // "xRLMMAP1"
    static let version: UInt64 = 1

    /// Which text of a context is sampled.
    enum Form: UInt64, Sendable {
        /// Its bytes as they are stored.
        case stored = 0
        /// JSON with its escapes decoded.
        case decoded = 1
    }

    struct Head {
        static let byteCount = 128
        var contextByteCount = 0
        var form = Form.stored
        /// Bytes of the decoded text; 0 for the stored form.
        var decodedCount = 0
        var stepCount = 0
        var bucketBits = 0
        var sampleCount = 0
        var checksum: UInt64 = 0

        var decodedAt: Int { Self.byteCount }
        var stepsAt: Int { decodedAt + rounded(decodedCount) }
        var filterAt: Int { stepsAt + rounded(stepCount * MemoryLayout<DecodedJSON.Step>.stride) }
        var startsAt: Int { filterAt + rounded(8 << bucketBits) }
        var placesAt: Int { startsAt + rounded(((1 << bucketBits) + 1) * 4) }
        var tagsAt: Int { placesAt + rounded(sampleCount * 4) }
        var byteCount: Int { tagsAt + rounded(sampleCount) }

        private func rounded(_ count: Int) -> Int { (count + 15) & ~15 }

        var words: [UInt64] {
            [
                ContextIndex.magic, ContextIndex.version, UInt64(contextByteCount), form.rawValue, UInt64(decodedCount),
                UInt64(stepCount), UInt64(bucketBits), UInt64(sampleCount), checksum, UInt64(byteCount),
            ]
        }
    }

    let file: MappedFile
    let head: Head

    /// Nil where the bytes are no index of this version over a context of that size, or are damaged.
    ///
    /// - Parameter isChecked: whether they have been written just now.
    init?(_ file: MappedFile, contextByteCount: Int, form: Form, isChecked: Bool = false) {
        guard file.bytes.count >= Head.byteCount else { return nil }
        let words = (0..<10).map { file.bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        let limit = UInt64(file.bytes.count)
        guard words[0] == Self.magic, words[1] == Self.version, words[2] == UInt64(contextByteCount),
            words[3] == form.rawValue, words[9] == limit, (8...24).contains(words[6]),
            [4, 5, 7].allSatisfy({ words[$0] < limit })
        else { return nil }
        head = Head(
            contextByteCount: contextByteCount, form: form, decodedCount: Int(words[4]), stepCount: Int(words[5]),
            bucketBits: Int(words[6]), sampleCount: Int(words[7]), checksum: words[8])
        self.file = file
        guard head.byteCount == file.bytes.count else { return nil }
        if isChecked { return }
        guard head.checksum == Self.checksum(of: file.bytes), isInOrder else { return nil }
    }

    /// Whether all buckets lie within the samples, so that no look-up can leave the file.
    private var isInOrder: Bool {
        var last: UInt32 = 0
        for bucket in 0...(1 << head.bucketBits) {
            let start = self.start(of: bucket)
            if start < last { return false }
            last = start
        }
        return last == UInt32(truncatingIfNeeded: head.sampleCount)
    }

    @inline(__always)
    private func start(of bucket: Int) -> UInt32 {
        file.bytes.loadUnaligned(fromByteOffset: head.startsAt &+ bucket &* 4, as: UInt32.self)
    }

    @inline(__always)
    static func bucket(of key: UInt32, bits: Int) -> Int { Int(UInt64(key) &>> UInt64(32 &- bits)) }

    @inline(__always)
    static func tag(of key: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: key) }

    /// The bit of its bucket's filter that a sample sets: which of 64 parts of the bucket its key is in.
    @inline(__always)
    static func filterBit(of key: UInt32, bits: Int) -> UInt64 { 1 &<< UInt64((key &<< UInt32(bits)) &>> 26) }

    /// Whether there may be samples with a key; of seven keys that are not there, it says so of six.
    @inline(__always)
    func mayHave(_ key: UInt32) -> Bool {
        let bucket = Self.bucket(of: key, bits: head.bucketBits)
        let filter = file.bytes.loadUnaligned(fromByteOffset: head.filterAt &+ bucket &* 8, as: UInt64.self)
        return filter & Self.filterBit(of: key, bits: head.bucketBits) != 0
    }

    /// The samples among which those with a key are.
    @inline(__always)
    func bucket(of key: UInt32) -> Range<Int> {
        let bucket = Self.bucket(of: key, bits: head.bucketBits)
        return Int(start(of: bucket))..<Int(start(of: bucket &+ 1))
    }

    /// Where a sample of a bucket stands; nil where its key is another one.
    @inline(__always)
    func place(of sample: Int, key: UInt32) -> Int? {
        guard file.bytes[head.tagsAt &+ sample] == Self.tag(of: key) else { return nil }
        return Int(file.bytes.loadUnaligned(fromByteOffset: head.placesAt &+ sample &* 4, as: UInt32.self))
    }

    /// The decoded text.
    var decoded: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[head.decodedAt..<head.decodedAt + head.decodedCount])
    }

    /// Where a place of the sampled text is in the stored context.
    func stored(_ place: Int) -> Int {
        guard head.stepCount > 0 else { return place }
        var (low, high) = (0, head.stepCount)
        while low < high {
            let middle = (low + high) / 2
            if Int(step(middle).decoded) <= place { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return place }
        let step = step(low - 1)
        return Int(step.stored) + place - Int(step.decoded)
    }

    private func step(_ index: Int) -> DecodedJSON.Step {
        let at = head.stepsAt + index * MemoryLayout<DecodedJSON.Step>.stride
        return DecodedJSON.Step(
            decoded: file.bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self),
            stored: file.bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self))
    }

    /// Over everything behind the head, in four lanes, which a processor works on at the same time.
    static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var (a, b, c, d): (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)
        let prime: UInt64 = 0x9E37_79B9_7F4A_7C15
        var at = Head.byteCount
        func lane(_ sum: UInt64, _ offset: Int) -> UInt64 {
            let mixed = (sum ^ bytes.loadUnaligned(fromByteOffset: at &+ offset, as: UInt64.self)) &* prime
            return mixed ^ (mixed &>> 32)
        }
        while at &+ 32 <= bytes.count {
            a = lane(a, 0)
            b = lane(b, 8)
            c = lane(c, 16)
            d = lane(d, 24)
            at &+= 32
        }
        while at < bytes.count {
            a = (a ^ UInt64(bytes[at])) &* prime
            at &+= 1
        }
        return (((a &* prime) ^ b) &* prime ^ c) &* prime ^ d
    }
}
