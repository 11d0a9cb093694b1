import Terminal

/// Text that goes to stdout or stderr, where it may meet a terminal: nothing in it is obeyed.
enum TerminalText {
    /// - Parameter keepingLines: whether line ends and tabs stay; else all is one line.
    static func plain(_ text: String, keepingLines: Bool = false) -> String {
        guard keepingLines else { return TextCells.sanitise(text) }
        return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map { TextCells.sanitise(TextCells.expandingTabs(String($0))) }.joined(separator: "\n")
    }
}
