import Foundation
import TestSupport
import Testing

/// `import` from the command line: what is no file, what is stopped, what is shown of it.
@Suite struct ImportTests {
    private func log(_ program: Program, _ name: String, iterations: Int = 1, calls: Int = 1) throws -> String {
        var lines = [#"{"type":"metadata","root_model":"m","max_iterations":9}"#]
        for number in 1...iterations {
            let asked = (1...calls).map { #"{"prompt":"ask \#(number) \#($0)","response":"answer \#(number) \#($0)"}"# }
            lines.append(
                #"{"type":"iteration","iteration":\#(number),"response":"r","code_blocks":[{"code":"x","result":{"#
                    + #""rlm_calls":[\#(asked.joined(separator: ","))]}}],"final_answer":"a"}"#
            )
        }
        return try program.file(lines.joined(separator: "\n") + "\n", named: name)
    }

    private func special(_ program: Program, _ name: String) throws -> String {
        let path = program.folder.appendingPathComponent(name).path
        _ = try program.shell(
            "cd '\(program.folder.path)' && mkdir -p logs && mkfifo logs/pipe.jsonl && mkfifo logs/other && "
                + "ln -s /dev/zero logs/zero.jsonl && "
                + "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"logs/s.jsonl\")'"
        )
        return path
    }

    @Test(arguments: [("/dev/zero", "a device"), ("/dev/tty", "a device"), ("pipe", "a named pipe"), ("s", "a socket")])
    func whatIsNoFileIsPassedOver(name: String, word: String) throws {
        let program = try Program()
        let folder = try special(program, "logs")
        let path = name.hasPrefix("/") ? name : "\(folder)/\(name).jsonl"
        let good = try log(program, "good.jsonl")
        let started = Date()
        let ended = try program.run("import", path, good, "--json")
        #expect(Date().timeIntervalSince(started) < 20)
        #expect(ended.status == 2, "what was named could not be imported: \(ended.stderr)")
        #expect(ended.stderr.contains("'\(path)' is \(word)"), "\(ended.stderr)")
        #expect(ended.stderr.contains("1 passed over"), "\(ended.stderr)")
        #expect(try program.list().count == 1, "the other file is imported all the same")
        let opened = try program.run("show", path)
        #expect(opened.status == 2 && opened.stderr.contains(word), "\(opened.stderr)")
    }

    @Test func folderThatHoldsMoreThanFiles() throws {
        let program = try Program()
        let folder = try special(program, "logs")
        _ = try log(program, "logs/good.jsonl")
        let ended = try program.run("import", folder)
        #expect(ended.status == 0, "\(ended.stderr)")
        for name in ["pipe.jsonl", "other", "zero.jsonl", "s.jsonl"] {
            #expect(ended.stderr.contains("'\(folder)/\(name)' is "), "\(name): \(ended.stderr)")
        }
        #expect(ended.stderr.contains("4 passed over"), "\(ended.stderr)")
        #expect(try program.list().count == 1)
    }

    /// Killed in the middle: nothing is shown, and the next import takes away what lies there.
    @Test(arguments: [SIGINT, SIGKILL])
    func stoppedImportLeavesNothingToBeSeen(signal: Int32) async throws {
        let program = try Program()
        let path = try log(program, "large.jsonl", iterations: 60, calls: 1000)
        let going = try program.start(["import", path])
        func rows(_ table: String) throws -> Int {
            let ended = try program.start(
                [
                    "-c",
                    "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("
                        + "'SELECT count(*) FROM ' + sys.argv[2]).fetchone()[0])",
                    program.storePath, table,
                ],
                executable: "/usr/bin/python3"
            ).end()
            return Int(ended.stdout.trimmingCharacters(in: .newlines)) ?? 0
        }
        #expect(await waitUntil(seconds: 40) { (try? rows("call")) ?? 0 > 1000 })
        going.send(signal)
        #expect(try going.end().status != 0)
        #expect(try rows("run") == 1 && rows("call") > 1000, "it had ended before")
        #expect(try program.list().isEmpty)
        #expect(try program.run("show", "latest").status == 2)
        let small = try log(program, "small.jsonl")
        #expect(try program.run("import", small).status == 0)
        #expect(try rows("run") == 1 && rows("call") == 2 && rows("completion") == 2 && rows("session") == 1)
        let again = try program.run("import", path, "--json")
        #expect(again.status == 0, "\(again.stderr)")
        #expect(try program.list().map { $0["calls"] as? Int }.contains(60_001))
        #expect(try program.run("doctor", "--json").status == 0)
    }

    @Test func longImportShowsHowFarItIs() throws {
        let program = try Program()
        let path = try log(program, "large.jsonl", iterations: 60, calls: 1000)
        let terminal = try TmuxSession(
            program, columns: 100, rows: 24, command: "\"$P\" import \(path); echo left with $?")
        try terminal.wait { $0.contains("importing large.jsonl") && $0.contains("% read") }
        let left = try terminal.wait { $0.contains("left with 0") }
        #expect(!left.contains("importing large.jsonl"))
    }
}
