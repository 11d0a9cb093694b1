// A response without the code that is shown beside it.

/// The words of a response around its code.
enum Prose {
    /// Drops fenced blocks, which are shown on their own, and the blank lines they leave behind.
    static func outsideFences(of response: String) -> String {
        var kept: [Substring] = []
        var fence: (character: Character, length: Int)?
        for line in response.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "\n" || $0 == "\r\n" }) {
            let trimmed = line.drop { $0 == " " || $0 == "\t" }
            if let open = fence {
                let run = trimmed.prefix { $0 == open.character }.count
                if run >= open.length, trimmed.dropFirst(run).allSatisfy(\.isWhitespace) { fence = nil }
                continue
            }
            if let first = trimmed.first, first == "`" || first == "~" {
                let run = trimmed.prefix { $0 == first }.count
                if run >= 3 {
                    fence = (first, run)
                    continue
                }
            }
            if line.allSatisfy(\.isWhitespace), kept.last?.isEmpty ?? true { continue }
            kept.append(line.allSatisfy(\.isWhitespace) ? "" : line)
        }
        while kept.last?.isEmpty == true { kept.removeLast() }
        return kept.joined(separator: "\n")
    }
}
