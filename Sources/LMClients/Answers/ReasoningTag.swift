/// A tag that models put around what they think: `<think>`, `</reasoning>`, `[THINK]`.
struct ReasoningTag: Equatable {
    enum Kind { case opening, closing, empty }

    var kind: Kind
    /// Tags with the same number belong together.
    var family: Int
    /// UTF-8 bytes.
    var length: Int

    enum Reading: Equatable {
        case tag(ReasoningTag)
        case none
        /// What is there may become a tag.
        case unfinished
    }

    /// Names between angle brackets, in lower case. Longer ones go before those that they begin with.
    private static let names = [
        "thinking_process", "thinking", "thoughts", "thought_process", "thought", "think", "reasoning_content",
        "reasoning", "reason", "reflection", "scratchpad", "seed:think", "longcat_think", "antthinking",
        "inner_monologue", "internal_monologue", "inner_thoughts", "internal_thoughts", "chain_of_thought",
    ].map { Array($0.utf8) }

    /// Pairs that are written as they are, but for case.
    private static let pairs: [(opening: [UInt8], closing: [UInt8])] = [
        ("[think]", "[/think]"), ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("<|start_thinking|>", "<|end_thinking|>"), ("◁think▷", "◁/think▷"), ("<|think|>", "<|/think|>"),
        // OpenAI's open models, where the server leaves their channels in the text.
        ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
        ("<|start|>assistant<|channel|>analysis<|message|>", "<|start|>assistant<|channel|>final<|message|>"),
        ("<|channel|>commentary<|message|>", "<|channel|>final<|message|>"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    /// The longest that attributes may be.
    private static let maxAttributes = 200

    /// Whether a byte can begin a tag.
    static func canBegin(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "<") || byte == UInt8(ascii: "[") || byte == 0xe2
    }

    /// Reads a tag at the beginning of `bytes`.
    static func read(_ bytes: ArraySlice<UInt8>) -> Reading {
        var isUnfinished = false
        for (index, pair) in pairs.enumerated() {
            for (word, kind) in [(pair.opening, Kind.opening), (pair.closing, .closing)] {
                switch match(word, in: bytes) {
                case .whole: return .tag(ReasoningTag(kind: kind, family: names.count + index, length: word.count))
                case .begun: isUnfinished = true
                case .none: break
                }
            }
        }
        let reading = readElement(bytes)
        return reading == .none && isUnfinished ? .unfinished : reading
    }

    private static func readElement(_ bytes: ArraySlice<UInt8>) -> Reading {
        guard bytes.first == UInt8(ascii: "<") else { return .none }
        var rest = bytes.dropFirst()
        let isClosing = rest.first == UInt8(ascii: "/")
        if isClosing { rest = rest.dropFirst() }
        var isUnfinished = rest.isEmpty
        for (family, name) in names.enumerated() {
            switch match(name, in: rest) {
            case .begun: isUnfinished = true
            case .none: break
            case .whole:
                let tail = rest.dropFirst(name.count)
                guard let next = tail.first else {
                    isUnfinished = true
                    continue
                }
                if next == UInt8(ascii: ">") {
                    let kind: Kind = isClosing ? .closing : .opening
                    return .tag(
                        ReasoningTag(kind: kind, family: family, length: tail.startIndex + 1 - bytes.startIndex))
                }
                guard next == 0x20 || next == 0x09 || next == UInt8(ascii: "/") else { continue }
                return readAttributes(tail, of: bytes, family: family, isClosing: isClosing)
            }
        }
        return isUnfinished ? .unfinished : .none
    }

    private static func readAttributes(
        _ tail: ArraySlice<UInt8>, of bytes: ArraySlice<UInt8>, family: Int, isClosing: Bool
    ) -> Reading {
        for index in tail.indices {
            if index - tail.startIndex > maxAttributes { return .none }
            switch tail[index] {
            case UInt8(ascii: ">"):
                let isEmpty = tail[index - 1] == UInt8(ascii: "/")
                let kind: Kind = isClosing ? .closing : isEmpty ? .empty : .opening
                return .tag(ReasoningTag(kind: kind, family: family, length: index + 1 - bytes.startIndex))
            case UInt8(ascii: "<"), 0x0a, 0x0d: return .none
            default: break
            }
        }
        return .unfinished
    }

    private enum Match { case whole, begun, none }

    /// Compares with a word in lower case.
    private static func match(_ word: [UInt8], in bytes: ArraySlice<UInt8>) -> Match {
        for (expected, byte) in zip(word, bytes) {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if (isCapital ? byte | 0x20 : byte) != expected { return .none }
        }
        return bytes.count >= word.count ? .whole : .begun
    }
}
