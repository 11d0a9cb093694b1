// A context as lines on a screen.
internal import Foundation
internal import Synchronization

/// A line of a context as a screen has it, or a part of a line that is very long.
package struct ContextLine: Hashable, Sendable {
    /// In bytes of the stored context, the line end left out.
    package let range: Range<Int>
    package let text: String
}

/// Finds lines from any byte of a context on, as fast in 500 MB as in 5 kB: nothing is read but what is near.
package final class ContextLines: Sendable {
    /// Bytes beyond which a line goes on as another.
    static let longest = 1024
    /// How far back the beginning of a line is looked for.
    private static let reach = 1 << 16
    /// Line ends are counted in portions, each once.
    private static let portion = 1 << 20

    private let file: MappedFile
    /// Line ends before the end of each portion that was counted.
    private let counts = Mutex<[Int]>([])

    package init(_ context: MappedContext) { file = context.file }

    private var bytes: UnsafeRawBufferPointer { file.bytes }
    package var byteCount: Int { file.bytes.count }

    /// Lines from the one that holds a byte on: `before` of those in front of it as well, where there are so many.
    /// - Returns: The lines, and which of them holds the byte.
    package func lines(around byte: Int, before: Int, behind: Int) -> (lines: [ContextLine], current: Int) {
        guard byteCount > 0 else { return ([], 0) }
        var first = start(holding: min(max(0, byte), byteCount - 1))
        var lead: [Int] = []
        var start = first
        while lead.count < before, start > 0 {
            start = self.start(holding: start - 1)
            lead.append(start)
        }
        let current = lead.count
        var lines: [ContextLine] = lead.reversed().map(line)
        while lines.count < current + behind + 1, first < byteCount {
            lines.append(line(first))
            first = next(first)
        }
        return (lines, current)
    }

    private func line(_ start: Int) -> ContextLine {
        var end = next(start)
        if end > start, bytes[end - 1] == 0x0A { end -= 1 }
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        return ContextLine(range: start..<end, text: file.text(start..<end))
    }

    /// Where the line behind the one that begins at a byte begins.
    private func next(_ start: Int) -> Int {
        let limit = min(byteCount, start + Self.longest)
        guard let base = bytes.baseAddress, start < limit else { return byteCount }
        if let found = memchr(base + start, 0x0A, limit - start) {
            return base.distance(to: UnsafeRawPointer(found)) + 1
        }
        return whole(limit)
    }

    /// The beginning of the character that a byte is in.
    private func whole(_ byte: Int) -> Int {
        var byte = byte
        while byte > 0, byte < byteCount, bytes[byte] & 0xC0 == 0x80 { byte -= 1 }
        return byte
    }

    /// Where the line that holds a byte begins. Far behind the last line end, lines begin where they are counted from.
    private func start(holding byte: Int) -> Int {
        var start = byte
        let limit = max(0, byte - Self.reach)
        while start > limit, bytes[start - 1] != 0x0A { start -= 1 }
        start = whole(start)
        while true {
            let end = next(start)
            if end > byte || end <= start { return start }
            start = end
        }
    }

    /// The number of the line that holds a byte, from 1.
    package func number(of byte: Int) -> Int {
        let byte = min(max(0, byte), byteCount)
        let portion = byte / Self.portion
        let before = counts.withLock { counts -> Int in
            while counts.count < portion {
                let start = counts.count * Self.portion
                counts.append((counts.last ?? 0) + lineEnds(in: start..<start + Self.portion))
            }
            return portion > 0 ? counts[portion - 1] : 0
        }
        return before + lineEnds(in: portion * Self.portion..<byte) + 1
    }

    private func lineEnds(in range: Range<Int>) -> Int {
        let part = UnsafeRawBufferPointer(rebasing: bytes[range])
        return part.reduce(into: 0) { count, byte in count &+= byte == 0x0A ? 1 : 0 }
    }
}
