// A long text cut into lines without copying it. Ten megabytes are indexed in milliseconds; a line is read when it is
// drawn.

/// A text and where its lines begin. A very long line counts as several, so that drawing one stays cheap.
package struct TextLines: Sendable {
    /// A line longer than this is cut, in bytes, at a space where there is one.
    static let longestLine = 4_096

    package let text: String
    /// UTF-8 offsets.
    private let starts: [Int]
    private let byteCount: Int

    package init(_ source: String) {
        var text = source
        text.makeContiguousUTF8()
        var starts: [Int] = []
        var byteCount = 0
        text.withUTF8 { bytes in
            byteCount = bytes.count
            starts.reserveCapacity(bytes.count / 64 + 1)
            var start = 0
            var lastSpace = 0
            starts.append(0)
            for index in 0..<bytes.count {
                let byte = bytes[index]
                if byte == 0x0A {
                    if index + 1 < bytes.count { starts.append(index + 1) }
                    start = index + 1
                } else if byte == 0x20 {
                    lastSpace = index
                }
                // Bytes 10xxxxxx continue a scalar, which must not be torn.
                if index - start >= Self.longestLine, byte & 0xC0 != 0x80, byte != 0x0A {
                    let cut = lastSpace > start + Self.longestLine / 2 ? lastSpace + 1 : index
                    starts.append(cut)
                    start = cut
                }
            }
        }
        self.text = text
        self.starts = byteCount == 0 ? [] : starts
        self.byteCount = byteCount
    }

    package var count: Int { starts.count }

    /// A line without its end (`\n` or `\r\n`).
    package func line(_ number: Int) -> Substring {
        let range = bytes(of: number)
        var start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
        let end = text.utf8.index(start, offsetBy: range.count)
        var line = text.utf8[start..<end]
        if line.last == 0x0A { line.removeLast() }
        if line.last == 0x0D { line.removeLast() }
        start = line.startIndex
        return Substring(line)
    }

    /// Whether a line is the rest of the one before it, which was too long.
    package func isContinuation(_ number: Int) -> Bool {
        guard number > 0 else { return false }
        let before = text.utf8.index(text.startIndex, offsetBy: starts[number] - 1)
        return text.utf8[before] != 0x0A
    }

    /// The UTF-8 bytes of a line, its end included.
    func bytes(of number: Int) -> Range<Int> {
        starts[number]..<(number + 1 < starts.count ? starts[number + 1] : byteCount)
    }

    /// The line that holds a UTF-8 offset.
    func line(holding offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The first line at or after `line` that holds the pattern (or the last one at or before it, backwards); nil
    /// when none does.
    package func line(matching pattern: SearchPattern, from line: Int, backwards: Bool) -> Int? {
        guard count > 0, !pattern.isEmpty else { return nil }
        if backwards {
            guard line >= 0 else { return nil }
            let end = bytes(of: min(line, count - 1)).upperBound
            return pattern.lastMatch(in: text, bytes: 0..<end).map { self.line(holding: $0) }
        }
        guard line < count else { return nil }
        return pattern.firstMatch(in: text, bytes: bytes(of: max(0, line)).lowerBound..<byteCount)
            .map { self.line(holding: $0) }
    }
}
