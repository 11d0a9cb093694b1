import Foundation
import Terminal
import Testing
import Trajectory

@testable import Application

/// Whole screens. What each shows is in its golden file; here stands how one gets there.
@Suite struct ScreenTests {
    private let live = "7f3a91c2d4e5f607"

    @Test func anEmptyStoreTeaches() {
        TestApp(FixtureSource()).expectScreen("runs_empty")
    }

    @Test(arguments: ["80x24", "120x40"])
    func listOfRuns(size: String) {
        let app = TestApp(Fixture.many(), size: size)
        app.type("j")
        app.expectScreen("runs_\(size)")
    }

    @Test(arguments: ["80x24", "120x40", "200x60"])
    func aLiveRun(size: String) {
        TestApp(Fixture.live(), run: live, size: size).expectScreen("live_\(size)")
    }

    @Test func aFailedSubcallIsExplainedByThePeek() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("jjj")
        #expect(app.cursorRow.contains("✗") && app.cursorRow.contains("c3"))
        app.expectScreen("live_failed_subcall_peek")
    }

    @Test(arguments: ["80x24", "120x40"])
    func anIterationThatRaised(size: String) {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: size)
        app.type("]<enter>")
        app.expectScreen("iteration_failed_\(size)")
    }

    @Test(arguments: ["80x24", "120x40"])
    func aSubcall(size: String) {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: size)
        app.type("jjj<enter>")
        app.expectScreen("subcall_\(size)")
    }

    @Test func help() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("?")
        app.expectScreen("help_tree")
    }

    @Test func commandsSayWhyNot() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        app.type(":run")
        app.expectScreen("commands")
    }

    @Test func aLimitedRunSaysSo() {
        TestApp(Fixture.limited(), run: "11aa").expectScreen("limited_80x24")
        TestApp(Fixture.limited(), run: "11aa", size: "120x40").expectScreen("limited_120x40")
    }

    @Test func unknownUsageIsNeverZero() {
        TestApp(Fixture.unknownUsage(), run: "22bb").expectScreen("unknown_usage")
    }

    @Test func hostileTextIsDrawnAndNotObeyed() {
        let app = TestApp(Fixture.hostile(), run: "33cc", size: "120x40")
        app.type("j")
        let text = app.surface.text()
        let isHarmless = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x202E)
        }
        #expect(isHarmless)
        app.expectScreen("hostile")
    }

    @Test func asciiAlone() {
        let app = TestApp(Fixture.live(), run: live, glyphs: .ascii)
        let text = app.surface.text(isASCII: true)
        #expect(text.utf8.count == text.unicodeScalars.count)
        // What has no twin would be a question mark.
        #expect(text.filter { $0 == "?" }.count == app.surface.text().filter { $0 == "?" }.count)
    }

    @Test func theSmallestScreen() {
        TestApp(Fixture.live(), run: live, size: "60x15").expectScreen("live_60x15")
    }

    @Test func tooSmallAScreenStillTakesQ() {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: "40x10")
        app.expectScreen("too_small")
        app.type("j")
        #expect(app.model.outcome == nil)
        app.type("q")
        #expect(app.model.outcome == .quit)
    }
}
