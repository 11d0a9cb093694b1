// One-line titles and previews of texts nobody vouches for, made when they are written so that lists need not read them.
internal import Trajectory

/// The beginning of a text on one line: white space becomes single spaces, control characters become U+FFFD. At most
/// `limit` characters; the last one is `…` where something is missing.
func oneLine(_ text: String, limit: Int) -> String {
    if isPlain(text, limit: limit) { return text }
    var line = String.UnicodeScalarView()
    var count = 0
    var wantsSpace = false
    for scalar in text.unicodeScalars {
        // The properties of characters are looked up in a table; most need none.
        if scalar.value < 0x80
            ? scalar.value == 0x20 || (0x09...0x0d).contains(scalar.value) : scalar.properties.isWhitespace
        {
            wantsSpace = count > 0
            continue
        }
        if count + (wantsSpace ? 2 : 1) > limit {
            if count == limit { line.removeLast() }
            line.append("…")
            return String(line)
        }
        if wantsSpace {
            line.append(" ")
            count += 1
            wantsSpace = false
        }
        line.append(isControl(scalar) ? "\u{fffd}" : scalar)
        count += 1
    }
    return String(line)
}

/// Whether a text is such a line already, as most short ones are: visible ASCII with single spaces between.
private func isPlain(_ text: String, limit: Int) -> Bool {
    var text = text
    guard text.utf8.count <= limit else { return false }
    return text.withUTF8 { bytes in
        var last: UInt8 = 0x20
        for byte in bytes {
            guard byte > 0x20 || (byte == 0x20 && last != 0x20), byte < 0x7f else { return false }
            last = byte
        }
        return bytes.isEmpty || last != 0x20
    }
}

/// Characters that steer a terminal or turn the reading direction.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
}

enum Title {
    static let limit = 200
    static let previewLimit = 400

    /// What a prompt is about: the beginning of its last message from the user.
    static func ofPrompt(_ messages: [Message]) -> String {
        oneLine((messages.last { $0.role == .user } ?? messages.last)?.content ?? "", limit: limit)
    }

    /// What code is about: its lines without comments and imports, joined; those too where there is nothing else.
    static func ofCode(_ code: String) -> String {
        var title = ""
        var rest = ""
        for line in code.split(whereSeparator: \.isNewline) {
            let trimmed = oneLine(String(line.prefix(limit * 2)), limit: limit)
            if trimmed.isEmpty { continue }
            let isAside = trimmed.hasPrefix("#") || trimmed.hasPrefix("import ") || trimmed.hasPrefix("from ")
            if isAside {
                if rest.isEmpty { rest = trimmed }
                continue
            }
            // What a colon opens follows it on the line, as short Python is written.
            title += title.isEmpty ? trimmed : title.hasSuffix(":") ? " \(trimmed)" : "; \(trimmed)"
            if title.count >= limit { break }
        }
        return oneLine(title.isEmpty ? rest : title, limit: limit)
    }

    /// What an iteration is about before its code is known: the beginning of its answer.
    static func ofResponse(_ response: String) -> String {
        oneLine(response, limit: limit)
    }

    static func joined(_ title: String, _ more: String) -> String {
        if title.isEmpty { return more }
        return more.isEmpty ? title : oneLine("\(title); \(more)", limit: limit)
    }

    static func ofOutput(_ output: Output) -> String {
        let text = output.stdout.contains { !$0.isWhitespace } ? output.stdout : output.stderr
        return oneLine(text, limit: previewLimit)
    }
}
