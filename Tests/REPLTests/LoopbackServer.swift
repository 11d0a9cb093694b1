// A server that only counts who comes: TCP, UDP and an abstract Unix socket on this machine.
import Foundation
import Glibc
import OperatingSystem

@testable import REPL

final class LoopbackServer {
    let tcpPort: Int
    let udpPort: Int
    let abstractName = "repl-test-\(UUID().uuidString)"
    private let sockets: [Int32]
    private var count = 0

    init() throws {
        let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let unix = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        sockets = [tcp, udp, unix]
        tcpPort = try Self.bind(tcp)
        udpPort = try Self.bind(udp)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0[1...].copyBytes(from: Array(abstractName.utf8)) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + abstractName.utf8.count)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(unix, $0, length) }
        }
        guard bound == 0, listen(tcp, 8) == 0, listen(unix, 8) == 0 else { throw SystemError.last("listen") }
    }

    deinit { sockets.forEach { close($0) } }

    /// How many have come so far.
    func visitors() -> Int {
        var watched = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&watched, 3, 0) > 0 {
            count += 1
            var byte: UInt8 = 0
            if watched[1].revents != 0 { recv(sockets[1], &byte, 1, 0) }
            for index in [0, 2] where watched[index].revents != 0 { close(accept(sockets[index], nil, nil)) }
        }
        return count
    }

    private static func bind(_ socket: Int32) throws -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.bind(socket, pointer, length) == 0 ? getsockname(socket, pointer, &length) : -1
            }
        }
        guard code == 0 else { throw SystemError.last("bind") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
