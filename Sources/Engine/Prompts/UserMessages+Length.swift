/// Cuts long texts for a model. Lengths are in Unicode scalars, as Python's `len` counts them, so that what the model is told
/// fits what it finds in its REPL. An output can have 64 MB: nothing here looks at a text character by character.
extension UserMessages {
    /// Unicode scalars of a text.
    static func length(_ text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var continuations = 0
            var start = 0
            // Eight bytes at a time: those whose upper bits are 10 begin no scalar.
            let raw = UnsafeRawBufferPointer(bytes)
            while start + 8 <= raw.count {
                let word = raw.loadUnaligned(fromByteOffset: start, as: UInt64.self)
                continuations += (word & (~word << 1) & 0x8080_8080_8080_8080).nonzeroBitCount
                start += 8
            }
            while start < raw.count {
                if raw[start] & 0xC0 == 0x80 { continuations += 1 }
                start += 1
            }
            return raw.count - continuations
        }
    }

    /// Keeps the beginning and the end of a text that is longer than `limit`, and says between them how much is missing.
    ///
    /// - Returns: `limit` Unicode scalars at most.
    static func cut(_ text: String, to limit: Int) -> String {
        // No text has more scalars than bytes.
        guard text.utf8.count > limit else { return text }
        let length = length(text)
        guard length > limit else { return text }
        let kept = max(0, limit - 80)
        let scalars = text.unicodeScalars
        let head = scalars.prefix(kept / 2)
        let tail = scalars.suffix(kept - kept / 2)
        return String(head) + "\n… \(length - kept) characters are cut here …\n" + String(tail)
    }
}
