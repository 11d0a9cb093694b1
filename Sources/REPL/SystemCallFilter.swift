import OperatingSystem

/// A seccomp filter for the sandbox: what namespaces leave open and Python does not need.
///
/// It closes memory that belongs to no process and no file system (memfd, System V, which no limit would count), new
/// namespaces, kinds of sockets that a network namespace does not cover (vsock), tracing, keys, and kernel interfaces
/// with a history of holes. The machine's own convention only: 32-bit and x32 calls are refused.
enum SystemCallFilter {
    /// The filter as `bwrap --seccomp` reads it, or nil on a processor that it was not written for.
    static let program: [UInt8]? = {
        #if arch(x86_64)
            return assemble(
                architecture: 0xC000_003E,
                clone: 56,
                socket: 41,
                absent: [319, 425, 426, 427, 447],
                forbidden: [
                    29, 64, 68, 101, 103, 135, 155, 161, 163, 164, 165, 166, 167, 168, 169, 175, 176, 179, 227, 240,
                    246, 248, 249, 250, 272, 298, 300, 303, 304, 308, 310, 311, 312, 313, 320, 321, 323, 428, 429,
                    430, 431, 432, 433, 438, 442,
                ]
            )
        #elseif arch(arm64)
            return assemble(
                architecture: 0xC000_00B7,
                clone: 220,
                socket: 198,
                absent: [279, 425, 426, 427, 447],
                forbidden: [
                    39, 40, 41, 51, 60, 89, 92, 97, 104, 105, 106, 112, 116, 117, 142, 170, 180, 186, 190, 194, 217,
                    218, 219, 224, 225, 241, 262, 264, 265, 268, 270, 271, 272, 273, 280, 282, 294, 428, 429, 430,
                    431, 432, 433, 438, 442,
                ]
            )
        #else
            return nil
        #endif
    }()

    /// A descriptor that the program can be read from once.
    ///
    /// - Throws: `SystemError`.
    static func descriptor() throws -> Descriptor? {
        guard let program else { return nil }
        // Far smaller than a pipe's buffer, so that nobody needs to read at the same time.
        let (reading, writing) = try Descriptor.pipe()
        try withExtendedLifetime(writing) { try program.writeAll(to: writing.number) }
        return reading
    }

    private static let allow: UInt32 = 0x7FFF_0000
    private static let notPermitted: UInt32 = 0x0005_0000 | 1
    private static let notImplemented: UInt32 = 0x0005_0000 | 38
    private static let familyNotSupported: UInt32 = 0x0005_0000 | 97
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
    private static let newNamespace: UInt32 = 0x7E02_0000

    private static func assemble(
        architecture: UInt32,
        clone: UInt32,
        socket: UInt32,
        absent: [UInt32],
        forbidden: [UInt32]
    ) -> [UInt8] {
        var program: [UInt8] = []
        func emit(_ code: UInt16, _ yes: UInt8, _ no: UInt8, _ value: UInt32) {
            program += [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8), yes, no]
            for shift in [0, 8, 16, 24] as [UInt32] { program.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
        func load(_ offset: UInt32) { emit(0x20, 0, 0, offset) }
        func answer(_ value: UInt32) { emit(0x06, 0, 0, value) }
        func unlessEqual(_ value: UInt32, skip: UInt8) { emit(0x15, 0, skip, value) }

        load(4)  // the convention
        emit(0x15, 1, 0, architecture)
        answer(notPermitted)
        load(0)  // the call's number
        emit(0x35, 0, 1, 0x4000_0000)  // x32
        answer(notPermitted)
        for call in forbidden {
            unlessEqual(call, skip: 1)
            answer(notPermitted)
        }
        // clone3 keeps its flags in memory, where a filter cannot look; the C library then falls back to clone.
        for call in absent + [435] {
            unlessEqual(call, skip: 1)
            answer(notImplemented)
        }
        unlessEqual(clone, skip: 4)
        load(16)  // the first argument
        emit(0x45, 0, 1, newNamespace)
        answer(notPermitted)
        answer(allow)
        unlessEqual(socket, skip: 6)
        load(16)
        emit(0x15, 2, 0, 1)  // AF_UNIX
        emit(0x15, 1, 0, 2)  // AF_INET
        emit(0x15, 0, 1, 10)  // AF_INET6
        answer(allow)
        answer(familyNotSupported)
        answer(allow)
        return program
    }
}
