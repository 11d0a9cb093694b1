import Foundation
import Terminal
import TestSupport
import Testing

@Suite struct MemoryScreenTests {
    @Test func typedKeysArriveInOrder() {
        let screen = MemoryScreen(size: Size(columns: 10, rows: 2))
        screen.type("j<enter>")
        screen.resize(to: Size(columns: 5, rows: 1))
        #expect(screen.nextEvent(timeoutMilliseconds: 0) == .key(.character("j")))
        #expect(screen.nextEvent(timeoutMilliseconds: nil) == .key(.enter))
        #expect(screen.size == Size(columns: 5, rows: 1))
        #expect(screen.nextEvent(timeoutMilliseconds: 0) == .resized(Size(columns: 5, rows: 1)))
        #expect(screen.nextEvent(timeoutMilliseconds: 0) == nil)
        #expect(screen.isDrained)
    }

    @Test func doorbellWakesOnceForManyRings() {
        let doorbell = Doorbell()
        let screen = MemoryScreen(size: Size(columns: 10, rows: 2), doorbell: doorbell)
        Thread.detachNewThread { for _ in 0..<1000 { doorbell.ring() } }
        #expect(screen.nextEvent(timeoutMilliseconds: 10_000) == .mailbox)
        doorbell.ring()
        doorbell.ring()
        while screen.nextEvent(timeoutMilliseconds: 0) == .mailbox {}
        doorbell.ring()
        doorbell.ring()
        #expect(screen.nextEvent(timeoutMilliseconds: 0) == .mailbox)
        #expect(screen.nextEvent(timeoutMilliseconds: 0) == nil)
    }

    @Test func typingOnAnotherThreadWakes() {
        let screen = MemoryScreen(size: Size(columns: 10, rows: 2))
        Thread.detachNewThread { screen.type("x") }
        #expect(screen.nextEvent(timeoutMilliseconds: 10_000) == .key(.character("x")))
    }

    @Test func sameFrameCountsOnce() {
        let screen = MemoryScreen(size: Size(columns: 10, rows: 2))
        var surface = Surface(size: screen.size)
        surface.put("one", x: 0, y: 0)
        screen.present(surface, palette: .plain)
        screen.present(surface, palette: .plain)
        #expect(screen.presentations == 1)
        surface.put("two", x: 0, y: 0)
        screen.present(surface, palette: .plain)
        #expect(screen.presentations == 2)
        #expect(screen.surface.text() == "two\n")
        screen.suspend()
        #expect(screen.isSuspended)
        screen.resume()
        screen.close()
        #expect(!screen.isSuspended && screen.isClosed)
    }

    @Test func goldenScreensCompareAndRecord() throws {
        var surface = Surface(size: Size(columns: 24, rows: 3))
        surface.put("✓ c1  漢字 done", x: 1, y: 0, role: .statusSucceeded)
        surface.putMeter(0.4, x: 1, y: 2, width: 12)
        expectScreen(surface, named: "golden_screen")

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let golden = GoldenScreen(name: "new", besideTest: folder.appendingPathComponent("SomeTests.swift").path)
        #expect(try #require(golden.complaint(about: "a\nb", isRecording: false)).contains("RECORD_SNAPSHOTS"))
        #expect(try #require(golden.complaint(about: "a\nb", isRecording: true)).contains("recorded"))
        #expect(golden.complaint(about: "a\nb", isRecording: false) == nil)
        let difference = try #require(golden.complaint(about: "a\nc", isRecording: false))
        #expect(difference.contains("row 1\n  - b\n  + c"))
        #expect(golden.complaint(about: "a\nb\n", isRecording: false) != nil)
    }
}
