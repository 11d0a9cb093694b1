/// Finds the fenced code blocks of a model's response where CommonMark 0.31 finds them: at the top, in list items and in
/// block quotes, which end what is open in them. What the containers put before a line and the fence's own indentation
/// are taken off, all other indentation is kept.
///
/// For example:
///
///     FencedBlocks.code(in: "1. Look:\n   ```repl\n   print(1)\n   ```")   // ["print(1)\n"]
package enum FencedBlocks {
    /// One fence and what it holds.
    package struct Block: Equatable {
        /// The first word after the fence, lower case; empty where there is none.
        package let language: String
        /// The lines within, each with its line end.
        package let text: String
        /// False when the response ended inside it.
        package let isClosed: Bool

        /// Whether it is for the REPL.
        package var isRunnable: Bool { runnable.contains(language) && !text.isBlank }
    }

    /// Languages whose blocks are run.
    package static let runnable: Set<String> = ["repl", "python", "py", "python3"]

    /// The code blocks to run, in order; blocks of other languages and blank ones are left out.
    package static func code(in response: String) -> [String] { all(in: response).filter(\.isRunnable).map(\.text) }

    /// Every fenced block of any language.
    package static func all(in response: String) -> [Block] {
        var reader = BlockReader()
        var response = response
        response.withUTF8 { bytes in
            var start = 0
            while start < bytes.count {
                // Only the three line ends that CommonMark knows end a line.
                let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
                reader.read(LineCursor(bytes[start..<end]))
                start = end + 1
                if end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A { start += 1 }
            }
        }
        return reader.finished()
    }
}
