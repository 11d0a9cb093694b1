import Foundation
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

/// A live batch that does not fit the screen: what runs, waits and failed is in view.
@Suite struct FollowingTests {
    private func batch(done: Int, running: Int = 8, queued: Int = 400, failed: [Int] = []) -> FixtureSource {
        let source = FixtureSource()
        var calls = (0..<done).map { number in
            failed.contains(number)
                ? Fixture.call(
                    "part \(number)", .failed, usage: nil, failure: Failure(kind: "timeout", message: "too slow"))
                : Fixture.call("part \(number)")
        }
        calls += (0..<running).map { Fixture.call("part \(done + $0)", .running, usage: nil) }
        calls += (0..<queued).map { Fixture.call("part \(done + running + $0)", .queued, usage: nil) }
        let iterations = [
            Fixture.iteration("look()"), Fixture.iteration("ask_all()", .running, calls: calls),
        ]
        source.add(
            Fixture.run("b47c", "Ask them all", .running), Fixture.root("Ask them all", .running, iterations))
        return source
    }

    @Test func theFrontierIsInViewAndFinishedSiblingsShareARow() {
        let app = TestApp(batch(done: 500, failed: [17, 300]), run: "b47c")
        let text = app.rows.joined(separator: "\n")
        #expect(text.contains("c1–c17  17 done"), "\(text)")
        #expect(text.contains("c18  timeout: too slow"))
        #expect(text.contains("c301  timeout: too slow"))
        for number in 501...508 { #expect(text.contains("c\(number)"), "c\(number) runs and is not in view") }
        #expect(text.contains("c509–c908  400 queued"))
        #expect(text.contains("following"))
    }

    /// Moves the batch on: so many are done, the next eight run.
    private func advance(_ source: FixtureSource, done: Int) throws {
        let run = source.order[0]
        var tree = try source.tree(of: run.id)
        for place in tree.children[1].children.indices {
            tree.children[1].children[place].node.status =
                place < done ? .succeeded : place < done + 8 ? .running : .queued
        }
        source.add(run, tree)
    }

    @Test func itStaysInViewWhileTheBatchGoesOn() throws {
        let source = batch(done: 20)
        let app = TestApp(source, run: "b47c")
        for done in stride(from: 30, through: 400, by: 37) {
            try advance(source, done: done)
            app.send(.storeChanged)
            let text = app.rows.joined(separator: "\n")
            #expect(text.contains("c\(done + 1)") && text.contains("c\(done + 8)"), "\(done): \(text)")
            #expect(text.contains("queued"))
        }
    }

    @Test func whenAFewRowsAreNotEnoughWhatRunsIsShown() {
        let app = TestApp(batch(done: 500, running: 32, failed: Array(stride(from: 0, to: 60, by: 3))), run: "b47c")
        let text = app.rows.joined(separator: "\n")
        #expect(text.contains("c532"), "\(text)")
        #expect(text.contains("400 queued"))
    }

    @Test func aSmallBatchIsShownAsItIs() {
        let app = TestApp(batch(done: 4, running: 2, queued: 3), run: "b47c")
        let text = app.rows.joined(separator: "\n")
        for number in 1...6 { #expect(text.contains("c\(number)  "), "\(text)") }
    }

    @Test func theHandKeepsTheRowsAndOpensTheFold() throws {
        let source = batch(done: 500)
        let app = TestApp(source, run: "b47c")
        app.type("g")
        while !app.cursorRow.contains("done") { app.type("j") }
        #expect(app.cursorRow.contains("c1–c500  500 done"))
        #expect(app.rows.last?.contains("⏎ show") == true)
        let rows = app.model.open?.rows.count
        app.send(.storeChanged)
        #expect(app.model.open?.rows.count == rows)
        app.type("<enter>")
        #expect(app.cursorRow.contains("c1 "))
        #expect(app.model.open?.rows.count == 3 + 508 + 1)
        app.type("F")
        #expect(app.rows.contains { $0.contains("c2–c500  499 done") }, "\(app.rows.joined(separator: "\n"))")
    }

    /// A recursive call that goes on is followed down to where it is.
    @Test func recursiveCallsAreFollowedDown() {
        let source = FixtureSource()
        var inner = Fixture.recursive(
            "Look into it",
            [
                Fixture.iteration("inner_first()"),
                Fixture.iteration("inner_second()", .running, calls: [Fixture.call("deep one", .running, usage: nil)]),
            ]
        )
        inner.node.status = .running
        inner.node.seconds = nil
        let flat = (0..<90).map { Fixture.call("flat \($0)") }
        source.add(
            Fixture.run("deeb", "Go deep", .running),
            Fixture.root("Go deep", .running, [Fixture.iteration("outer()", .running, calls: flat + [inner])]))
        let app = TestApp(source, run: "deeb")
        app.send(.storeChanged)
        app.send(.storeChanged)
        let text = app.rows.joined(separator: "\n")
        #expect(text.contains("deep one"), "\(text)")
        #expect(app.model.open?.selectedNode?.address.description == "i1.c91.i2")
    }

    // MARK: Time

    @Test func elapsedNeverRunsBackwards() {
        let source = batch(done: 3)
        let app = TestApp(source, run: "b47c")
        func elapsed() -> String {
            app.rows[0].split(separator: " ").first { $0.contains(#/^\d\d:\d\d$/#) }.map(String.init) ?? "?"
        }
        #expect(elapsed() == "00:41")
        app.send(.clock(Fixture.start.addingTimeInterval(60)))
        #expect(elapsed() == "01:00")
        // The clock is set back by an hour, and time goes on from there.
        app.send(.clock(Fixture.start.addingTimeInterval(60 - 3_600)))
        #expect(elapsed() == "01:00")
        app.send(.clock(Fixture.start.addingTimeInterval(65 - 3_600)))
        #expect(elapsed() == "01:05")
    }

    /// The last sign of life was at 40 s, and the screen has counted on until the engine was given up.
    @Test func anInterruptedRunDoesNotGoBackToItsLastSign() {
        let app = TestApp(batch(done: 3), run: "b47c")
        app.send(.clock(Fixture.start.addingTimeInterval(69)))
        #expect(app.rows[0].contains("01:09"))
        app.send(.clock(Fixture.start.addingTimeInterval(75)))
        #expect(app.rows[0].contains("interrupted"))
        #expect(app.rows[0].contains("01:09"), "\(app.rows[0])")
    }
}
