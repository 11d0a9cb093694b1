import Trajectory

/// What a prompt comes to in tokens, before anybody has counted it.
enum TokenEstimate {
    /// About as many as tokenizers make of it: four bytes of plain text a token, a digit each, and two bytes of
    /// everything beyond ASCII.
    static func likely(_ text: String) -> Int { (quarters(text) + 3) / 4 }

    static func likely(_ messages: [Message]) -> Int {
        (messages.reduce(0) { $0 + quarters($1.content) } + 3) / 4
    }

    /// As many as no tokenizer goes beyond: a byte each, and room for what a template puts around the messages.
    static func most(_ messages: [Message]) -> Int {
        messages.reduce(32) { $0 + $1.content.utf8.count + 16 }
    }

    /// In quarters of a token.
    private static func quarters(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var sum = bytes.count
            for byte in bytes {
                if byte >= 0x80 { sum += 1 } else if byte &- 0x30 < 10 { sum += 3 }
            }
            return sum
        }
    }
}
