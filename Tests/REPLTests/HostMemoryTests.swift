// The host's memory is bounded, whatever the code does. Measured in a host that is a process of its own.
import Foundation
import OperatingSystem
import Testing
import Trajectory

@testable import REPL

@Suite(.serialized) struct HostMemoryTests {
    /// Reaches the protocol from user code: a frame with the true token, as only code that looks for it can send one.
    private static let reach = """
        import sys, os, struct
        frame = sys._getframe()
        while 'self' not in frame.f_locals or not hasattr(frame.f_locals['self'], 'channel'): frame = frame.f_back
        channel = frame.f_locals['self'].channel
        def head(size, count):
            return size.to_bytes(8, 'little') + channel.token + count.to_bytes(4, 'little')
        def push(data):
            data = memoryview(data)
            while data: data = data[os.write(channel.descriptor, data):]

        """

    /// Code, what its block comes to, and what is printed.
    static let worst: [(String, String, String)] = [
        ("llm_query_batched([''] * 8_000_000)", "too_many", ""),
        ("llm_query_batched(['x' * 150_000_000] * 6)", "too_long", ""),
        (
            "for i in range(6):\n    try: llm_query('ü' * 150_000_000)\n    except SubcallError as e: print(e.kind)",
            "clean", "too_long\ntoo_long"
        ),
        ("llm_query_batched([[{'role': 'user', 'content': ''}] * 700_000])", "too_long", ""),
        (
            """
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(8) as pool:
                print(sum(int(a[0]) for a in pool.map(llm_query_batched, [['y' * 30_000_000]] * 16)))
            """, "clean", "480000000"
        ),
        (
            """
            from concurrent.futures import ThreadPoolExecutor
            with ThreadPoolExecutor(16) as pool:
                print(sum(map(len, pool.map(llm_query, ['3000000'] * 64))))
            """, "clean", "192000000"
        ),
        ("FINAL('x' * 300_000_000)", "the final answer is too long", ""),
        ("answer['content'] = 'ü' * 150_000_000; answer['ready'] = True", "the final answer is too long", ""),
        ("answer['content'] = 'x' * 300_000_000", "clean", ""),
        ("class C: pass\nC.__name__ = 'N' * 100_000_000\nc = C()\nglobals()['v' * 50_000_000] = 1", "clean", ""),
        ("raise type('E' * 50_000_000, (Exception,), {})('m' * 50_000_000)", "raised", ""),
        (
            "import os\nfor i in range(100): os.write(1, b'\\xff' * 1_300_000); os.write(2, b'x' * 1_000_000)", "clean",
            ""
        ),
        (
            reach + "count = 16_000_000\nfields = b'\\0' * (4 * count)\n"
                + "push(head(4 + 4 * count, count) + fields)", "ProtocolViolation", ""
        ),
        (
            reach + "push(head(900_000_000, 8) + struct.pack('<8I', 4, 1, 5, 0, 0, 1, 0, 0) + b'done1clean1')\n"
                + "for i in range(900): push(bytes(1_000_000))", "ProtocolViolation", ""
        ),
        (
            reach + "size = 60_000_000\npush(head(40 + size, 8) + struct.pack('<8I', 4, 1, 5, 0, 0, 1, size, 0)"
                + " + b'done1clean1')\nfor i in range(60): push(bytes(1_000_000))", "ProtocolViolation", ""
        ),
    ]

    @Test(arguments: worst.indices) func staysUnder300Megabytes(_ index: Int) async throws {
        let (code, outcome, printed) = Self.worst[index]
        let folder = Bundle.main.executableURL?.deletingLastPathComponent()
        let program = try #require(
            [folder, URL(fileURLWithPath: ".build/debug")].compactMap { $0?.appendingPathComponent("repl-host") }
                .first { FileManager.default.isExecutableFile(atPath: $0.path) }
        )
        let file = try Folder()
        let input = try file.write("code.py", Data(code.utf8))
        let said = try ChildProcess.output(
            of: "/bin/sh",
            ["-c", "exec \"$0\" local < \"$1\"", program.path, input],
            environment: ["PATH=/usr/bin:/bin", "HOME=/tmp"],
            within: 120
        )
        #expect(said.end == .exited(0), "\(said.stderr)")
        let lines = said.stdout.split(separator: "\n", omittingEmptySubsequences: false)
        let peak = try #require(lines.first.flatMap { Int($0) })
        #expect(peak < 300_000, "the host took \(peak) kB for: \(code.prefix(200))")
        #expect(
            said.stdout.contains(outcome) && (printed.isEmpty || said.stdout.contains(printed)),
            "\(said.stdout.prefix(600))")
        #expect(lines.contains { $0.hasSuffix(" 2") }, "the REPL does not go on: \(said.stdout.prefix(600))")
    }
}
