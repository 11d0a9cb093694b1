// A failure in the few columns of a row.

package import Trajectory

/// Why something failed, without what stands before the reason in a full sentence: the head of a traceback, the server's
/// address, the model's name, which are on the screen already or one key away.
package enum FailureReason {
    /// `rate_limited: Rate limit reached`, on one line.
    package static func short(_ failure: Failure, model: String? = nil) -> String {
        let reason = reason(failure.message, kind: failure.kind, model: model)
        // How many of a batch failed is told before why the first of them did.
        let count = failure.message.prefixMatch(of: #/(\d+ of \d+) sub-calls failed/#).map { "\($0.1) failed: " } ?? ""
        let isWhole = reason.hasPrefix(failure.message.prefix(24))
        return reason.isEmpty ? failure.kind : "\(failure.kind): \(isWhole ? "" : count)\(reason)"
    }

    private static func reason(_ message: String, kind: String, model: String?) -> String {
        var text = lastWord(of: message)
        // What the server itself said is nearer to the reason than that it said something.
        if let said = text.ranges(of: "It said: ").first { text = String(text[said.upperBound...]) }
        if text.hasPrefix(kind + ": ") { text.removeFirst(kind.count + 2) }
        let names = [model, model?.split(separator: "/", maxSplits: 1).last.map(String.init)].compactMap { $0 }
        var words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        // "openai/gpt-5 at http://host/v1: …" and "… at http://host/v1 …": the address with the word before it.
        while let place = words.firstIndex(where: isAddress) {
            let isEnd = words[place].hasSuffix(":") || words[place].hasSuffix(",")
            let mark = isEnd ? String(words[place].suffix(1)) : ""
            words.remove(at: place)
            var before = place - 1
            if before >= 0, ["at", "of", "to", "from"].contains(words[before]) {
                words.remove(at: before)
                before -= 1
            }
            if before >= 0 { words[before] += mark }
        }
        while let first = words.first, words.count > 1 {
            let bare = first.hasSuffix(":") ? String(first.dropLast()) : first
            guard names.contains(bare) || bare == ":" || bare.isEmpty else { break }
            words.removeFirst()
        }
        return words.joined(separator: " ")
    }

    /// The line a traceback ends with; the whole of anything else.
    private static func lastWord(of message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard let first = lines.first, let last = lines.last else { return "" }
        if first.hasPrefix("Traceback (") || lines.dropFirst().contains(where: { $0.hasPrefix("  File \"") }) {
            return String(last)
        }
        return lines.joined(separator: " ")
    }

    private static func isAddress(_ word: String) -> Bool { word.hasPrefix("http://") || word.hasPrefix("https://") }
}
