import Trajectory

/// Text as Python literals, whatever is in it. Always on one line, so that it can never end a fence.
enum PythonLiteral {
    static func quoted(_ text: String) -> String {
        // Whichever quotes need no escape; double ones where both do.
        let mark: Unicode.Scalar = text.contains("\"") && !text.contains("'") ? "'" : "\""
        var literal = String(mark)
        for scalar in text.unicodeScalars {
            switch scalar {
            case mark: literal += "\\\(mark)"
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\t": literal += "\\t"
            case _
            where scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029:
                literal += "\\u" + scalar.value.hexadecimal(digits: 4)
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + String(mark)
    }

    /// A raw string where the text allows one, for patterns.
    static func raw(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        if isPlain, !text.hasSuffix("\\") {
            if !text.contains("\"") { return "r\"\(text)\"" }
            if !text.contains("'") { return "r'\(text)'" }
            if !text.contains("\"\"\""), !text.hasSuffix("\"") { return "r\"\"\"\(text)\"\"\"" }
        }
        return quoted(text)
    }

    static func list(_ texts: [String]) -> String { "[" + texts.map(quoted).joined(separator: ", ") + "]" }
}
