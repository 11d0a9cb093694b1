import Foundation
import TrajectoryStore

/// Reads a person's file as it is now, portion by portion, into a copy. It is never mapped: somebody else may make it
/// shorter at any moment.
enum SourceFile {
    enum Problem: Error, Hashable {
        /// The system's error number.
        case unreadable(Int32)
        /// A folder, FIFO, socket or device.
        case notRegular
        case tooLarge
    }

    /// What a file was when it was copied.
    struct Read {
        var text: TextCheck
        /// Whether somebody wrote to it meanwhile.
        var hasChanged: Bool
    }

    /// Appends a file to a copy. Throws `Problem`, `TextProblem`, or `StoreError` where the copy cannot be written; what
    /// was appended until then stays.
    ///
    /// - Parameters:
    ///   - path: its bytes; they need not be UTF-8.
    ///   - limit: bytes beyond which it is `tooLarge`.
    static func read(_ path: [UInt8], followingLinks: Bool, limit: Int = .max, into copy: ContextCopy) throws -> Read {
        // Without waiting: a FIFO that took the file's place would wait for its writer.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followingLinks ? 0 : O_NOFOLLOW)
        let descriptor = path.withCPath { open($0, flags) }
        guard descriptor >= 0 else { throw Problem.unreadable(errno) }
        defer { close(descriptor) }
        var before = stat()
        guard fstat(descriptor, &before) == 0 else { throw Problem.unreadable(errno) }
        guard before.st_mode & S_IFMT == S_IFREG else { throw Problem.notRegular }
        guard before.st_size <= limit else { throw Problem.tooLarge }
        let text = try read(descriptor, limit: limit, into: copy)
        var after = stat()
        let hasChanged =
            fstat(descriptor, &after) != 0 || after.st_size != before.st_size
            || after.st_mtim.tv_sec != before.st_mtim.tv_sec || after.st_mtim.tv_nsec != before.st_mtim.tv_nsec
        return Read(text: text, hasChanged: hasChanged)
    }

    /// Appends what comes out of a descriptor until its end: a pipe, or a file that was opened.
    static func read(_ descriptor: Int32, limit: Int = .max, into copy: ContextCopy) throws -> TextCheck {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var text = TextCheck()
        var byteCount = 0
        while true {
            let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { break }
            if count < 0 {
                let number = errno
                if number == EINTR { continue }
                guard number == EAGAIN else { throw Problem.unreadable(number) }
                var place = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                poll(&place, 1, -1)
                continue
            }
            byteCount += count
            guard byteCount <= limit else { throw Problem.tooLarge }
            let portion = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            try copy.append(portion)
            try text.look(at: portion)
        }
        try text.finish()
        return text
    }
}

extension [UInt8] {
    /// As the system takes a path.
    func withCPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (self + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // The terminating zero is there, so the buffer has an address.
                characters.baseAddress.map(body) ?? "".withCString(body)
            }
        }
    }
}
