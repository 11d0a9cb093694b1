// Which short stretches of a text are sampled: a fingerprint that any two copies of the same text share.

/// Twelve bytes of a text, and how they are sampled.
///
/// The method is winnowing (Schleimer, Wilkerson, Aiken: *Winnowing: Local Algorithms for Document Fingerprinting*,
/// SIGMOD 2003). Every gram of `length` bytes has a rank that only its bytes decide. Of each `window` consecutive grams
/// the one with the lowest rank is a sample, the last of them where several have it. What is sampled depends on nothing
/// outside the window, so two texts that share `reach` bytes share a sample in them, at the same place. About one gram in
/// seven is a sample.
enum Gram {
    /// Bytes of a gram.
    static let length = 12
    /// Consecutive grams of which one is a sample.
    static let window = 13
    /// Bytes of a window: a stretch of as many bytes has a sample that lies within it whole.
    static let reach = length + window - 1

    /// All bits of a gram, mixed. The upper half is its rank.
    @inline(__always)
    static func mix(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawPointer(bytes)
        let first = raw.loadUnaligned(as: UInt64.self)
        let last = UInt64(raw.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        var mixed = (first &* 0x9E37_79B9_7F4A_7C15) &+ (last &* 0xC2B2_AE3D_27D4_EB4F)
        mixed ^= mixed &>> 29
        return mixed &* 0xBF58_476D_1CE4_E5B9
    }

    /// What a sample is found by. Ranks of samples are low, all of them; this is spread evenly.
    @inline(__always)
    static func key(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
        let low = mix(bytes) & 0xFFFF_FFFF
        let mixed = (low ^ (low &>> 15)) &* 0x94D0_49BB_1331_11EB
        return UInt32(truncatingIfNeeded: mixed &>> 32)
    }

    /// Windows that are looked at in one go; what is worked on fits the processor's nearest cache.
    static let portion = 1024

    /// Finds the samples of the windows that begin in `0..<windows`.
    ///
    /// - Parameters:
    ///   - bytes: `windows + reach - 1` of them.
    ///   - windows: from 1 to `portion`.
    ///   - ranks: room for `portion + window` values.
    ///   - samples: room for `portion` places.
    /// - Returns: How many samples were put into `samples`: places of grams, ascending, each once.
    static func sample(
        _ bytes: UnsafePointer<UInt8>, windows: Int, ranks: UnsafeMutablePointer<UInt64>,
        into samples: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let grams = windows + window - 1
        // A rank above its place, counted backwards: the least of them is the lowest rank, and the last of equals.
        var place = 0
        while place < grams {
            ranks[place] =
                (mix(bytes + place) & 0xFFFF_FFFF_0000_0000) | UInt64(0xFFFF_FFFF &- UInt32(truncatingIfNeeded: place))
            place &+= 1
        }
        // The least of 2, 4, 8 and then 13 neighbours, without a branch that would have to be guessed.
        least(ranks, count: grams - 1, step: 1)
        least(ranks, count: grams - 3, step: 2)
        least(ranks, count: grams - 7, step: 4)
        least(ranks, count: windows, step: window - 8)
        var count = 0
        var last = UInt32.max
        place = 0
        while place < windows {
            let found = 0xFFFF_FFFF &- UInt32(truncatingIfNeeded: ranks[place])
            samples[count] = found
            count &+= found == last ? 0 : 1
            last = found
            place &+= 1
        }
        return count
    }

    @inline(__always)
    private static func least(_ ranks: UnsafeMutablePointer<UInt64>, count: Int, step: Int) {
        var place = 0
        while place < count {
            ranks[place] = min(ranks[place], ranks[place &+ step])
            place &+= 1
        }
    }
}
