import Foundation
import TestSupport
import Testing

/// Stores that cannot be used as they are: said in a sentence, and never altered.
@Suite struct StoreFileTests {
    /// A store with one run in it, made by the program.
    private func madeStore(_ program: Program) throws {
        let context = try program.file("The code is 7.\n", named: "made.txt")
        let ended = try program.run("run", "What is the code?", "--context", context, "--headless")
        #expect(ended.status == 0, "\(ended.stderr)")
    }

    private func python(_ program: Program, _ code: String, _ arguments: String...) throws -> Program.Ended {
        try program.start(["-c", code] + arguments, executable: "/usr/bin/python3").end()
    }

    /// Every file below the state folder with its bytes.
    private func contents(_ program: Program) throws -> [String: Data] {
        let folder = program.folder.appendingPathComponent("state").path
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        return names.reduce(into: [:]) { $0[$1] = FileManager.default.contents(atPath: "\(folder)/\($1)") }
    }

    private func expectRefusal(
        _ ended: Program.Ended,
        _ words: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(ended.status == 5, "\(ended.stderr)", sourceLocation: sourceLocation)
        #expect(ended.stdout.isEmpty, sourceLocation: sourceLocation)
        #expect(ended.complaints.count == 1, "\(ended.stderr)", sourceLocation: sourceLocation)
        for word in words + ["--store"] {
            #expect(ended.stderr.contains(word), "\(ended.stderr)", sourceLocation: sourceLocation)
        }
    }

    /// Somebody who copies the file has all of it.
    @Test func isOneFileAfterwards() throws {
        let program = try Program()
        try madeStore(program)
        let names = try contents(program).keys.filter { !$0.contains("-contexts") }
        #expect(names == ["rlm-tui/trajectories.sqlite"])
        #expect(try program.list().count == 1)
    }

    @Test func ofANewerVersionIsLeftAsItIs() throws {
        let program = try Program()
        try madeStore(program)
        let edited = try python(
            program,
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version = 99'); c.commit(); "
                + "c.execute('PRAGMA wal_checkpoint(TRUNCATE)')",
            program.storePath
        )
        #expect(edited.status == 0, "\(edited.stderr)")
        let before = try contents(program)
        let context = program.folder.appendingPathComponent("made.txt").path
        expectRefusal(try program.run("run", "Who?", "--context", context, "--headless"), "newer", "99")
        expectRefusal(try program.run("list"), "newer")
        expectRefusal(try program.run("show", "latest", "--json"), "newer")
        let doctor = try program.run("doctor")
        #expect(doctor.status == 5)
        #expect(doctor.stdout.contains("newer"), "\(doctor.stdout)")
        let after = try contents(program)
        #expect(after["rlm-tui/trajectories.sqlite"] == before["rlm-tui/trajectories.sqlite"])
        let contexts = before.keys.filter { $0.contains("-contexts/") }
        #expect(!contexts.isEmpty && contexts.allSatisfy { after[$0] == before[$0] })
    }

    @Test func ofAnotherProgramIsLeftAsItIs() throws {
        let program = try Program()
        let path = program.folder.appendingPathComponent("other.sqlite").path
        let made = try python(
            program,
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('CREATE TABLE t(a)'); c.commit()",
            path
        )
        #expect(made.status == 0, "\(made.stderr)")
        let before = FileManager.default.contents(atPath: path)
        expectRefusal(try program.run("list", "--store", path), "other.sqlite", "another program")
        #expect(FileManager.default.contents(atPath: path) == before)
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }

    /// Whoever writes for a moment is waited for.
    @Test func lockedForAMomentIsWaitedFor() throws {
        let program = try Program()
        try madeStore(program)
        let ready = program.folder.appendingPathComponent("locked").path
        let holder = try program.start(
            [
                "-c",
                """
                import sqlite3, sys, time
                store = sqlite3.connect(sys.argv[1], isolation_level=None)
                store.execute('BEGIN EXCLUSIVE')
                open(sys.argv[2], 'w').close()
                time.sleep(1.5)
                store.execute('COMMIT')
                """, program.storePath, ready,
            ],
            executable: "/usr/bin/python3"
        )
        while !FileManager.default.fileExists(atPath: ready) { usleep(5000) }
        let started = Date()
        let context = program.folder.appendingPathComponent("made.txt").path
        let ended = try program.run("run", "What is the code?", "--context", context, "--headless")
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(Date().timeIntervalSince(started) > 1, "the lock was not in the way")
        #expect(try holder.end().status == 0)
        #expect(try program.list().count == 2)
    }

    /// As root, permissions bind nobody; so the program is run as somebody else.
    @Test(.enabled(if: getuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")))
    func thatMayOnlyBeRead() throws {
        let program = try Program()
        try madeStore(program)
        // Readable for all, writable for nobody; the binary too must be within reach of another user.
        let copy = program.folder.appendingPathComponent("rlm-tui").path
        try FileManager.default.copyItem(atPath: Program.path, toPath: copy)
        let opened = try program.shell("chmod -R a+rX,a-w \"$HOME\" && chmod a+x \"$HOME/rlm-tui\"")
        #expect(opened.status == 0, "\(opened.stderr)")
        func other(_ arguments: String...) throws -> Program.Ended {
            try program.start(
                ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", copy] + arguments,
                executable: "/usr/bin/setpriv"
            ).end()
        }
        let before = try contents(program)
        let context = program.folder.appendingPathComponent("made.txt").path
        expectRefusal(try other("run", "Who?", "--context", context, "--headless"), "permission")
        let list = try other("list", "--json")
        #expect(list.status == 0, "\(list.stderr)")
        #expect(list.stdout.contains("What is the code?"))
        #expect(try other("show", "latest", "--json").object()["status"] as? String == "succeeded")
        #expect(try other("snapshot", "latest").stdout.contains("What is the code?"))
        #expect(try contents(program) == before)
    }

    @Test func whereNoFileCanBe() throws {
        let program = try Program()
        let context = try program.file("text\n", named: "t")
        for path in ["/proc/nowhere/x.sqlite", "/dev/full", "\(context)/x.sqlite"] {
            let ended = try program.run("run", "Who?", "--context", context, "--headless", "--store", path)
            #expect(ended.status == 5, "\(path): \(ended.stderr)")
            #expect(ended.complaints.count == 1, "\(path): \(ended.stderr)")
            #expect(
                ended.stderr.contains(path.replacingOccurrences(of: "/x.sqlite", with: "")), "\(path): \(ended.stderr)")
        }
        #expect(try String(contentsOfFile: context, encoding: .utf8) == "text\n")
    }
}
