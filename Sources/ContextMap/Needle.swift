// Looking for something in a context.
internal import Foundation

/// What is looked for in a context: a text as it stands there, or between slashes a regular expression.
package struct Needle: Sendable {
    private enum Kind: Sendable {
        case text([UInt8])
        case expression(String)
    }

    /// Bytes that an expression is tried on at a time; a match lies within a portion, which ends at a line's end.
    private static let portion = 1 << 20

    private let kind: Kind

    /// Throws `NeedleError`.
    package init(_ text: String) throws {
        guard text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") else {
            guard !text.isEmpty else {
                throw NeedleError(description: "there is nothing to look for: the text is empty")
            }
            kind = .text(Array(text.utf8))
            return
        }
        let expression = String(text.dropFirst().dropLast())
        do {
            _ = try NSRegularExpression(pattern: expression)
        } catch {
            throw NeedleError(
                description: "'\(text)' is no regular expression that can be read; between slashes stands one, such as "
                    + "/code: [0-9]+/, and a text without them is looked for as it is")
        }
        kind = .expression(expression)
    }

    /// Where it is in a context, in bytes of what is stored, ascending; `limit` places at the most.
    package func places(in context: MappedContext, limit: Int) -> [Range<Int>] {
        var found: Set<Range<Int>> = []
        for form in context.forms {
            for place in places(in: form.bytes, limit: limit) { found.insert(form.stored(place)) }
        }
        return Array(found.sorted { $0.lowerBound < $1.lowerBound }.prefix(limit))
    }

    func places(in bytes: UnsafeRawBufferPointer, limit: Int) -> [Range<Int>] {
        switch kind {
        case .text(let text): Self.places(of: text, in: bytes, limit: limit)
        case .expression(let expression): Self.places(matching: expression, in: bytes, limit: limit)
        }
    }

    private static func places(of text: [UInt8], in bytes: UnsafeRawBufferPointer, limit: Int) -> [Range<Int>] {
        let search = ByteSearch(text)
        var places: [Range<Int>] = []
        var from = 0
        while places.count < limit, let place = search.first(in: bytes, from: from) {
            places.append(place..<place + text.count)
            from = place + 1
        }
        return places
    }

    private static func places(
        matching expression: String, in bytes: UnsafeRawBufferPointer, limit: Int
    ) -> [Range<Int>] {
        guard let expression = try? NSRegularExpression(pattern: expression, options: .anchorsMatchLines) else {
            return []
        }
        var places: [Range<Int>] = []
        var from = 0
        while from < bytes.count, places.count < limit {
            let end = lineEnd(in: bytes, behind: min(bytes.count, from + portion))
            let text = String(decoding: bytes[from..<end], as: UTF8.self)
            for match in expression.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                guard match.range.length > 0, let range = Range(match.range, in: text) else { continue }
                let start = from + text.utf8.distance(from: text.startIndex, to: range.lowerBound)
                places.append(start..<start + text[range].utf8.count)
            }
            from = end
        }
        return Array(places.prefix(limit))
    }

    private static func lineEnd(in bytes: UnsafeRawBufferPointer, behind place: Int) -> Int {
        guard place < bytes.count, let base = bytes.baseAddress else { return bytes.count }
        guard let found = memchr(base + place, 0x0A, min(portion, bytes.count - place)) else {
            // A very long line is cut between characters.
            var cut = min(bytes.count, place + portion)
            while cut < bytes.count, bytes[cut] & 0xC0 == 0x80 { cut += 1 }
            return cut
        }
        return base.distance(to: UnsafeRawPointer(found)) + 1
    }
}

/// What cannot be looked for, and what to write in its place.
package struct NeedleError: Error, CustomStringConvertible {
    package let description: String
}
