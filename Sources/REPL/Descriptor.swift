import Glibc
import OperatingSystem

/// A file descriptor of this process, closed when it is no longer needed. Never inherited by accident.
final class Descriptor {
    /// -1 once closed.
    private(set) var number: Int32

    /// Takes a descriptor over. It is moved above the low numbers, so that a child's 0 to 5 can be set in any order.
    ///
    /// - Throws: `SystemError`, when there are no more descriptors.
    init(_ low: Int32) throws {
        number = fcntl(low, F_DUPFD_CLOEXEC, 16)
        let failure = SystemError.last("duplicate a descriptor")
        Glibc.close(low)
        if number < 0 { throw failure }
    }

    deinit { close() }

    func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }

    func makeNonBlocking() {
        _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
    }

    /// Two ends of a stream.
    static func socketPair() throws -> (Descriptor, Descriptor) {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemError.last("make a socket") }
        return try pair(ends)
    }

    /// A pipe: the end to read from and the end to write to.
    static func pipe() throws -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [0, 0]
        guard let pipe2 = GNUFunctions.pipe2, pipe2(&ends, O_CLOEXEC) == 0 else {
            throw SystemError.last("make a pipe")
        }
        return try pair(ends)
    }

    /// A file that is in no folder, to be read from its beginning.
    ///
    /// - Throws: `SystemError`.
    static func file(holding bytes: some Collection<UInt8>) throws -> Descriptor {
        var template = Array("/tmp/rlm-tui.XXXXXX".utf8CString)
        let low = mkstemp(&template)
        guard low >= 0 else { throw SystemError.last("make a file in /tmp") }
        unlink(template)
        let file = try Descriptor(low)
        try bytes.writeAll(to: file.number, "write a file in /tmp")
        lseek(file.number, 0, SEEK_SET)
        return file
    }

    /// Sends a byte with descriptors over a socket.
    ///
    /// - Throws: `SystemError`.
    func pass(_ descriptors: [Descriptor]) throws {
        let numbers = descriptors.map(\.number)
        let byteCount = MemoryLayout<Int32>.size * numbers.count
        // A `cmsghdr` and what it holds: SCM_RIGHTS, whose macros Swift does not see.
        let headCount = MemoryLayout<cmsghdr>.size
        var words = [UInt64](repeating: 0, count: (headCount + byteCount + 7) / 8)
        let sent = words.withUnsafeMutableBytes { control in
            var head = cmsghdr()
            (head.cmsg_len, head.cmsg_level, head.cmsg_type) = (headCount + byteCount, SOL_SOCKET, 1)
            control.storeBytes(of: head, as: cmsghdr.self)
            numbers.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: control[headCount...]).copyMemory(from: $0)
            }
            var byte: UInt8 = 0
            return withUnsafeMutablePointer(to: &byte) { byte in
                var vector = iovec(iov_base: byte, iov_len: 1)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = control.baseAddress
                    message.msg_controllen = headCount + byteCount
                    return sendmsg(number, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        let failure = SystemError.last("pass descriptors to the REPL")
        // They must not be closed before they are sent.
        withExtendedLifetime(descriptors) {}
        if sent != 1 { throw failure }
    }

    private static func pair(_ ends: [Int32]) throws -> (Descriptor, Descriptor) {
        do {
            let first = try Descriptor(ends[0])
            return (first, try Descriptor(ends[1]))
        } catch {
            Glibc.close(ends[1])
            throw error
        }
    }
}
