import Foundation
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

@Suite struct LeavingTests {
    private let live = "7f3a91c2d4e5f607"

    @Test func backLeadsOutTheWayOneCame() {
        let app = TestApp(Fixture.many())
        app.type("<enter>")
        #expect(app.model.focus == .tree)
        app.type("<enter>")
        #expect(app.model.focus == .detail)
        app.type("q<esc><esc>")
        #expect(app.model.focus == .runs)
        #expect(app.rows.last == " q leaves")
        #expect(app.model.outcome == nil)
        app.type("q")
        #expect(app.model.outcome == .quit)
    }

    @Test func aRunThatWasOpenedIsLeftFromItsTree() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        app.type("<enter>q")
        #expect(app.model.outcome == nil)
        app.type("q")
        #expect(app.model.outcome == .quit)
    }

    @Test func leavingALiveRunAsks() throws {
        let app = TestApp(Fixture.live(), run: live, isOwn: true)
        let control = try #require(app.control)
        app.type("q")
        #expect(app.rows.last == " The run is still going: s stop it and leave, k keep watching")
        app.type("j")
        #expect(app.model.waiting == .leaving)
        app.type("k")
        #expect(app.model.outcome == nil && app.model.waiting == nil && control.cancellations == 0)
        app.type("Qs")
        #expect(app.model.outcome == .stopped)
        #expect(control.cancellations == 1)
    }

    @Test func aRunOfAnotherProgramIsLeftWithoutAsking() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("q")
        #expect(app.model.outcome == .quit)
    }

    @Test func interruptAsksOnceAndLeavesTheSecondTime() {
        let app = TestApp(Fixture.live(), run: live, isOwn: true)
        app.type("<c-c>")
        #expect(app.model.waiting == .leaving)
        app.type("<c-c>")
        #expect(app.model.outcome == .interrupted)
    }

    /// Where nothing runs there is nothing to lose: one ^C, or one SIGINT, is enough.
    @Test(arguments: [ScreenEvent.key(.control("c")), .interrupt])
    func oneInterruptLeavesWhereNothingRuns(event: ScreenEvent) {
        let idle = TestApp(Fixture.many())
        idle.type("/abc")
        idle.send(.screen(.key(.control("c"))))
        #expect(idle.model.outcome == nil && idle.model.waiting == nil, "^C gives up the line that is typed first")
        idle.send(.screen(event))
        #expect(idle.model.outcome == .interrupted)
        let other = TestApp(Fixture.live(), run: live)
        other.send(.screen(event))
        #expect(other.model.outcome == .interrupted)
    }

    @Test func aRunThatEndsWhileItIsAskedAboutIsNotAskedAboutAnyMore() throws {
        let app = TestApp(Fixture.live(), run: live, isOwn: true)
        app.type("q")
        try #require(app.control).isFinished = true
        app.loop.advance(to: Fixture.start.addingTimeInterval(42))
        #expect(app.model.waiting == nil)
        app.type("q")
        #expect(app.model.outcome == .quit)
    }

    @Test func cancellingIsConfirmed() throws {
        let app = TestApp(Fixture.live(), run: live, isOwn: true)
        let control = try #require(app.control)
        app.type("Xn")
        #expect(control.cancellations == 0)
        app.type("Xy")
        #expect(control.cancellations == 1)
        #expect(app.model.outcome == nil)
        let other = TestApp(Fixture.live(), run: live)
        other.type("X")
        #expect(other.rows.last?.contains("no run was started by this program") == true)
    }

    @Test(arguments: [(ScreenEvent.hangup, ExplorerOutcome.hangup), (.terminate, .terminated)])
    func theTerminalGoesAway(event: ScreenEvent, outcome: ExplorerOutcome) {
        let app = TestApp(Fixture.live(), run: live, isOwn: true)
        app.send(.screen(event))
        #expect(app.model.outcome == outcome)
    }
}
