import Foundation
import Synchronization
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

/// Pausing, holding and deciding, as a person does it with keys.
@Suite struct HoldTests {
    private let live = "7f3a91c2d4e5f607"

    private func hold(_ number: Int64, _ address: String, _ stage: Hold.Stage, _ rule: String, _ preview: String) throws
        -> Hold
    {
        Hold(
            id: HoldID(rawValue: number), run: RunID(rawValue: live), node: .call(CallID(rawValue: number)),
            address: try Address(address), completion: nil, stage: stage, rule: rule, preview: preview, decision: nil,
            change: nil, createdAt: Fixture.start.addingTimeInterval(29), releasedAt: nil)
    }

    private func held() throws -> FixtureSource {
        let source = Fixture.live()
        source.holds[RunID(rawValue: live)] = [
            try hold(1, "i2.c4", .beforeSend, "depth>0", "[153600:204800] What was the revenue of the segment?"),
            try hold(2, "i2.b1", .beforeRun, "before-run: all", "parts = split(context, 40)"),
            try hold(3, "i2.c5", .beforeDeliver, "by hand", "The segment reports $4.1bn."),
        ]
        return source
    }

    private func app(_ source: FixtureSource, size: String = "80x24", isOwn: Bool = true) -> TestApp {
        TestApp(source, run: live, size: size, isOwn: isOwn, isInline: false, travel: Travel())
    }

    @Test func whatIsHeldIsCountedOnEveryScreen() throws {
        let app = app(try held())
        for keys in ["", "<enter>", "1", "4", "b", "v", "?"] {
            app.type(keys)
            #expect(app.rows[0].hasSuffix("◆ 3 held"), "after \(keys): \(app.rows[0])")
        }
    }

    @Test(arguments: ["80x24", "120x40"])
    func theListOfWhatIsHeld(size: String) throws {
        let app = app(try held(), size: size)
        app.type("4j")
        app.expectScreen("held_\(size)")
        app.type("<enter>")
        #expect(app.model.focus == .tree)
        #expect(app.model.open?.selectedNode?.address.description == "i2", "a block without a row is its iteration")
        app.type("4g<enter>")
        #expect(app.model.open?.selectedNode?.address.description == "i2.c4")
    }

    @Test func lettingOneGoAndAllGo() throws {
        let app = app(try held())
        let control = try #require(app.control)
        app.type("4ja")
        app.waitUntilIdle()
        #expect(control.decisions.map(\.holds) == [[HoldID(rawValue: 2)]])
        #expect(control.decisions[0].decision == .release)
        app.type("A")
        app.waitUntilIdle()
        #expect(control.decisions.last?.holds.count == 3)
        #expect(app.rows.last == " 3 go on.")
    }

    @Test func aHeldNodeIsAnsweredByHandOrSentWithAnotherPrompt() throws {
        let app = app(try held())
        let control = try #require(app.control)
        app.type("4ea")
        #expect(app.rows.last?.hasPrefix(" answer of i2.c4:") == true, "\(app.rows.last ?? "")")
        app.type("by hand<enter>")
        #expect(app.rows.last?.contains("i2.c4: answer changed; a lets it go so, u takes it back.") == true)
        app.type("a")
        app.waitUntilIdle()
        #expect(control.decisions.last?.decision == .answer("by hand"))
        // The prompt of another, changed in the tree.
        app.type("4Gep")
        app.type("<c-u>What?<enter>a")
        app.waitUntilIdle()
        #expect(control.decisions.last?.decision == .release)
        #expect(control.decisions.last?.edit == NodeEdit(address: try Address("i2.c5"), prompt: "What?"))
        #expect(app.model.open?.edits.isEmpty == true, "what has gone is not pending any more")
    }

    @Test func droppingIsConfirmed() throws {
        let app = app(try held())
        let control = try #require(app.control)
        app.type("4X")
        #expect(app.rows.last == " Drop i2.c4? Its code sees a failed sub-call. y drop it, n keep it")
        app.type("n")
        #expect(control.decisions.isEmpty)
        app.type("Xy")
        app.waitUntilIdle()
        #expect(control.decisions.last?.decision == .drop)
    }

    @Test func pausingAndOneStep() throws {
        let app = app(Fixture.live())
        let control = try #require(app.control)
        #expect(app.rows.last?.contains("P pause") == true)
        app.type("s")
        #expect(app.rows.last == " step: the run is not paused; P pauses it")
        app.type("P")
        #expect(control.isPaused)
        #expect(app.rows[0].contains("❚❚ paused"))
        app.type("s")
        #expect(control.state.withLock { $0.steps } == 1)
        app.type("P")
        #expect(!control.isPaused && app.rows[0].contains("● running"))
    }

    @Test func rulesAreTypedWithTheirWordsAndPointAtMistakes() throws {
        let app = app(Fixture.live())
        let control = try #require(app.control)
        app.type("ide<tab>1 & to<tab>8000; /a;b/<enter>")
        #expect(control.holdRuleTexts == ["depth>1 & tokens>8000", "/a;b/"])
        #expect(app.rows.last == " Holds depth>1 & tokens>8000; /a;b/")
        // What is set stands in the line, to be changed.
        app.type("i; depth>>1<enter>")
        #expect(app.rows.last == " hold: depth>1 & tokens>8000; /a;b/; depth>>1")
        let column = " hold: depth>1 & tokens>8000; /a;b/; depth>".count
        #expect(app.rows[22] == String(repeating: " ", count: column) + "v column 37: expected a number")
        #expect(control.holdRuleTexts.count == 2, "the rules are as they were")
        app.type("<backspace><enter>")
        #expect(
            control.holdRuleTexts == ["depth>1 & tokens>8000", "/a;b/", "depth>1"],
            "the cursor was where the mistake was")
        app.type("i<c-u><enter>")
        #expect(control.holdRuleTexts.isEmpty)
        #expect(app.rows.last == " No rule holds anything.")
    }

    @Test func leavingWithHoldsAsks() throws {
        let app = app(try held())
        let control = try #require(app.control)
        app.type("q")
        #expect(
            app.rows.last
                == " 3 nodes are held: l leave it so, s stop it and leave, k keep watching")
        app.type("l")
        #expect(app.model.outcome == .leftHeld)
        #expect(control.state.withLock { $0.wasLeftHeld } && control.cancellations == 0)
    }

    /// A run whose engine has left is decided about in the store.
    @Test func holdsOfAnEarlierEngine() throws {
        let source = try held()
        let travel = Travel()
        let later = Fixture.start.addingTimeInterval(4_000)
        let app = TestApp(source, run: live, now: later, isInline: false, travel: travel)
        app.type("4a")
        app.waitUntilIdle()
        #expect(travel.state.withLock { $0.decisions.map(\.holds) } == [[HoldID(rawValue: 1)]])
        // Another program runs it: that one decides.
        let watched = TestApp(source, run: live, isInline: false, travel: travel)
        watched.type("4a")
        #expect(watched.rows.last == " let go: another program runs it, and decides there")
    }

    @Test func aThousandHoldsAreTurnedOverAtOnce() throws {
        let source = Fixture.live()
        source.holds[RunID(rawValue: live)] = try (1...1_000).map {
            try hold(Int64($0), "i2.c\($0)", .beforeSend, "all", "prompt \($0)")
        }
        let app = app(source)
        app.type("4G")
        #expect(app.cursorRow.contains("i2.c1000"))
        #expect(app.rows[3].contains("1,000 of 1,000"))
        app.type("A")
        app.waitUntilIdle()
        #expect(app.control?.decisions.count == 1, "in one decision")
    }
}
