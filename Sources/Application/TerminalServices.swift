// What a real terminal can do beside showing cells: keep a text for pasting, and be lent to a pager or to the shell.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Things done outside of the screen. Tests put their own in place.
package struct TerminalServices: Sendable {
    /// Takes a text; throws `ServiceError`.
    package var copy: (@Sendable (String) throws -> Void)?
    /// Shows a text until the person has seen it. The screen is suspended meanwhile. Throws `ServiceError`.
    package var page: (@Sendable (String) throws -> Void)?
    /// Stops this process until the shell continues it. The screen is suspended meanwhile.
    package var stop: (@Sendable () -> Void)?

    package init(
        copy: (@Sendable (String) throws -> Void)? = nil, page: (@Sendable (String) throws -> Void)? = nil,
        stop: (@Sendable () -> Void)? = nil
    ) {
        self.copy = copy
        self.page = page
        self.stop = stop
    }

    package static let none = TerminalServices()

    /// Those of the terminal this process runs in.
    package static let terminal = TerminalServices(
        copy: { try Clipboard.copy($0) }, page: { try Pager.show($0) }, stop: { kill(0, SIGTSTP) })
}

/// Why a text did not get where it should, in a sentence.
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

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

/// `$PAGER`, or `less`.
enum Pager {
    static func show(_ text: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "rlm-tui-\(UUID().uuidString)", isDirectory: true)
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ServiceError("No place for a temporary file for the pager in \(folder.path).")
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("text.txt")
        do {
            try Data(readable(text).utf8).write(to: file)
        } catch {
            throw ServiceError("The temporary file for the pager could not be written: \(file.path).")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The person's own setting is a command line, as for every program that has a pager; the text is an argument.
        process.arguments = ["-c", "exec ${PAGER:-less} \"$1\"", "sh", file.path]
        do {
            try process.run()
        } catch {
            throw ServiceError("The pager did not start; set PAGER to a program that shows a file.")
        }
        process.waitUntilExit()
        if process.terminationStatus == 126 || process.terminationStatus == 127 {
            throw ServiceError("The pager was not found; set PAGER to a program that shows a file.")
        }
    }

    /// The text with its lines, and nothing in it that a pager might pass on to the terminal.
    static func readable(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map { line in
            return TextCells.sanitise(TextCells.expandingTabs(String(line)))
        }.joined(separator: "\n")
    }
}
