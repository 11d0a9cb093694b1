// Python repeats itself: the same seeds, the same sets and random numbers.
import Foundation
import Glibc
import Testing
import Trajectory

@testable import REPL

@Suite struct SeedTests {
    private static let code = """
        import random
        words = ['w%d' % i for i in range(50)]
        random.shuffle(words)
        print(' '.join({'w%d' % i for i in range(50)}), hash('x'), random.random(), words, random.sample(range(99), 9))
        """

    @Test(arguments: environments) func theSameSeedsGiveTheSame(_ environment: REPLEnvironment) async throws {
        func printed(_ seeds: REPLSeeds) async throws -> String {
            try await withREPL(environment, seeds: seeds) { await $0.run(Self.code).output.stdout }
        }
        let first = try await printed(REPLSeeds(hash: 7, random: 9))
        #expect(first.count > 300)
        #expect(try await printed(REPLSeeds(hash: 7, random: 9)) == first)
        let other = try await printed(REPLSeeds(hash: 7, random: .max))
        #expect(other != first && other.prefix(100) == first.prefix(100))
        #expect(try await printed(REPLSeeds(hash: .max, random: 9)).prefix(100) != first.prefix(100))
    }

    @Test(arguments: environments) func aNewWorkerBeginsWithThemAgain(_ environment: REPLEnvironment) async throws {
        let seeds = REPLSeeds(hash: 3, random: 4)
        let first = try await withREPL(environment, seeds: seeds) { await $0.run(Self.code) }
        try await withREPL(environment, seeds: seeds) { repl in
            #expect(await repl.run("import os, random; random.random(); os._exit(1)").aftermath == .lost)
            #expect(await repl.run(Self.code).stdoutHash == first.stdoutHash)
        }
    }

    @Test func childPythonsRepeatToo() async throws {
        let code =
            "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(hash(\"x\"))']).returncode)"
        var printed: Set<String> = []
        for _ in 0..<2 { printed.insert(try await withREPL { await $0.run(code).output.stdout }) }
        #expect(printed.count == 1 && printed.first?.hasSuffix("0\n") == true)
    }

    @Test func libraryImportsOfRandomAreSeededAndAnotherModuleOfThatNameIsLeftAlone() async throws {
        let seeds = REPLSeeds(hash: 1, random: 2)
        let direct = try await withREPL(seeds: seeds) { await $0.run("import random\nrandom.random()").output.stdout }
        let nested = try await withREPL(seeds: seeds) { repl in
            await repl.run("import tempfile, random\nrandom.random()").output.stdout
        }
        #expect(direct == nested)
        let own =
            "import sys\nopen('random.py', 'w').write('own = 5')\nsys.path.insert(0, '.')\nimport random\nrandom.own"
        #expect(try await withREPL { await $0.run(own).output.stdout } == "5\n")
    }

    /// What `-I` gave: nothing of the user's settings, packages or working folder gets in.
    @Test(arguments: environments) func nothingElseGetsIn(_ environment: REPLEnvironment) async throws {
        let folder = try Folder()
        _ = try folder.write("sitecustomize.py", Data("print('sitecustomize of the user')".utf8))
        setenv("PYTHONPATH", folder.path, 1)
        setenv("PYTHONSTARTUP", folder.path + "/sitecustomize.py", 1)
        setenv("PYTHONINSPECT", "1", 1)
        setenv("PYTHONUSERBASE", folder.path, 1)
        defer { for name in ["PATH", "STARTUP", "INSPECT", "USERBASE"] { unsetenv("PYTHON" + name) } }
        let code = """
            import os, site, sys
            open('json.py', 'w').write('1 / 0')
            import json
            print([name for name in os.environ if name.startswith('PYTHON')], site.ENABLE_USER_SITE, sys.flags.inspect)
            print([p for p in sys.path if not p.startswith('/') or p.startswith(('\(folder.path)', os.getcwd()))])
            """
        let result = try await withREPL(environment) { await $0.run(code) }
        #expect(result.output == Output(stdout: "['PYTHONHASHSEED'] False 0\n[]\n"))
    }
}
