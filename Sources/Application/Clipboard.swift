// Copying without asking which desktop this is: the terminal itself is told.

import Foundation
import OperatingSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The clipboard of the terminal, reached by OSC 52: works over ssh, and in tmux with `set-clipboard on`.
enum Clipboard {
    /// Terminals drop what is longer, in bytes before encoding.
    static let limit = 74_994

    static func copy(_ text: String) throws {
        guard text.utf8.count <= limit else {
            throw ServiceError("Too long for the terminal's clipboard (74,994 bytes); o opens it in $PAGER.")
        }
        let descriptor = open("/dev/tty", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw ServiceError("The terminal cannot be reached for copying.") }
        defer { close(descriptor) }
        do {
            try sequence(for: text).utf8.writeAll(to: descriptor)
        } catch {
            throw ServiceError("The terminal took only part of the text.")
        }
    }

    /// Base64 has no control characters, so nothing in the text reaches the terminal as such.
    static func sequence(for text: String) -> String {
        "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}"
    }
}
