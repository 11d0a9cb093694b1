import Engine
import Foundation
import Testing
import Trajectory
import TrajectoryStore

/// What becomes of a folder's files that are no text, cannot be read, or change while they are read: each is named.
@Suite struct ContextFolderTests {
    private let fixture: EngineFixture
    private let folder: URL

    init() throws {
        fixture = try EngineFixture([])
        folder = fixture.folder.appendingPathComponent("notes")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try put("good.txt", Array("good\n".utf8))
    }

    private func put(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: folder.appendingPathComponent(name))
    }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func open(_ source: String, type: ContextType? = nil) async throws -> OpenedContext {
        let loader = ContextLoader(writer: try fixture.store.writer(), store: fixture.store) { _ in Data() }
        return try await loader.open([source], type: type)[0]
    }

    @Test func eachFilePassedOverIsNamedAndCountedInOneLine() async throws {
        try put("latin.txt", [0x63, 0x61, 0x66, 0xE9, 0x0A])
        try put("wide.txt", [0xFF, 0xFE, 0x61, 0])
        try put("picture.png", [0x89, 0x50, 0x4E, 0x47, 0, 1])
        try put("nothing.txt", [])
        try put(".secret", Array("hidden".utf8))
        #expect(truncate(path("good.txt"), 5) == 0)
        try put("huge.txt", [0x61])
        #expect(truncate(path("huge.txt"), 257 << 20) == 0)
        #expect(symlink(".", path("loop")) == 0)
        #expect(symlink("ring", path("ring")) == 0)
        #expect(symlink("good.txt", path("other")) == 0)
        #expect(symlink("/nowhere/at/all", path("lost")) == 0)
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        let opened = try await open(folder.path)
        #expect(opened.context.parts.map(\.path) == ["good.txt"])
        #expect(opened.context.byteCount == 5)
        let notice = try #require(opened.notices.first)
        #expect(opened.notices.count == 1)
        #expect(notice.hasPrefix("11 passed over in \(folder.path): "))
        for words in [
            "1 not UTF-8 (latin.txt)", "1 UTF-16 (wide.txt)", "1 binary (picture.png)", "1 empty (nothing.txt)",
            "1 hidden (.secret)", "1 over 256 MB (huge.txt)", "2 links in a circle (loop, ring)",
            "1 link, not followed (other)", "1 link to nothing (lost)", "1 FIFO (pipe)",
        ] {
            #expect(notice.contains(words), "\(notice)")
        }
        #expect(!notice.contains("\n"))
    }

    @Test func nothingPassedOverIsNotSaid() async throws {
        #expect(try await open(folder.path).notices.isEmpty)
        #expect(try await open(path("good.txt")).notices.isEmpty)
    }

    @Test func namesAreDrawnPlain() async throws {
        try put("a\nb\u{1B}[31m.bin", [0])
        try put("c\u{202E}d.txt", Array("text".utf8))
        let opened = try await open(folder.path)
        let notice = try #require(opened.notices.first)
        #expect(notice.contains(#"(a\nb\u{1B}[31m.bin)"#), "\(notice)")
        #expect(notice.unicodeScalars.allSatisfy { $0.value >= 32 })
        // The dictionary keeps the name as it is: code may want to know.
        #expect(opened.context.parts.map(\.path).contains("c\u{202E}d.txt"))
    }

    @Test func namesThatAreNotUTF8StayTwo() async throws {
        for byte: UInt8 in [0xE9, 0xE8] {
            let name = Array(folder.path.utf8) + [UInt8(ascii: "/"), 0x63, byte, 0]
            let file = name.withUnsafeBytes {
                Foundation.open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
            }
            try #require(file >= 0)
            #expect(write(file, "x", 1) == 1)
            close(file)
        }
        let opened = try await open(folder.path)
        #expect(opened.context.parts.map(\.path) == [#"c\xe8"#, #"c\xe9"#, "good.txt"])
    }

    @Test func aFolderOfNothingButTroubleSaysWhich() async throws {
        try FileManager.default.removeItem(atPath: path("good.txt"))
        try put("latin.txt", [0xE9])
        let error = await #expect(throws: ContextError.self) { _ = try await open(folder.path) }
        #expect(error?.description.contains("1 not UTF-8 (latin.txt)") == true)
        let copies = try? FileManager.default.contentsOfDirectory(atPath: fixture.store.contextFolder)
        #expect((copies ?? []).isEmpty, "a context that cannot be used was left in the store")
    }

    @Test func aPatternSaysWhatItDoesNotTake() async throws {
        try put("bad.txt", [0xE9])
        try FileManager.default.createDirectory(atPath: path("sub.txt"), withIntermediateDirectories: true)
        #expect(symlink("good.txt", path("named.txt")) == 0)
        #expect(mkfifo(path("pipe.txt"), 0o600) == 0)
        let opened = try await open(folder.path + "/*.txt")
        #expect(opened.context.parts.map { ($0.path as NSString).lastPathComponent } == ["good.txt", "named.txt"])
        let notice = try #require(opened.notices.first)
        for words in ["1 not UTF-8 (", "1 folder (", "1 FIFO ("] { #expect(notice.contains(words), "\(notice)") }
    }

    @Test func longPathsThatCannotBeReadAreSaid() async throws {
        // Deeper than the system lets a path be: not even root reads that by its path.
        let deep = """
            cd \(folder.path) && n=$(printf 'd%.0s' $(seq 200)) && for i in $(seq 25); do mkdir $n && cd $n || exit 1; done
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", deep]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        let opened = try await open(folder.path)
        #expect(opened.context.parts.map(\.path) == ["good.txt"])
        #expect(opened.notices.first?.contains("1 unreadable (ddd") == true, "\(opened.notices)")
        _ = try? Process.run(URL(fileURLWithPath: "/bin/rm"), arguments: ["-rf", folder.path]).waitUntilExit()
    }

    /// Somebody makes the file shorter and longer all the time: what is stored is what was checked, and nothing dies.
    @Test func aFileThatShrinksWhileItIsReadIsOneCopy() async throws {
        let file = path("growing.log")
        try Data(repeating: 0x61, count: 24 << 20).write(to: URL(fileURLWithPath: file))
        let cutter = Task.detached {
            var rounds = 0
            while !Task.isCancelled {
                truncate(file, 1 << 20)
                truncate(file, 24 << 20)
                // Bytes that are no text, and then text again.
                rounds += 1
                await Task.yield()
            }
            return rounds
        }
        defer { cutter.cancel() }
        var said = 0
        for _ in 0..<20 {
            do {
                let opened = try await open(file)
                let stored = try Data(contentsOf: URL(fileURLWithPath: opened.path))
                #expect(stored.count == opened.context.byteCount)
                #expect(stored.allSatisfy { $0 == 0x61 })
                said += opened.notices.filter { $0.contains("changed while it was read") }.count
            } catch let error as ContextError {
                // The hole that growing leaves is zeros.
                #expect(error.problem.contains("binary"))
                said += 1
            }
        }
        #expect(said > 0, "the file never changed while it was read, so nothing was tested")
    }

    @Test func charactersAreWholeHoweverTheyAreCut() async throws {
        // 1 MB portions: the characters stand across their borders at every offset.
        for lead in ["", "a", "aa", "aaa"] {
            let text = lead + String(repeating: "😀", count: 300_000) + "é"
            try put("cut.txt", Array(text.utf8))
            let opened = try await open(path("cut.txt"))
            let length = 300_001 + lead.count
            #expect(opened.length == "\(length / 1000),\(String(length % 1000 + 1000).dropFirst()) characters")
            #expect(opened.beginning.hasPrefix(lead + "😀"))
        }
        var bytes = Array(String(repeating: "😀", count: 300_000).utf8)
        bytes.removeLast()
        try put("torn.txt", bytes)
        let error = await #expect(throws: ContextError.self) { _ = try await open(path("torn.txt")) }
        #expect(error?.problem.contains("byte 1199996") == true, "\(error?.problem ?? "")")
    }
}
