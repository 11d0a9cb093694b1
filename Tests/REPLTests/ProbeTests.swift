import Foundation
import Glibc
import OperatingSystem
import Testing
import Trajectory

@testable import REPL

@Suite struct ProbeTests {
    @Test func findsPython() throws {
        let found = try REPLProbe.python()
        #expect(found.path.hasPrefix("/"))
        #expect(found.version.split(separator: ".").count == 3)
    }

    /// A script that can be started. Right after it was written it cannot, where a process that another test is just
    /// starting still holds it open.
    private func program(_ script: String, in folder: Folder) async throws -> String {
        let path = try folder.write("python3", Data(script.utf8))
        chmod(path, 0o755)
        #expect(await until { (try? ChildProcess.output(of: path, [])) != nil })
        return path
    }

    @Test func saysThatPythonIsMissing() async {
        let error = await #expect(throws: REPLError.self) {
            try await withREPL(python: "/nowhere/python3") { _ in }
        }
        #expect(error?.code == .pythonMissing)
        #expect(error?.message.contains("install Python 3.9") == true)
    }

    @Test(arguments: ["3.8.1", "2.7.18"]) func saysThatPythonIsTooOld(_ version: String) async throws {
        let folder = try Folder()
        let script = "#!/bin/sh\nprintf '%s\\n' \(version) /fake/python3 /fake /fake\n"
        let fake = try await program(script, in: folder)
        let error = await #expect(throws: REPLError.self) { try await withREPL(python: fake) { _ in } }
        #expect(error?.code == .pythonTooOld)
        #expect(error?.message.contains(version) == true)
    }

    @Test func saysThatPythonDoesNotStart() async throws {
        let folder = try Folder()
        let script =
            "#!/bin/sh\nif [ \"$2\" = -S ]; then printf '%s\\n' 3.12.1 \(folder.path)/python3 /usr /usr; exit; fi\n"
        let fake = try await program(script + "echo broken >&2; exit 5\n", in: folder)
        let error = await #expect(throws: REPLError.self) { try await withREPL(python: fake) { _ in } }
        #expect(error?.code == .workerFailed)
        #expect(error?.message.contains("exit code 5. It said: broken") == true, "\(error?.message ?? "")")
    }

    @Test(arguments: [
        ("bwrap: No permissions to create new namespace, likely because the kernel does not allow", true),
        ("bwrap: setting up uid map: Permission denied", true),
        ("bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted", true),
        ("bwrap: Can't find source path /x: No such file or directory", false),
    ])
    func understandsBubblewrap(_ said: String, _ isForbidden: Bool) {
        let error = Bubblewrap.error(said)
        #expect(error.code == (isForbidden ? .namespacesForbidden : .workerFailed))
        #expect(error.message.contains("--environment local"))
        #expect(error.message.contains(said.dropFirst(7)))
    }

    @Test func everyPythonOfThisMachineRunsTheWorker() async throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for minor in 9...13 {
            let names: [String] = folders.map { "\($0)/python3.\(minor)" }
            guard let found = names.lazy.compactMap({ try? PythonInterpreter.find($0) }).first else { continue }
            for environment in environments {
                try await withREPL(environment, python: found.path) { repl in
                    let code =
                        "import sys\ndef f(): raise ValueError(llm_query('x'))\ntry: f()\n"
                    let result = await repl.run(code + "except ValueError as e: print(e)\nsys.version_info[1]")
                    #expect(result.output == Output(stdout: "re: x\n\(minor)\n"), "3.\(minor) \(environment)")
                    #expect(await repl.run("f()").output.stderr.contains("<block 1>"))
                    let checkpoint = try #require(await repl.checkpoint(), "\(repl.checkpointObstacle ?? "")")
                    _ = await repl.run("import random; state = random.getstate(); f = None")
                    try await repl.restore(checkpoint)
                    let back =
                        "import threading\nt = threading.Thread(target=llm_query, args='y')\nt.start(); t.join()\n"
                    #expect(await repl.run(back + "callable(f)").output.stdout == "True\n", "3.\(minor) \(environment)")
                }
            }
        }
    }

    @Test func theWorkerIsWrittenForPython39() throws {
        let folder = try Folder()
        let source = try folder.write("worker.py", Data(PackageResources.worker_py))
        let check = "import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 9))"
        let python = try PythonInterpreter.find()
        let said = try ChildProcess.output(of: python.path, ["-I", "-c", check, source])
        #expect(said.end == .exited(0), "\(said.stderr)")
    }
}
