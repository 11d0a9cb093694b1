import Foundation
import TestSupport
import Testing

/// The three standard streams closed, cut off or full; no home; and nothing that trips over it.
@Suite struct StreamTests {
    private func made() throws -> (program: Program, run: String) {
        let program = try Program()
        let context = try program.file("The code is 7.\n", named: "c.txt")
        return (program, "\"$P\" run 'What is the code?' --context \(context)")
    }

    @Test func stdinClosed() throws {
        let (program, run) = try made()
        let ended = try program.shell("\(run) --headless <&-")
        #expect(ended.status == 0, "\(ended.stderr)")
        #expect(ended.stdout.contains("7"))
        let piped = try program.shell("\"$P\" run Who? --context - --headless <&-")
        #expect(piped.status == 2, "\(piped.stderr)")
        #expect(piped.complaints.count == 1, "\(piped.stderr)")
        #expect(try program.shell("\"$P\" <&-").status == 2)
        #expect(try program.list().count == 1)
    }

    @Test func stdoutClosed() throws {
        let (program, run) = try made()
        // The run is done and kept, but its answer was not delivered: that is said, and is no success.
        let closed = try program.shell("\(run) --headless >&-")
        #expect(closed.status == 5, "\(closed.stderr)")
        #expect(closed.stderr.contains("stdout"), "\(closed.stderr)")
        #expect(try program.list().first?["status"] as? String == "succeeded")
        let full = try program.shell("\(run) --headless --json >/dev/full")
        #expect(full.status == 5, "\(full.stderr)")
        #expect(full.complaints.filter { $0.contains("stdout") }.count == 1, "\(full.stderr)")
        let doctor = try program.run("doctor", "--json")
        #expect(doctor.stdout.contains("2 runs"), "\(doctor.stdout)")
    }

    /// A reader that has seen enough is no failure worth a word.
    @Test func theReaderGoesAway() throws {
        let (program, run) = try made()
        #expect(try program.shell("\(run) --headless").status == 0)
        for command in ["list", "list --json", "show latest --json --full", "show latest", "doctor", "run --help"] {
            let ended = try program.shell("(\"$P\" \(command); echo \"left with $?\" >&2) | head -c 0")
            #expect(ended.stderr.contains("left with "), "\(command): \(ended.stderr)")
            #expect(ended.complaints.count == 1, "\(command): \(ended.stderr)")
        }
    }

    @Test func stderrClosed() throws {
        let (program, run) = try made()
        let ended = try program.shell("\(run) --headless 2>&-")
        #expect(ended.status == 0)
        #expect(ended.stdout.contains("7"))
        #expect(try program.shell("\"$P\" show nothing 2>&-").status == 2)
        #expect(try program.shell("\"$P\" show nothing 2>/dev/full").status == 2)
        #expect(try program.shell("\"$P\" run 2>&-").status == 2)
        #expect(try program.shell("\(run) --headless 2>/dev/full").stdout.contains("7"))
        let gone = try program.shell("{ \(run) --headless; echo $? >\"$HOME/status\"; } 2>&1 >/dev/null | head -c 0")
        #expect(gone.status == 0)
        #expect(try String(contentsOfFile: program.folder.path + "/status", encoding: .utf8) == "0\n")
    }

    @Test func allClosed() throws {
        let (program, run) = try made()
        _ = try program.shell("\(run) --headless <&- >&- 2>&-")
        #expect(try program.list().first?["status"] as? String == "succeeded")
        #expect(try program.run("doctor", "--json").stdout.contains("1 run\""))
    }

    @Test func noHome() throws {
        let program = try Program()
        let state = program.folder.appendingPathComponent("state").path
        program.set("HOME", to: nil)
        program.set("XDG_STATE_HOME", to: state)
        #expect(try program.list().isEmpty)
        let paths = try program.run("paths", "--json").object()
        #expect(paths["store"] as? String == state + "/rlm-tui/trajectories.sqlite")
    }
}
