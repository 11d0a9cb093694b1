/// Text made of what a terminal would obey or stumble over, the same for the same seed.
package struct HostileText: Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A text of up to `pieceLimit` pieces.
    package mutating func next(pieceLimit: Int = 8) -> String {
        var text = ""
        for _ in 0..<(1 + number(below: pieceLimit)) { text += piece() }
        return text
    }

    private mutating func piece() -> String {
        switch number(below: 16) {
        case 0: return Self.sequences[number(below: Self.sequences.count)]
        case 1: return scalar(in: 0...0x1F)
        case 2: return scalar(in: 0x7F...0x9F)
        case 3: return scalar(in: 0x200B...0x200F) + scalar(in: 0x202A...0x202E)
        case 4: return scalar(in: 0x2060...0x206F)
        case 5: return "a" + String(repeating: scalar(in: 0x300...0x36F), count: number(below: 40))
        case 6: return scalar(in: 0xFE00...0xFE0F) + scalar(in: 0xE0100...0xE01EF)
        case 7: return scalar(in: 0xE0000...0xE007F)
        case 8: return scalar(in: 0xE000...0xF8FF)
        case 9: return scalar(in: 0x1F300...0x1FAFF) + "\u{200D}" + scalar(in: 0x1F300...0x1FAFF)
        case 10: return scalar(in: 0x1F1E6...0x1F1FF) + scalar(in: 0x1F1E6...0x1F1FF)
        case 11: return scalar(in: 0x4E00...0x9FFF) + scalar(in: 0x1100...0x11FF)
        case 12: return scalar(in: 0...0xD7FF)
        case 13: return scalar(in: 0x10000...0x10FFFF)
        case 14: return scalar(in: 0x590...0xFFF)
        default: return ["plain ", "word", "\r\n", "\t", "\u{2028}", "\u{FEFF}", "é", "한"][number(below: 8)]
        }
    }

    private mutating func scalar(in range: ClosedRange<UInt32>) -> String {
        let value = range.lowerBound + UInt32(number(below: range.count))
        return Unicode.Scalar(value).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    private mutating func number(below limit: Int) -> Int { Int(random() % UInt64(limit)) }

    /// SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private static let sequences = [
        "\u{1B}[2J", "\u{1B}[31m", "\u{1B}]52;c;cm0gLXJmIC8=\u{7}", "\u{1B}]0;title\u{7}", "\u{1B}]8;;http://x\u{1B}\\",
        "\u{1B}P+q544e\u{1B}\\", "\u{1B}[?1049l", "\u{1B}[6n", "\u{1B}c", "\u{1B}", "\u{9B}31m", "\u{9D}0;x\u{9C}",
        "\u{1B}[99999999999999999999m", "\u{1B}[>c", "\u{1B}_x\u{1B}\\", "\u{1B}#8", "\u{1B}(0", "\u{E}", "\u{F}",
        "\u{1B}[20l", "\u{1B}[\u{1B}[\u{1B}[", "\u{90}", "\u{98}", "\u{9F}",
    ]
}
