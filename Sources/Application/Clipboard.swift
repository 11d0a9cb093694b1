// Copying without asking which desktop this is: the terminal itself is told.

import Foundation

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
        var bytes = Array(sequence(for: text).utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw ServiceError("The terminal took only part of the text.") }
            bytes = bytes.dropFirst(written)
        }
    }

    /// Base64 has no control characters, so nothing in the text reaches the terminal as such.
    static func sequence(for text: String) -> String {
        "\u{1B}]52;c;\(Data(text.utf8).base64EncodedString())\u{07}"
    }
}
