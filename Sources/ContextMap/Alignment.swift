// How far a text and a context agree around a place.

/// The bytes of a context, or of its decoded form, beside the normalised bytes of a text. Line ends of the context count
/// as LF; the carriage return belongs to its line feed. Matches are cut to whole characters.
struct Alignment {
    let context: UnsafePointer<UInt8>
    let contextCount: Int
    let text: UnsafePointer<UInt8>
    let textCount: Int
    /// Whether the text has carriage returns of its own, which rules out comparing many bytes at a time.
    let isStrict: Bool

    /// A stretch that both have.
    struct Match {
        var text: Range<Int>
        var context: Range<Int>
    }

    @inline(__always)
    private func word(_ bytes: UnsafePointer<UInt8>, _ place: Int) -> UInt64 {
        UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    private func isReturn(_ place: Int, _ limit: Int) -> Bool {
        context[place] == 0x0D && place &+ 1 < limit && context[place &+ 1] == 0x0A
    }

    /// The ends behind which they differ, from places that stand for the same character.
    func end(_ contextStart: Int, _ textStart: Int, limit: Int) -> (context: Int, text: Int) {
        var (c, t) = (contextStart, textStart)
        if !isStrict {
            while true {
                while t &+ 8 <= textCount, c &+ 8 <= limit {
                    let difference = word(context, c) ^ word(text, t)
                    if difference != 0 {
                        let equal = difference.trailingZeroBitCount &>> 3
                        c &+= equal
                        t &+= equal
                        break
                    }
                    c &+= 8
                    t &+= 8
                }
                while t < textCount, c < limit, context[c] == text[t] {
                    c &+= 1
                    t &+= 1
                }
                // The text has no carriage returns, so here is where a line end of two bytes shows.
                guard t < textCount, c < limit, isReturn(c, limit), text[t] == 0x0A else { return (c, t) }
                c &+= 1
            }
        }
        while t < textCount, c < limit {
            let next = isReturn(c, limit) ? c &+ 1 : c
            guard context[next] == text[t] else { break }
            c = next &+ 1
            t &+= 1
        }
        return (c, t)
    }

    /// The beginnings before which they differ.
    func beginning(_ contextStart: Int, _ textStart: Int, limit: Int) -> (context: Int, text: Int) {
        var (c, t) = (contextStart, textStart)
        while true {
            if c > limit, context[c &- 1] == 0x0D, context[c] == 0x0A { c &-= 1 }
            if !isStrict {
                while t >= 8, c &- 8 >= limit {
                    let difference = word(context, c &- 8) ^ word(text, t &- 8)
                    let equal = difference.leadingZeroBitCount &>> 3
                    c &-= equal
                    t &-= equal
                    if equal < 8 { break }
                }
            }
            guard t > 0, c > limit, context[c &- 1] == text[t &- 1] else {
                // Many bytes at a time may have come to rest behind the return of a line end.
                if c > limit, context[c &- 1] == 0x0D, context[c] == 0x0A {
                    if isStrict { return (c, t) }
                    c &-= 1
                    continue
                }
                return (c, t)
            }
            c &-= 1
            t &-= 1
        }
    }

    /// Without the parts of characters at the ends.
    func whole(_ begin: (context: Int, text: Int), _ end: (context: Int, text: Int)) -> Match? {
        var (begin, end) = (begin, end)
        while begin.text < end.text, text[begin.text] & 0xC0 == 0x80 {
            begin.text += 1
            begin.context += 1
        }
        while end.text > begin.text, end.text < textCount, text[end.text] & 0xC0 == 0x80 {
            end.text -= 1
            end.context -= 1
        }
        guard begin.text < end.text, begin.context < end.context else { return nil }
        return Match(text: begin.text..<end.text, context: begin.context..<end.context)
    }

    /// Whether a stretch of the text has enough characters to say where it is from.
    func isLong(_ range: Range<Int>) -> Bool {
        let least = SliceMatcher.leastCharacters
        guard range.count >= least else { return false }
        if range.count >= least * 4 { return true }
        var characters = 0
        for place in range where text[place] & 0xC0 != 0x80 { characters += 1 }
        return characters >= least
    }
}
