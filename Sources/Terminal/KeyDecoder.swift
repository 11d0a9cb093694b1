/// Bytes from a terminal as keys; pure, and without a bound on what the bytes may be.
///
/// What is not a key (answers to queries, focus reports, broken UTF-8, unknown sequences) is dropped.
struct KeyDecoder {
    /// Bytes of a paste beyond this are dropped.
    static let pasteLimit = 1 << 20
    private static let sequenceLimit = 64

    private var pending: [UInt8] = []
    private var paste: [UInt8]?

    /// Whether a sequence has begun that the next bytes may continue. A lone ESC is the escape key only if nothing
    /// follows for a moment; then `flush`.
    var isWaiting: Bool { !pending.isEmpty && paste == nil }

    /// Whether a paste has begun whose end has not come. A terminal that forgets the end must not take the keys with
    /// it: a paste is over when nothing follows for a while; then `flush`.
    var isPasting: Bool { paste != nil }

    mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        var index = 0
        while index < pending.count {
            let step = paste == nil ? key(at: index, isFinal: false) : pasteStep(at: index)
            guard let step else { break }
            index += step.length
            if let key = step.key { keys.append(key) }
        }
        pending.removeFirst(index)
        return keys
    }

    /// Nothing followed: what has come so far is all there is.
    mutating func flush() -> [Key] {
        if paste != nil {
            keep(pending[...])
            pending = []
            return [endOfPaste()]
        }
        var keys: [Key] = []
        var index = 0
        while index < pending.count {
            guard let step = key(at: index, isFinal: true) else { break }
            index += step.length
            if let key = step.key { keys.append(key) }
        }
        pending = []
        return keys
    }

    private typealias Step = (length: Int, key: Key?)

    /// Nil where more bytes are needed.
    private mutating func key(at index: Int, isFinal: Bool) -> Step? {
        let byte = pending[index]
        switch byte {
        case 0x1B: return escape(at: index, isFinal: isFinal)
        case 0x00..<0x20, 0x7F: return (1, Self.control(byte))
        default: return character(at: index, isFinal: isFinal).map { ($0.length, $0.scalar.map { .character($0) }) }
        }
    }

    private static func control(_ byte: UInt8) -> Key {
        switch byte {
        case 0: .control(" ")
        case 8, 0x7F: .backspace
        case 9: .tab
        case 10, 13: .enter
        case 0x1B: .escape
        case 1...26: .control(Character(Unicode.Scalar(byte + 0x60)))
        default: .control(Character(Unicode.Scalar(byte + 0x40)))
        }
    }

    private func character(at index: Int, isFinal: Bool) -> (length: Int, scalar: Character?)? {
        let byte = pending[index]
        let length =
            switch byte {
            case ..<0x80: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard length > 0 else { return (1, nil) }
        let tail = pending[(index + 1)..<min(index + length, pending.count)]
        guard tail.allSatisfy({ $0 & 0xC0 == 0x80 }) else { return (1, nil) }
        guard tail.count == length - 1 else { return isFinal ? (tail.count + 1, nil) : nil }
        let text = String(decoding: pending[index..<(index + length)], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first, scalar != "\u{FFFD}", !(0x80..<0xA0).contains(scalar.value)
        else { return (length, nil) }
        return (length, Character(scalar))
    }

    private mutating func escape(at index: Int, isFinal: Bool) -> Step? {
        guard index + 1 < pending.count else { return isFinal ? (1, .escape) : nil }
        switch pending[index + 1] {
        case UInt8(ascii: "["): return controlSequence(at: index, isFinal: isFinal)
        case UInt8(ascii: "O"):
            guard index + 2 < pending.count else { return isFinal ? (2, .alt("O")) : nil }
            guard let key = Self.applicationKeys[pending[index + 2]] else { return (2, .alt("O")) }
            return (3, key)
        case 0x00..<0x20, 0x7F: return (1, .escape)
        default:
            return character(at: index + 1, isFinal: isFinal).map { ($0.length + 1, $0.scalar.map { .alt($0) }) }
        }
    }

    /// `ESC [` parameters, intermediates, a final byte (ECMA-48, 5.4).
    private mutating func controlSequence(at index: Int, isFinal: Bool) -> Step? {
        var end = index + 2
        if end < pending.count, pending[end] == UInt8(ascii: "[") {
            // The Linux console's F1 to F5: ESC [ [ A.
            guard end + 1 < pending.count else { return isFinal ? (3, nil) : nil }
            let number = Int(pending[end + 1]) - 64
            return (4, (1...5).contains(number) ? .function(number) : nil)
        }
        while end < pending.count, (0x20...0x3F).contains(pending[end]), end - index < Self.sequenceLimit { end += 1 }
        guard end < pending.count else {
            guard isFinal else { return nil }
            return end == index + 2 ? (2, .alt("[")) : (end - index, nil)
        }
        let final = pending[end]
        // Broken off: what stands here begins something else.
        guard (0x40...0x7E).contains(final) else { return (end - index, nil) }
        let body = pending[(index + 2)..<end]
        if final == UInt8(ascii: "M"), body.isEmpty {
            // The old mouse protocol: three bytes follow.
            guard end + 3 < pending.count else { return isFinal ? (pending.count - index, nil) : nil }
            let bytes = pending[(end + 1)...(end + 3)].map { Int($0) - 32 }
            return (end - index + 4, Self.mouse(bytes[0], x: bytes[1], y: bytes[2], isRelease: bytes[0] & 3 == 3))
        }
        let length = end - index + 1
        if body.first == UInt8(ascii: "<") {
            let numbers = Self.numbers(body.dropFirst())
            guard numbers.count == 3, final == UInt8(ascii: "M") || final == UInt8(ascii: "m") else {
                return (length, nil)
            }
            return (
                length, Self.mouse(numbers[0], x: numbers[1], y: numbers[2], isRelease: final == UInt8(ascii: "m"))
            )
        }
        guard body.first.map({ $0 < 0x3C }) ?? true else { return (length, nil) }
        let numbers = Self.numbers(body)
        if final == UInt8(ascii: "~") {
            if numbers.first == 200 { paste = [] }
            return (length, numbers.first.flatMap { Self.numberedKeys[$0] })
        }
        return (length, Self.letterKeys[final])
    }

    private static func numbers(_ bytes: some Sequence<UInt8>) -> [Int] {
        String(decoding: Array(bytes), as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
            .map { Int($0) ?? 0 }
    }

    /// Button codes of xterm's "Mouse Tracking"; x and y count from 1.
    private static func mouse(_ code: Int, x: Int, y: Int, isRelease: Bool) -> Key? {
        guard x >= 1, y >= 1 else { return nil }
        let kind: MouseEvent.Kind
        if code & 64 != 0 {
            switch code & 3 {
            case 0: kind = .wheelUp
            case 1: kind = .wheelDown
            default: return nil
            }
            if isRelease && code & 3 != 3 { return nil }
        } else if code & 32 != 0 {
            guard code & 3 != 3 else { return nil }
            kind = .drag
        } else if isRelease {
            kind = .release
        } else {
            switch code & 3 {
            case 0: kind = .press
            case 1: kind = .middlePress
            case 2: kind = .rightPress
            default: kind = .release
            }
        }
        return .mouse(MouseEvent(kind: kind, x: x - 1, y: y - 1))
    }

    /// A piece of a paste, up to `ESC [ 201 ~`.
    private mutating func pasteStep(at index: Int) -> Step? {
        let terminator: [UInt8] = [0x1B, 0x5B, 0x32, 0x30, 0x31, 0x7E]
        let rest = pending[index...]
        guard let escape = rest.firstIndex(of: 0x1B) else {
            keep(rest)
            return (rest.count, nil)
        }
        if escape > index {
            keep(rest[..<escape])
            return (escape - index, nil)
        }
        let head = rest.prefix(terminator.count)
        if head.elementsEqual(terminator) {
            return (terminator.count, endOfPaste())
        }
        if head.count < terminator.count && head.elementsEqual(terminator.prefix(head.count)) { return nil }
        keep(rest.prefix(1))
        return (1, nil)
    }

    private mutating func endOfPaste() -> Key {
        // Line ends by bytes: going through a megabyte by characters would hold up the keys behind it.
        var lines: [UInt8] = []
        lines.reserveCapacity(paste?.count ?? 0)
        var isAfterReturn = false
        for byte in paste ?? [] {
            if !(byte == 10 && isAfterReturn) { lines.append(byte == 13 ? 10 : byte) }
            isAfterReturn = byte == 13
        }
        paste = nil
        return .paste(String(decoding: lines, as: UTF8.self))
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        let room = Self.pasteLimit - (paste?.count ?? 0)
        if room > 0 { paste?.append(contentsOf: bytes.prefix(room)) }
    }

    private static let letterKeys: [UInt8: Key] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end, UInt8(ascii: "Z"): .backTab,
        UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2), UInt8(ascii: "S"): .function(4),
    ]

    private static let applicationKeys: [UInt8: Key] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "H"): .home, UInt8(ascii: "F"): .end, UInt8(ascii: "M"): .enter,
        UInt8(ascii: "P"): .function(1), UInt8(ascii: "Q"): .function(2), UInt8(ascii: "R"): .function(3),
        UInt8(ascii: "S"): .function(4),
    ]

    private static let numberedKeys: [Int: Key] = {
        var keys: [Int: Key] = [
            1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
        ]
        let functions = [11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34]
        for (index, number) in functions.enumerated() { keys[number] = .function(index + 1) }
        return keys
    }()
}
