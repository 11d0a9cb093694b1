/// Finds the fenced code blocks of a model's response, as CommonMark 0.31 (section 4.5) reads them: runs of three or
/// more backticks or tildes, closed by a run of the same character at least as long, or by the end of the text.
/// Indentation of the fence is taken off the lines, all other indentation is kept.
///
/// For example:
///
///     FencedBlocks.code(in: "Look:\n```repl\nprint(1)\n```")   // ["print(1)\n"]
package enum FencedBlocks {
    /// One fence and what it holds.
    package struct Block: Equatable {
        /// The first word after the fence, lower case; empty where there is none.
        package let language: String
        /// The lines within, each with its line end.
        package let text: String
        /// False when the response ended inside it.
        package let isClosed: Bool
    }

    /// Languages whose blocks are run.
    package static let runnable: Set<String> = ["repl", "python", "py", "python3"]

    /// The code blocks to run, in order; blocks of other languages and blank ones are left out.
    package static func code(in response: String) -> [String] {
        all(in: response).filter { runnable.contains($0.language) && $0.text.contains { !$0.isWhitespace } }.map(\.text)
    }

    /// Every fenced block of any language.
    package static func all(in response: String) -> [Block] {
        var blocks: [Block] = []
        var open: Fence?
        var lines: [Substring] = []
        // Only the three line ends that CommonMark knows end a line; Swift's `isNewline` would split at form feeds too.
        for line in response.split(omittingEmptySubsequences: false, whereSeparator: { "\n\r\r\n".contains($0) }) {
            if let fence = open {
                if fence.isClosed(by: line) {
                    blocks.append(fence.block(of: lines, isClosed: true))
                    open = nil
                    lines = []
                } else {
                    lines.append(fence.withoutIndentation(line))
                }
            } else {
                open = Fence(opening: line)
            }
        }
        if let fence = open {
            if lines.last?.isEmpty == true { lines.removeLast() }
            blocks.append(fence.block(of: lines, isClosed: false))
        }
        return blocks
    }
}

/// An opening fence.
private struct Fence {
    let character: Character
    let length: Int
    let indentation: Int
    let language: String

    /// Nil when the line opens no fence.
    init?(opening line: Substring) {
        let indentation = line.prefix { $0 == " " }.count
        guard indentation <= 3 else { return nil }
        let rest = line.dropFirst(indentation)
        guard let character = rest.first, character == "`" || character == "~" else { return nil }
        let length = rest.prefix { $0 == character }.count
        guard length >= 3 else { return nil }
        let info = rest.dropFirst(length)
        // An info string after backticks holds none itself: otherwise it is inline code.
        guard character == "~" || !info.contains("`") else { return nil }
        self.character = character
        self.length = length
        self.indentation = indentation
        let word = info.drop { $0 == " " || $0 == "\t" }.prefix { !$0.isWhitespace && $0 != "{" && $0 != "," }
        language = word.lowercased()
    }

    func isClosed(by line: Substring) -> Bool {
        let spaces = line.prefix { $0 == " " }.count
        guard spaces <= 3 else { return false }
        let rest = line.dropFirst(spaces)
        let run = rest.prefix { $0 == character }.count
        return run >= length && rest.dropFirst(run).allSatisfy { $0 == " " || $0 == "\t" }
    }

    func withoutIndentation(_ line: Substring) -> Substring {
        line.dropFirst(min(indentation, line.prefix { $0 == " " }.count))
    }

    func block(of lines: [Substring], isClosed: Bool) -> FencedBlocks.Block {
        FencedBlocks.Block(language: language, text: lines.map { $0 + "\n" }.joined(), isClosed: isClosed)
    }
}
