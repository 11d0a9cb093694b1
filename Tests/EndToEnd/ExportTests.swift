import Foundation
import Testing

/// A run goes out as a file of another tool and comes in again; files that are there stay.
@Suite struct ExportTests {
    @Test func aRunGoesOutAndComesIn() throws {
        let program = try Program()
        let context = try program.file(
            String(repeating: "nothing to see here, move on\n", count: 200) + "The vault code is 1-2-3.\n",
            named: "small.txt")
        #expect(try program.run("run", "What is the vault code?", "--context", context, "--headless").status == 0)
        let shown = try program.run("export", "latest", "--format", "rlms")
        #expect(shown.status == 0 && shown.stderr.isEmpty, "\(shown.stderr)")
        let written = try program.run("export", "latest", "--format", "rlms", "-o", "out.jsonl")
        #expect(written.status == 0 && written.stdout.isEmpty && written.stderr.isEmpty, "\(written.stderr)")
        let file = program.folder.appendingPathComponent("out.jsonl")
        #expect(try String(contentsOf: file, encoding: .utf8) == shown.stdout)

        let refused = try program.run("export", "latest", "--format", "rlms", "-o", "out.jsonl")
        #expect(refused.status == 2 && refused.complaints.count == 1)
        #expect(refused.stderr.contains("--force"))
        #expect(try program.run("export", "latest", "--format", "rlms", "-o", "out.jsonl", "--force").status == 0)

        let store = program.folder.appendingPathComponent("other.sqlite").path
        let imported = try program.run("import", file.path, "--json", "--store", store)
        #expect(imported.status == 0 && imported.stdout.contains("\"warnings\" : [\n\n    ]"), "\(imported.stdout)")
        let answer = try program.run("show", "latest", "--json", "--store", store).object()
        #expect((answer["answer"] as? String)?.contains("1-2-3") == true)
        #expect(answer["question"] as? String == "What is the vault code?")
    }

    @Test func whatCannotBeWrittenIsSaid() throws {
        let program = try Program()
        let unknown = try program.run("export", "latest", "--format", "html")
        #expect(unknown.status == 2)
        #expect(unknown.stderr.contains("html") && unknown.stderr.contains("only rlms"))
        #expect(try program.run("export", "latest").status == 2)
        let missing = try program.run("export", "latest", "--format", "rlms")
        #expect(missing.status == 2 && missing.complaints.count == 1 && missing.stdout.isEmpty)
        let help = try program.run("export", "--help")
        #expect(help.status == 0 && help.stdout.contains("EXAMPLES"))
    }
}
