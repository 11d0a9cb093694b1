import Glibc

extension UnsafeRawBufferPointer {
    /// Writes all bytes, however few the system takes at a time. Where the descriptor does not block and takes nothing, waits
    /// until it does.
    ///
    /// - Parameter action: what an error says could not be done.
    package func writeAll(to descriptor: Int32, _ action: String = "write") throws(SystemError) {
        var rest = self
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if count == 0 {
                throw SystemError(action: action, code: EIO)
            } else if errno == EAGAIN {
                var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&watched, 1, -1)
            } else if errno != EINTR {
                throw .last(action)
            }
        }
    }
}

extension Collection<UInt8> {
    /// Writes all bytes; see `UnsafeRawBufferPointer.writeAll`.
    package func writeAll(to descriptor: Int32, _ action: String = "write") throws(SystemError) {
        var failure: SystemError?
        let isDone: Void? = withContiguousStorageIfAvailable { bytes in
            do throws(SystemError) {
                try UnsafeRawBufferPointer(bytes).writeAll(to: descriptor, action)
            } catch {
                failure = error
            }
        }
        if isDone == nil { try Array(self).writeAll(to: descriptor, action) }
        if let failure { throw failure }
    }
}
