// Texts without the carriage returns of their line ends.
internal import Foundation

/// The UTF-8 of a text in which each CRLF is an LF, and where its bytes were before.
struct NormalisedText {
    let bytes: [UInt8]
    /// Places in `bytes` of the line feeds that had a carriage return before them; empty for most texts.
    private let returned: [Int]
    /// Whether carriage returns are left: on their own, or several before a line feed.
    let hasReturns: Bool

    init(_ text: String) {
        var text = text
        var bytes: [UInt8] = []
        var returned: [Int] = []
        var hasReturns = false
        text.withUTF8 { utf8 in
            guard let base = utf8.baseAddress, memchr(base, 0x0D, utf8.count) != nil else {
                bytes = Array(utf8)
                return
            }
            bytes.reserveCapacity(utf8.count)
            var place = 0
            while let found = memchr(base + place, 0x0D, utf8.count - place) {
                let at = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
                bytes.append(contentsOf: utf8[place..<at])
                if at + 1 < utf8.count, utf8[at + 1] == 0x0A {
                    returned.append(bytes.count)
                } else {
                    hasReturns = true
                    bytes.append(0x0D)
                }
                place = at + 1
            }
            bytes.append(contentsOf: utf8[place...])
        }
        (self.bytes, self.returned, self.hasReturns) = (bytes, returned, hasReturns)
    }

    /// Where a stretch of `bytes` stands in the text's own UTF-8. The carriage return belongs to its line feed.
    func original(_ range: Range<Int>) -> Range<Int> {
        range.lowerBound + returns(before: range.lowerBound)..<range.upperBound + returns(before: range.upperBound)
    }

    private func returns(before place: Int) -> Int {
        var (low, high) = (0, returned.count)
        while low < high {
            let middle = (low + high) / 2
            if returned[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
