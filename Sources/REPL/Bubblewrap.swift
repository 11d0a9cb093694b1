import Foundation
import Glibc
import OperatingSystem
import Synchronization

/// bubblewrap as it is installed, and how it makes the sandbox.
struct Bubblewrap: Sendable {
    let path: String
    /// `0.8.0`.
    let version: String

    /// - Throws: `REPLError.bubblewrapMissing`.
    static func find() throws -> Bubblewrap {
        if let found = known.withLock({ $0 }) { return found }
        for folder in SearchPath.folders {
            let path = folder + "/bwrap"
            guard access(path, X_OK) == 0, let said = try? ChildProcess.output(of: path, ["--version"]),
                said.end == .exited(0), let version = said.stdout.split(whereSeparator: \.isWhitespace).last
            else { continue }
            let found = Bubblewrap(path: path, version: String(version))
            known.withLock { $0 = found }
            return found
        }
        throw REPLError.bubblewrapMissing
    }

    private static let known = Mutex<Bubblewrap?>(nil)

    func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        return parts.count > 1 && (parts[0], parts[1]) >= (major, minor)
    }

    /// Where a context lies in the sandbox.
    static func contextPath(_ index: Int) -> String { "/context/context_\(index)" }

    /// The options that make the sandbox; the program and its arguments follow them.
    ///
    /// - Parameters:
    ///   - readable: host folders that are there, read-only, under their own path.
    ///   - contexts: host files that are there, read-only, under `contextPath`.
    ///   - space: bytes of the private `/tmp`.
    ///   - filter: the descriptor that a `SystemCallFilter` can be read from.
    func options(readable: [String], contexts: [String], space: Int, filter: Int?) -> [String] {
        var options = [
            "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts",
            "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--uid", "65534", "--gid", "65534",
            "--hostname", "repl", "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp/work",
            "--setenv", "LANG", "C.UTF-8", "--ro-bind", "/usr", "/usr",
        ]
        for folder in ["/lib", "/lib64", "/lib32", "/bin", "/sbin", "/nix/store"] {
            options += ["--ro-bind-try", folder, folder]
        }
        for file in ["/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"] {
            options += ["--ro-bind-try", file, file]
        }
        for folder in readable { options += ["--ro-bind", folder, folder] }
        for (index, path) in contexts.enumerated() { options += ["--ro-bind", path, Self.contextPath(index)] }
        // Read-only, since what root started is the host's root to the kernel, and that may write /proc/sys.
        options += ["--proc", "/proc", "--remount-ro", "/proc", "--dev", "/dev"]
        options += tmpfs("/dev/shm", space: min(space, 256 << 20)) + ["--remount-ro", "/dev"]
        options += tmpfs("/tmp", space: space) + ["--dir", "/tmp/work", "--chdir", "/tmp/work"]
        options += ["--remount-ro", "/"]
        if let filter {
            // It forbids new namespaces, too.
            options += ["--seccomp", String(filter)]
        } else if isAtLeast(0, 8) {
            options.append("--disable-userns")
        }
        return options
    }

    /// Older ones cannot bound it; then the largest file is the bound, and half the machine's memory.
    private func tmpfs(_ folder: String, space: Int) -> [String] {
        (isAtLeast(0, 7) ? ["--size", String(max(space, 1 << 16))] : []) + ["--tmpfs", folder]
    }
}
