import Foundation
import Synchronization
import Terminal
import Testing
import Trajectory
import Views

@testable import Application
@testable import TrajectoryStore

/// Going through a whole run: problems, and what was searched for, wherever they are folded away.
@Suite struct FindingTests {
    /// Three iterations of 100 sub-calls each, closed because there are many; problems far below the first screen.
    private func large() -> FixtureSource {
        let source = FixtureSource()
        func calls(_ iteration: Int) -> [FixtureNode] {
            (1...100).map { number in
                switch (iteration, number) {
                case (1, 70):
                    return Fixture.call(
                        "ask \(iteration)-\(number)", .failed, usage: nil,
                        failure: Failure(kind: "rate_limited", message: "slow down"))
                case (2, 3): return Fixture.call("ask \(iteration)-\(number)", .cancelled, usage: nil)
                case (2, 99): return Fixture.call("ask \(iteration)-\(number)", freshness: .stale)
                case (3, 50): return Fixture.call("ask \(iteration)-\(number)", answer: "the Kestrel nests here")
                default: return Fixture.call("ask \(iteration)-\(number)")
                }
            }
        }
        let iterations = [
            Fixture.iteration("first()", output: "a kestrel was seen", calls: calls(1)),
            Fixture.iteration("second()  # kestrel", freshness: .stale, calls: calls(2)),
            Fixture.iteration("third()", calls: calls(3)),
        ]
        source.add(
            Fixture.run("9999", "Where are the birds?", answer: "North."),
            Fixture.root("Where are the birds?", .succeeded, iterations))
        return source
    }

    private func address(_ app: TestApp) -> String? { app.model.open?.selectedNode?.address.description }

    @Test func problemsAreFoundInTheStoreAndOpened() {
        let app = TestApp(large(), run: "9999")
        #expect(app.model.open?.rows.count == 4, "everything is closed")
        #expect(app.rows.last?.contains("] next problem") == true)
        var seen: [String] = []
        for step in 1...5 {
            app.type("]")
            seen.append(address(app) ?? "")
            let place = (step - 1) % 4 + 1
            #expect(app.rows.last?.contains("problem \(place) of 4") == true, "\(app.rows.last ?? "")")
            #expect(app.rows.last?.contains("round to the beginning") == (step == 5))
            #expect(app.cursorRow.contains(seen.last?.split(separator: ".").last ?? "?"))
        }
        #expect(seen == ["i1.c70", "i2", "i2.c3", "i2.c99", "i1.c70"])
        app.type("[")
        #expect(address(app) == "i2.c99")
        #expect(app.rows.last == " problem 4 of 4, round to the end: stale")
    }

    /// Where the counts of calls say that something failed, the first screen asks for no more.
    @Test func problemsOfALargeRunAreFoundWhenAskedFor() {
        let source = FixtureSource()
        let calls = (1...6_000).map { Fixture.call("ask \($0)", $0 == 5_990 ? .failed : .succeeded) }
        let root = Fixture.root("How many?", .succeeded, [Fixture.iteration("ask()", calls: calls)])
        var run = Fixture.run("8888", "How many?", answer: "6,000")
        run.calls = CallCounts(done: 6_000, failed: 1)
        source.add(run, root)
        let app = TestApp(source, run: "8888")
        #expect(app.model.open?.problemsKey == nil, "counted before anybody asked")
        #expect(app.rows.last?.contains("] next problem") == true)
        app.type("]")
        #expect(address(app) == "i1.c5990")
        #expect(app.rows.last == " problem 1 of 1: failed")
    }

    /// A block that failed makes its iteration fail, and has no row of its own: one place to go to, not two.
    @Test func aFailedBlockIsFoundOnceAndLeftAgain() {
        let source = FixtureSource()
        func failing(_ code: String) -> FixtureNode {
            let failure = Failure(kind: "KeyError", message: "'x'")
            var iteration = Fixture.iteration(code, .failed, failure: failure)
            var block = iteration
            block.node.kind = .block
            block.node.id = .block(iteration.block?.id ?? BlockID(rawValue: 0))
            block.completion = nil
            iteration.children = [block]
            return iteration
        }
        source.add(
            Fixture.run("b10c", "q", answer: "a"),
            Fixture.root("q", .succeeded, [failing("one()"), Fixture.iteration("fine()"), failing("two()")]))
        let app = TestApp(source, run: "b10c")
        var seen: [String?] = []
        for _ in 0..<3 {
            app.type("]")
            seen.append(address(app))
        }
        #expect(seen == ["i1", "i3", "i1"])
        #expect(app.rows.last == " problem 1 of 2, round to the beginning: failed")
    }

    @Test func problemsAreOfferedOnlyWhereThereAreSome() {
        let app = TestApp(Fixture.many(), run: "a0f1")
        #expect(app.rows.last?.contains("problem") == false)
        app.type("]")
        #expect(app.rows.last == " next problem: nothing failed, stopped short, is held or stale")
    }

    @Test func searchGoesThroughAllTextsOfTheRun() {
        let app = TestApp(large(), run: "9999")
        app.type("/kestrel<enter>")
        // Output, code, an answer: none of them on the screen before.
        #expect(address(app) == "i1")
        #expect(app.rows.last == " \"kestrel\" 1 of 3")
        app.type("n")
        #expect(address(app) == "i2")
        app.type("n")
        #expect(address(app) == "i3.c50")
        #expect(app.rows.last == " \"kestrel\" 3 of 3")
        app.type("n")
        #expect(address(app) == "i1")
        #expect(app.rows.last == " \"kestrel\" 1 of 3, round to the beginning")
        app.type("N")
        #expect(address(app) == "i3.c50")
        #expect(app.rows.last == " \"kestrel\" 3 of 3, round to the end")
        app.type("/the whole ark<enter>")
        #expect(app.rows.last == " \"the whole ark\" is not in this run.")
    }

    @Test func whatWasFoundIsMarkedInTreeAndDetail() {
        let app = TestApp(large(), run: "9999", size: "120x40")
        app.type("/ask 3-50<enter>")
        #expect(address(app) == "i3.c50")
        let surface = app.surface
        let marked = (0..<surface.size.rows).filter { y in
            (2..<60).contains { x in surface[x, y].role == .selection && app.rows[y].contains("ask 3-50") }
        }
        #expect(!marked.isEmpty, "the title is not marked")
        let detail = (0..<surface.size.rows).contains { y in (64..<120).contains { surface[$0, y].role == .selection } }
        #expect(detail, "the prompt is not marked in the detail")
    }

    @Test func searchGoesOnFromATextIntoTheRun() {
        let app = TestApp(large(), run: "9999", size: "120x40")
        app.type("j<enter>/kestrel<enter>")
        #expect(app.model.focus == .detail)
        #expect(app.rows.last == " \"kestrel\" 1 of 1 in this text")
        app.type("n")
        #expect(address(app) == "i2")
        #expect(app.rows.last == " \"kestrel\" 2 of 3")
        #expect(app.model.focus == .detail)
    }

    @Test func earlierSearchesComeBackWithTheArrow() {
        let app = TestApp(large(), run: "9999")
        app.type("/kestrel<enter>/<up>")
        #expect(app.rows.last?.hasPrefix(" /kestrel") == true)
        app.type("<enter>")
        #expect(address(app) == "i1")
    }

    /// Every problem of every fixture, one after the other, leads round and back to where it began.
    @Test func goingOnFromProblemToProblemVisitsEachOnce() throws {
        for source in [large(), Fixture.live(), Fixture.failing(), Fixture.limited()] {
            let run = source.order[0].id
            let problems = try source.problems(in: run).map(\.address.description)
            #expect(!problems.isEmpty)
            let app = TestApp(source, run: run.rawValue, size: "60x15")
            app.type("g")
            var seen: Set<String> = []
            for _ in problems {
                app.type("]")
                seen.insert(app.model.open?.selectedNode?.address.description ?? "")
            }
            #expect(seen == Set(problems))
        }
    }

    // MARK: A search that goes on

    private func portion(_ addresses: [String], isLast: Bool = false) throws -> ExplorerMessage {
        .searchFound(
            RunID(rawValue: "9999"), SearchPattern("ask"), try addresses.map { try Address($0) }, isLast: isLast,
            isWhole: isLast)
    }

    /// The first hit is gone to before the search has ended, and how many there are is said when it has.
    @Test func theFirstHitIsShownWhileTheSearchGoesOn() throws {
        let app = TestApp(SlowSource(large()), run: "9999", isInline: false)
        app.type("j/ask<enter>")
        #expect(app.rows.last == " \"ask\": searching the run; Esc stops")
        app.send(try portion(["i1.c1", "i1.c2"]))
        #expect(address(app) == "i1.c1")
        #expect(app.rows.last == " \"ask\" 1 of 2 so far")
        app.send(try portion(["i1.c3"], isLast: true))
        #expect(app.rows.last == " \"ask\" 1 of 3")
        app.type("n")
        #expect(address(app) == "i1.c2")
        app.send(try portion(["i1.c4"], isLast: true))
        #expect(app.rows.last == " \"ask\" 2 of 3", "what comes after the end is not taken")
    }

    @Test func escapeStopsASearch() throws {
        let source = SlowSource(large())
        let app = TestApp(source, run: "9999", isInline: false)
        app.type("/ask<enter>")
        while !source.hasBegun { Thread.sleep(forTimeInterval: 0.002) }
        app.type("<escape>")
        #expect(app.rows.last == " Stopped searching; nothing was found so far.")
        app.waitUntilIdle()
        #expect(source.wasCancelled)
        app.send(try portion(["i1.c1"], isLast: true))
        #expect(address(app) == "root", "a search that was stopped leads nowhere")
        #expect(app.model.outcome == nil)
    }
}

/// A source whose search goes on until it is cancelled.
private final class SlowSource: TrajectorySource, @unchecked Sendable {  // @unchecked: its variables are atomic.
    private let source: FixtureSource
    private let cancelled = Atomic(false)
    private let begun = Atomic(false)

    init(_ source: FixtureSource) { self.source = source }

    var hasBegun: Bool { begun.load(ordering: .acquiring) }
    var wasCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func search(
        in run: RunID, after address: Address?, limit: Int, isCancelled: () -> Bool,
        matching matches: (String) throws -> Bool
    ) throws -> SearchPage {
        begun.store(true, ordering: .releasing)
        while !isCancelled() { Thread.sleep(forTimeInterval: 0.002) }
        cancelled.store(true, ordering: .releasing)
        return SearchPage(hits: [], isLast: false)
    }

    func runs(limit: Int, offset: Int) throws -> [Run] { try source.runs(limit: limit, offset: offset) }
    func runCount() throws -> Int { try source.runCount() }
    func run(_ id: RunID) throws -> Run { try source.run(id) }
    func root(of run: RunID) throws -> Node { try source.root(of: run) }
    func children(of node: Node, offset: Int, limit: Int) throws -> [Node] {
        try source.children(of: node, offset: offset, limit: limit)
    }
    func node(at address: Address, in run: RunID) throws -> Node { try source.node(at: address, in: run) }
    func node(_ id: NodeID, address: Address) throws -> Node { try source.node(id, address: address) }
    func iterationDetail(_ id: IterationID) throws -> IterationDetail { try source.iterationDetail(id) }
    func completions(of id: NodeID) throws -> [Completion] { try source.completions(of: id) }
    func answer(of call: CallID) throws -> String? { try source.answer(of: call) }
    func prompt(of call: CallID) throws -> [Message] { try source.prompt(of: call) }
    func contexts(of run: RunID) throws -> [Context] { try source.contexts(of: run) }
}
