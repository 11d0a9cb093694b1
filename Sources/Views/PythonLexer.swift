// Colours for Python, a line at a time. What a model writes need not be Python at all, so nothing here can fail: what
// makes no sense is plain text, and a string that never ends is a string to the end.

import Terminal

/// Splits lines of Python into spans, and carries what is open from one line to the next.
package struct PythonLexer: Sendable {
    /// What is open at the beginning of a line.
    package enum State: Hashable, Sendable {
        case code
        /// Inside a string that goes over lines.
        case string(OpenString)
    }

    package struct OpenString: Hashable, Sendable {
        var quote: UInt8
        var isTriple: Bool
        var isRaw: Bool
        var isFormatted: Bool
    }

    package private(set) var state: State = .code

    package init(state: State = .code) { self.state = state }

    /// Spans of a line without its end; together they are the line.
    package mutating func spans(of line: String) -> [Span] {
        var scanner = Scanner(bytes: Array(line.utf8), state: state)
        scanner.run()
        state = scanner.state
        return scanner.spans
    }
}

/// One line being read. Every cut falls on an ASCII byte, so no scalar is torn.
private struct Scanner {
    let bytes: [UInt8]
    var state: PythonLexer.State
    var spans: [Span] = []
    private var position = 0
    private var isAfterDefinition = false
    private var isAfterDot = false

    init(bytes: [UInt8], state: PythonLexer.State) {
        self.bytes = bytes
        self.state = state
    }

    mutating func run() {
        if case .string(let open) = state { string(open, from: 0) }
        while position < bytes.count { token() }
        // A string with one quote ends with its line unless a backslash carries it on.
        if case .string(let open) = state, !open.isTriple, bytes.last != UInt8(ascii: "\\") { state = .code }
    }

    private mutating func emit(_ end: Int, _ role: Role) {
        guard end > position else { return }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        if spans.last?.role == role { spans[spans.count - 1].text += text } else { spans.append(Span(text, role)) }
        position = end
    }

    private mutating func token() {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "#"): emit(bytes.count, .codeComment)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): begin(prefix: 0)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
        case UInt8(ascii: "."):
            if let next = byteAfter(position), Self.isDigit(next), !isAfterName { return number() }
            emit(position + 1, .text)
            isAfterDot = true
        case UInt8(ascii: "@") where spans.allSatisfy({ $0.text.allSatisfy(\.isWhitespace) }):
            var end = position + 1
            while end < bytes.count, Self.isName(bytes[end]) || bytes[end] == UInt8(ascii: ".") { end += 1 }
            emit(end, .codeFunction)
        case _ where Self.isName(byte): name()
        default:
            if byte != UInt8(ascii: " ") { isAfterDot = false }
            emit(position + 1, .text)
        }
    }

    private var isAfterName: Bool { position > 0 && (Self.isName(bytes[position - 1]) || bytes[position - 1] == 0x29) }

    private mutating func number() {
        var end = position
        var last: UInt8 = 0
        while end < bytes.count {
            let byte = bytes[end]
            let isSign = (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")) && (last | 0x20) == UInt8(ascii: "e")
            guard Self.isName(byte) && byte < 0x80 || byte == UInt8(ascii: ".") || isSign else { break }
            last = byte
            end += 1
        }
        emit(end, .codeNumber)
    }

    private mutating func name() {
        var end = position
        while end < bytes.count, Self.isName(bytes[end]) { end += 1 }
        let word = String(decoding: bytes[position..<end], as: UTF8.self)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") || bytes[end] == UInt8(ascii: "'"),
            PythonWords.stringPrefixes.contains(word.lowercased())
        {
            return begin(prefix: end - position)
        }
        let role: Role
        if isAfterDefinition {
            role = .codeFunction
        } else if isAfterDot {
            role = isCalled(end) ? .codeFunction : .text
        } else if PythonWords.keywords.contains(word) {
            role = .codeKeyword
        } else if PythonWords.replNames.contains(word) {
            role = .codeFunction
        } else if PythonWords.builtins.contains(word) {
            role = .codeBuiltin
        } else {
            role = isCalled(end) ? .codeFunction : .text
        }
        isAfterDefinition = word == "def" || word == "class"
        isAfterDot = false
        emit(end, role)
    }

    private func isCalled(_ end: Int) -> Bool { end < bytes.count && bytes[end] == UInt8(ascii: "(") }

    // MARK: Strings

    private mutating func begin(prefix: Int) {
        let letters = bytes[position..<position + prefix].map { $0 | 0x20 }
        let start = position + prefix
        let quote = bytes[start]
        let isTriple = start + 2 < bytes.count && bytes[start + 1] == quote && bytes[start + 2] == quote
        let open = PythonLexer.OpenString(
            quote: quote,
            isTriple: isTriple,
            isRaw: letters.contains(UInt8(ascii: "r")),
            isFormatted: letters.contains(UInt8(ascii: "f")) || letters.contains(UInt8(ascii: "t"))
        )
        isAfterDot = false
        string(open, from: start + (isTriple ? 3 : 1))
    }

    /// Reads a string from inside it to its end or the line's.
    private mutating func string(_ open: PythonLexer.OpenString, from start: Int) {
        var end = start
        while end < bytes.count {
            let byte = bytes[end]
            if byte == UInt8(ascii: "\\") {
                end += 2
            } else if byte == open.quote {
                if !open.isTriple { return close(end + 1) }
                if end + 2 < bytes.count, bytes[end + 1] == byte, bytes[end + 2] == byte { return close(end + 3) }
                end += 1
            } else if open.isFormatted, byte == UInt8(ascii: "{") {
                if byteAfter(end) == byte {
                    end += 2
                } else if let brace = closingBrace(after: end, open) {
                    emit(end + 1, .codeString)
                    expression(to: brace)
                    end = brace
                } else {
                    end += 1
                }
            } else {
                end += 1
            }
        }
        emit(bytes.count, .codeString)
        state = .string(open)
    }

    private mutating func close(_ end: Int) {
        emit(end, .codeString)
        state = .code
    }

    /// Where the expression in braces ends; nil when the string or the line ends first.
    private func closingBrace(after start: Int, _ open: PythonLexer.OpenString) -> Int? {
        var depth = 0
        for index in start..<bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index }
            case open.quote where !open.isTriple: return nil
            default: break
            }
        }
        return nil
    }

    private mutating func expression(to end: Int) {
        var inner = Scanner(bytes: Array(bytes[position..<end]), state: .code)
        while inner.position < inner.bytes.count { inner.token() }
        for span in inner.spans { spans.append(span) }
        position = end
    }

    private func byteAfter(_ index: Int) -> UInt8? { index + 1 < bytes.count ? bytes[index + 1] : nil }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private static func isName(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == 0x5F || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte >= 0x80
    }
}
