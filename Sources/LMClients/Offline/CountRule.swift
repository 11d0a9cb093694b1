/// What counts, so exactly that planner, reader and the planner's own check in Python come to the same number.
enum CountRule: Hashable {
    /// Lines of which a field is exactly this: between separators, after `label:`, or a JSON value.
    case field(String)
    /// Lines that hold the word.
    case word(String)
    /// Each occurrence of the word.
    case occurrences(String)
    /// All lines, by what stands in a column, counted from 1.
    case column(Int, separator: String)
    /// All lines, by the word after `label:` or `label=`.
    case key(String)

    /// How the rule is put to a sub-model.
    var task: String {
        switch self {
        case .field(let label): #"Count the lines in which one field is exactly "\#(label)". \#(Self.form(label))"#
        case .word(let word): #"Count the lines that hold the word "\#(word)". \#(Self.form(word))"#
        case .occurrences(let word): #"Count every occurrence of the word "\#(word)". \#(Self.form(word))"#
        case .column(let number, let separator):
            #"Count the lines by what stands in field \#(number) between "\#(separator)". \#(Self.form("label"))"#
        case .key(let key): #"Count the lines by the word after "\#(key)". \#(Self.form("label"))"#
        }
    }

    private static func form(_ label: String) -> String { #"Answer with JSON alone, such as {"\#(label)": 3}."# }

    /// Reads a task back out of a prompt; nil where there is none.
    init?(task prompt: String) {
        guard let found = Self.tasks.first(in: prompt), let index = found.groups.firstIndex(where: { $0 != nil }) else {
            return nil
        }
        let value = found[index]
        switch index {
        case 0: self = .field(value)
        case 1: self = .word(value)
        case 2: self = .occurrences(value)
        case 3:
            guard let number = Int(value), number > 0 else { return nil }
            self = .column(number, separator: found[4])
        default: self = .key(value)
        }
    }

    private static let tasks = Pattern(
        #"Count the lines in which one field is exactly "([^"]+)"|Count the lines that hold the word "([^"]+)""#
            + #"|Count every occurrence of the word "([^"]+)""#
            + #"|Count the lines by what stands in field (\d{1,3}) between "([^"]+)""#
            + #"|Count the lines by the word after "([^"]+)""#
    )

    /// The rule for a question over lines of a shape; nil where nothing says how the lines are labelled.
    init?(_ target: Question.Target?, shape: LineShape?) {
        switch (target, shape) {
        case (.label(let label), _): self = .field(label)
        case (.word(let word), _): self = .word(word)
        case (.occurrences(let word), _): self = .occurrences(word)
        case (nil, .column(let number, let separator)): self = .column(number, separator: separator)
        case (nil, .key(let key)): self = .key(key)
        case (nil, nil): return nil
        }
    }

    /// Counts by label. Labels of `column` and `key` are as written, without blanks and quotes around them.
    func count(_ text: String) -> [String: Int] {
        var counts: [String: Int] = [:]
        switch self {
        case .field(let label):
            counts[label] = lines(text).reduce(0) { $0 + (Self.hasField(label, in: $1) ? 1 : 0) }
        case .word(let word):
            counts[word] = lines(text).reduce(0) { $0 + (Self.occurrences(of: word, in: $1) > 0 ? 1 : 0) }
        case .occurrences(let word):
            counts[word] = lines(text).reduce(0) { $0 + Self.occurrences(of: word, in: $1) }
        case .column(let number, let separator):
            for line in text.split(separator: "\n") {
                let fields = line.split(separator: separator, omittingEmptySubsequences: false)
                guard fields.count >= number else { continue }
                let label = Self.bare(fields[number - 1])
                if !label.isEmpty { counts[label, default: 0] += 1 }
            }
        case .key(let key):
            for line in text.split(separator: "\n") {
                if let label = Self.value(of: key, in: line) { counts[label, default: 0] += 1 }
            }
        }
        return counts
    }

    /// The same in Python, as an expression over `lines` that gives a dictionary.
    var python: String {
        switch self {
        case .field(let label):
            let pattern = #"(?:^|[|,;:=\t\[(])\s*["']?"# + Self.escaped(label) + #"["']?\s*(?:$|[|,;\t\])}])"#
            return """
                pattern = re.compile(\(PythonLiteral.raw(pattern)), re.IGNORECASE)
                direct = {\(PythonLiteral.quoted(label)): sum(1 for line in lines if pattern.search(line))}
                """
        case .word(let word):
            return """
                pattern = re.compile(\(PythonLiteral.raw(#"(?<!\w)"# + Self.escaped(word) + #"(?!\w)"#)), re.IGNORECASE)
                direct = {\(PythonLiteral.quoted(word)): sum(1 for line in lines if pattern.search(line))}
                """
        case .occurrences(let word):
            return """
                pattern = re.compile(\(PythonLiteral.raw(#"(?<!\w)"# + Self.escaped(word) + #"(?!\w)"#)), re.IGNORECASE)
                direct = {\(PythonLiteral.quoted(word)): sum(len(pattern.findall(line)) for line in lines)}
                """
        case .column(let number, let separator):
            return """
                rows = [line.split(\(PythonLiteral.quoted(separator))) for line in lines]
                direct = Counter(row[\(number - 1)].strip(" \\t\\r\\"'") for row in rows if len(row) >= \(number))
                direct.pop("", None)
                """
        case .key(let key):
            let pattern = #"(?<!\w)"# + Self.escaped(key) + #"["']?\s*[:=]\s*["']?([\w-]+)"#
            return """
                pattern = re.compile(\(PythonLiteral.raw(pattern)), re.IGNORECASE)
                direct = Counter(found.group(1) for found in map(pattern.search, lines) if found)
                """
        }
    }

    // MARK: How a line is read; each has its twin in `python`.

    private func lines(_ text: String) -> [Substring.UTF8View] {
        text.lowercased().split(separator: "\n", omittingEmptySubsequences: true).map(\.utf8)
    }

    private static func hasField(_ label: String, in line: Substring.UTF8View) -> Bool {
        let label = Array(label.lowercased().utf8)
        return places(of: label, in: line).contains { line, start in
            var before = start - 1
            if before >= 0, isQuote(line[before]) { before -= 1 }
            while before >= 0, isBlank(line[before]) { before -= 1 }
            guard before < 0 || #"|,;:=[("#.utf8.contains(line[before]) || hasTab(line, before + 1, start) else {
                return false
            }
            var after = start + label.count
            if after < line.count, isQuote(line[after]) { after += 1 }
            let blanks = after
            while after < line.count, isBlank(line[after]) { after += 1 }
            return after == line.count || #"|,;])}"#.utf8.contains(line[after]) || hasTab(line, blanks, after)
        }
    }

    private static func occurrences(of word: String, in line: Substring.UTF8View) -> Int {
        let word = Array(word.lowercased().utf8)
        return places(of: word, in: line).count { line, start in
            !isWord(before: start, in: line) && !isWord(at: start + word.count, in: line)
        }
    }

    /// Whether a letter, digit or `_` stands just before a place, as `\w` of Python has it.
    private static func isWord(before index: Int, in line: [UInt8]) -> Bool {
        guard index > 0 else { return false }
        if line[index - 1] < 0x80 { return isWordByte(line[index - 1]) }
        return isWord(String(decoding: line[max(0, index - 4)..<index], as: UTF8.self).unicodeScalars.last)
    }

    private static func isWord(at index: Int, in line: [UInt8]) -> Bool {
        guard index < line.count else { return false }
        if line[index] < 0x80 { return isWordByte(line[index]) }
        return isWord(String(decoding: line[index..<min(line.count, index + 4)], as: UTF8.self).unicodeScalars.first)
    }

    private static func isWord(_ scalar: Unicode.Scalar?) -> Bool {
        switch scalar?.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    private static func places(of word: [UInt8], in line: Substring.UTF8View) -> [([UInt8], Int)] {
        guard let first = word.first, line.count >= word.count, line.contains(first) else { return [] }
        let bytes = Array(line)
        var places: [([UInt8], Int)] = []
        var start = 0
        while start + word.count <= bytes.count {
            if bytes[start] == first, bytes[start..<(start + word.count)].elementsEqual(word) {
                places.append((bytes, start))
                start += word.count
            } else {
                start += 1
            }
        }
        return places
    }

    private static func value(of key: String, in line: Substring) -> String? {
        let lower = line.lowercased()
        guard lower.utf8.count == line.utf8.count else { return nil }
        for (bytes, start) in places(of: Array(key.lowercased().utf8), in: Substring(lower).utf8) {
            if isWord(before: start, in: bytes) { continue }
            var index = start + key.utf8.count
            if index < bytes.count, isQuote(bytes[index]) { index += 1 }
            while index < bytes.count, isBlank(bytes[index]) { index += 1 }
            guard index < bytes.count, bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: "=") else {
                continue
            }
            index += 1
            while index < bytes.count, isBlank(bytes[index]) { index += 1 }
            if index < bytes.count, isQuote(bytes[index]) { index += 1 }
            let label = Array(line.utf8)[index...].prefix { isWordByte($0) || $0 == UInt8(ascii: "-") }
            if !label.isEmpty { return String(decoding: label, as: UTF8.self) }
        }
        return nil
    }

    private static func bare(_ field: Substring) -> String {
        var field = field
        let edges: Set<Character> = [" ", "\t", "\r", "\"", "'"]
        while let last = field.last, edges.contains(last) { field.removeLast() }
        while let first = field.first, edges.contains(first) { field.removeFirst() }
        return String(field)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }
    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static func hasTab(_ line: [UInt8], _ start: Int, _ end: Int) -> Bool {
        line[start..<end].contains(0x09)
    }

    /// Letters, digits, `_`, and every byte of a character beyond ASCII.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
            || (0x61...0x7a).contains(byte)
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") {
            $0 += $1.isLetter || $1.isNumber || $1 == "_" || $1 == " " || $1 == "-" ? "\($1)" : "\\\($1)"
        }
    }
}
