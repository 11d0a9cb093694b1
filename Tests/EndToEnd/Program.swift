import Foundation

/// The real binary, run with a home and a store of its own.
final class Program {
    struct Ended {
        let status: Int32
        let stdout: String
        let stderr: String
    }

    let folder: URL
    private(set) var environment: [String: String]

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("e2e-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let inherited = ProcessInfo.processInfo.environment
        environment = [
            "PATH": inherited["PATH"] ?? "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8",
            "TERM": "xterm-256color", "P": Self.path,
            "XDG_STATE_HOME": folder.appendingPathComponent("state").path,
        ]
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Beside the test bundle, where the build puts both.
    static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("rlm-tui").path

    var storePath: String { folder.appendingPathComponent("state/rlm-tui/trajectories.sqlite").path }

    func set(_ variable: String, to value: String?) { environment[variable] = value }

    func file(_ text: String, named name: String) throws -> String {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// Runs it to its end. `stdin` nil is closed.
    func run(_ arguments: String..., stdin: String? = nil) throws -> Ended {
        let process = try start(arguments, stdin: stdin)
        return try process.end()
    }

    /// A run that is going on.
    final class Going {
        let process = Process()
        fileprivate let out = Pipe()
        fileprivate let err = Pipe()

        var pid: Int32 { process.processIdentifier }

        func send(_ signal: Int32) { kill(pid, signal) }

        /// Waits for its end, a minute at the most.
        func end() throws -> Ended {
            let watch = DispatchWorkItem { [process] in kill(process.processIdentifier, SIGKILL) }
            DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watch)
            defer { watch.cancel() }
            nonisolated(unsafe) var errors = Data()
            let reading = DispatchGroup()
            DispatchQueue.global().async(group: reading) { [err] in
                errors = err.fileHandleForReading.readDataToEndOfFile()
            }
            let output = out.fileHandleForReading.readDataToEndOfFile()
            reading.wait()
            process.waitUntilExit()
            return Ended(
                status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
                stdout: String(decoding: output, as: UTF8.self),
                stderr: String(decoding: errors, as: UTF8.self)
            )
        }
    }

    /// Runs a line of shell to its end, in which `"$P"` is the program. The status is that of the line.
    func shell(_ line: String) throws -> Ended { try start(["-c", line], executable: "/bin/sh").end() }

    func start(_ arguments: [String], stdin: String? = nil, executable: String = Program.path) throws -> Going {
        let going = Going()
        going.process.executableURL = URL(fileURLWithPath: executable)
        going.process.arguments = arguments
        going.process.environment = environment
        going.process.currentDirectoryURL = folder
        going.process.standardOutput = going.out
        going.process.standardError = going.err
        if let stdin {
            let input = Pipe()
            going.process.standardInput = input
            try going.process.run()
            try input.fileHandleForWriting.write(contentsOf: Data(stdin.utf8))
            try input.fileHandleForWriting.close()
        } else {
            going.process.standardInput = FileHandle.nullDevice
            try going.process.run()
        }
        return going
    }
}

extension Program.Ended {
    /// Stdout read as a JSON object.
    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(stdout.utf8)) as? [String: Any] ?? [:]
    }

    /// The lines on stderr.
    var complaints: [Substring] { stderr.split(separator: "\n") }
}
