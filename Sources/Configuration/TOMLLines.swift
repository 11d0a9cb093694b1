/// In which line of a TOML text a key is set. The parser keeps no places, and a warning without one helps nobody.
///
/// Reads headers (`[a.b]`) and keys at the beginning of lines; what stands in a multi-line string or array may be taken
/// for a key, which costs no more than a line number.
struct TOMLLines {
    private var places: [[String]: Int] = [:]

    init(_ text: String) {
        var table: [String] = []
        for (index, row) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = row.drop { $0 == " " || $0 == "\t" }
            guard let first = line.first, first != "#" else { continue }
            if first == "[" {
                table = Self.keys(line.drop { $0 == "[" }, until: "]")
                if places[table] == nil { places[table] = index + 1 }
            } else {
                let path = table + Self.keys(line, until: "=")
                if path.count > table.count, places[path] == nil { places[path] = index + 1 }
            }
        }
    }

    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = places[path] { return line }
            path.removeLast()
        }
        return nil
    }

    /// Dotted keys, bare or quoted, up to a character outside of quotes; none where it does not come.
    private static func keys(_ text: Substring, until end: Character) -> [String] {
        var keys: [String] = []
        var key = ""
        var quote: Character?
        for character in text {
            if let open = quote {
                if character == open { quote = nil } else { key.append(character) }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "." {
                keys.append(key)
                key = ""
            } else if character == end {
                return keys + [key]
            } else if character != " " && character != "\t" {
                key.append(character)
            }
        }
        return []
    }
}
