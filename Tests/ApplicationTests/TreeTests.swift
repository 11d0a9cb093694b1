import Foundation
import Terminal
import Testing
import Trajectory
import TrajectoryStore
import Views

@testable import Application

@Suite struct TreeTests {
    private let live = "7f3a91c2d4e5f607"

    @Test func selectionStaysWithItsNodeAcrossSizes() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("gjjjjj")
        #expect(app.cursorRow.contains("c3"))
        for size in ["120x40", "60x15", "40x10", "200x60", "80x24"] {
            app.resize(size)
            #expect(app.model.open?.selectedNode?.address.description == "i2.c3", "\(size)")
            if size != "40x10" {
                #expect(app.rows.contains { $0.contains("▌") && $0.contains("c3   rate") }, "\(size)")
            }
        }
    }

    @Test func queuedCallsAreOneRowUntilTheyAreWanted() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("G")
        #expect(app.cursorRow.contains("c7–c40  34 queued"))
        app.type("<enter>")
        #expect(app.cursorRow.contains("c7"))
        #expect(app.model.open?.rows.count == 1 + 2 + 40)
        app.type("G")
        #expect(app.cursorRow.contains("c40"))
    }

    @Test func closingAndOpening() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        #expect(app.model.open?.rows.count == 6)
        app.type("jjjh")
        #expect(app.cursorRow.contains("i2"))
        app.type("h")
        #expect(app.model.open?.rows.count == 4)
        app.type("l")
        #expect(app.model.open?.rows.count == 6)
        app.type("l")
        #expect(app.cursorRow.contains("c1"))
        app.type("p")
        #expect(app.cursorRow.contains("i2"))
    }

    @Test func followingEndsWhenTheHandMoves() throws {
        let source = Fixture.live()
        let app = TestApp(source, run: live)
        #expect(app.model.open?.isFollowing == true)
        #expect(app.cursorRow.contains("i2"))
        grow(source)
        app.send(.storeChanged)
        #expect(app.cursorRow.contains("i3"))
        app.type("k")
        #expect(app.model.open?.isFollowing == false)
        let place = app.cursorRow
        grow(source)
        app.send(.storeChanged)
        #expect(app.cursorRow == place)
        app.type("F")
        #expect(app.cursorRow.contains("i4"))
    }

    @Test func aRunWatchedToItsEndShowsItsAnswer() throws {
        let source = Fixture.live()
        let app = TestApp(source, run: live)
        grow(source)
        app.send(.storeChanged)
        #expect(app.cursorRow.contains("i3"))
        var run = try source.run(RunID(rawValue: live))
        run.status = .succeeded
        run.stopReason = .answered
        run.answer = "Two of them, by 12 %."
        source.add(run, try source.tree(of: run.id))
        app.send(.storeChanged)
        #expect(app.cursorRow.contains("root"))
        #expect(app.model.open?.isFollowing == false)
    }

    @Test func rowsThatComeAboveLeaveTheCursorWhereItIs() throws {
        let source = FixtureSource()
        func calls(_ count: Int) -> [FixtureNode] { (0..<count).map { Fixture.call("ask \($0)") } }
        let iterations = [
            Fixture.iteration("first()", .running, calls: calls(2)),
            Fixture.iteration("second()", .running, calls: calls(20)),
            Fixture.iteration("third()", .running),
        ]
        source.add(Fixture.run("7777", "q", .running), Fixture.root("q", .running, iterations))
        // Not followed, so that nothing is folded: its engine has been silent for long.
        let app = TestApp(source, run: "7777", size: "60x15", now: Fixture.start.addingTimeInterval(1_000))
        // In the middle of the screen, with rows above that are not on it.
        app.type("gG<c-u>")
        let place = app.rows.firstIndex(of: app.cursorRow)
        let cursor = app.cursorRow
        #expect(cursor.contains("c17"))
        var tree = try source.tree(of: RunID(rawValue: "7777"))
        tree.children[0].children += calls(7)
        source.add(try source.run(RunID(rawValue: "7777")), tree)
        app.send(.storeChanged)
        #expect(app.model.open?.rows.count == 1 + 3 + 2 + 7 + 20)
        #expect(app.cursorRow == cursor)
        #expect(app.rows.firstIndex(of: app.cursorRow) == place)
    }

    private func grow(_ source: FixtureSource) {
        guard let run = source.order.first, let root = try? source.tree(of: run.id) else { return }
        var grown = root
        grown.children.append(Fixture.iteration("more()", .running))
        source.add(run, grown)
    }

    @Test func recursiveCallsOpenLikeTheRoot() {
        let source = FixtureSource()
        let inner = Fixture.recursive(
            "Look into part two",
            [Fixture.iteration("inner()", calls: [Fixture.call("deep")])]
        )
        source.add(
            Fixture.run("8888", "q", answer: "a"),
            Fixture.root("q", .succeeded, [Fixture.iteration("outer()", calls: [Fixture.call("flat"), inner])])
        )
        let app = TestApp(source, run: "8888", size: "120x40")
        #expect(app.model.open?.rows.count == 6)
        #expect(app.rows[0].contains("i1 d2"))
        app.type("G")
        #expect(app.model.open?.selectedNode?.address.description == "i1.c2.i1.c1")
        #expect(app.rows.contains { $0.contains("i1.c2.i1.c1  sub-call") })
        app.type("ph")
        #expect(app.model.open?.rows.count == 5)
        app.type("p")
        #expect(app.cursorRow.contains("c2"))
        #expect(app.rows.contains { $0.contains("recursive call") })
    }

    @Test func problemsAreFoundOneAfterTheOther() {
        let app = TestApp(Fixture.live(), run: live)
        app.type("g]")
        #expect(app.cursorRow.contains("c3"))
        app.type("]")
        #expect(app.cursorRow.contains("c4"))
        app.type("[")
        #expect(app.cursorRow.contains("c3"))
    }

    @Test func searchGoesThroughRowsAndText() {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: "120x40")
        app.type("/part two<enter>")
        #expect(app.cursorRow.contains("c2"))
        app.type("/absent<enter>")
        #expect(app.rows.last?.contains("is not in this run") == true)
        app.type("g<tab>/segments<enter>")
        #expect(app.rows.last == " \"segments\" 1 of 2 in this text")
    }

    @Test func aMillionSubcallsAreTurnedOverAtOnce() {
        let source = EndlessSource(calls: 1_000_000)
        let app = TestApp(source, run: "eeee")
        app.type("jl")
        #expect(app.model.open?.rows.count == 1_000_002)
        let clock = ContinuousClock()
        let took = clock.measure { app.type("G") }
        #expect(took < .milliseconds(200))
        #expect(app.cursorRow.contains("c1000000"))
        app.type("g<c-f><c-f>")
        #expect(app.cursorRow.contains("c31"))
        app.expectScreen("million")
        app.resize("80x60")
        for _ in 0..<200 { app.type("<c-f>") }
        #expect(app.cursorRow.contains("c10431"))
        #expect((app.model.open?.cache.pageCount ?? 0) <= NodeCache.pageLimit)
        #expect(source.nodesRead < 60_000)
    }

    @Test func aMillionQueuedCallsAreOneRow() {
        let source = EndlessSource(calls: 1_000_000, queued: 999_990)
        let app = TestApp(source, run: "eeee")
        app.type("jl")
        #expect(app.model.open?.rows.count == 2 + 10 + 1)
        app.type("G")
        #expect(app.cursorRow.contains("999,990 queued"))
        #expect(source.nodesRead < 1_000)
    }
}

extension FixtureSource {
    func tree(of run: RunID) throws -> FixtureNode {
        let root = try root(of: run)
        func build(_ node: Node) throws -> FixtureNode {
            FixtureNode(
                node: node,
                children: try children(of: node, offset: 0, limit: .max).map(build),
                block: { if case .iteration(let id) = node.id { try? iterationDetail(id).blocks.first } else { nil } }()
            )
        }
        return try build(root)
    }
}

/// One iteration with any number of sub-calls, which are made up when they are asked for.
final class EndlessSource: TrajectorySource, @unchecked Sendable {  // @unchecked: the test's one thread counts.
    private let calls: Int
    private let queued: Int
    private(set) var nodesRead = 0

    init(calls: Int, queued: Int = 0) {
        self.calls = calls
        self.queued = queued
    }

    private var counts: CallCounts { CallCounts(queued: queued, done: calls - queued) }
    private let usage = UsageTotal(Usage(inputTokens: 600, outputTokens: 20, cost: 0.000_4))

    private func node(_ address: Address, _ id: NodeID, _ kind: Node.Kind, _ status: Status, _ children: Int) -> Node {
        nodesRead += 1
        return Node(
            id: id,
            address: address,
            kind: kind,
            depth: address.depth,
            status: status,
            origin: .live,
            freshness: .fresh,
            model: Fixture.model,
            title: "call \(address.lastStep)",
            failure: nil,
            preview: "ok",
            own: usage,
            subtree: usage,
            calls: children > 0 ? counts : CallCounts(),
            attempts: 1,
            childCount: children,
            block: nil,
            batch: nil,
            startedAt: Fixture.start,
            endedAt: Fixture.start,
            seconds: 2
        )
    }

    private var rootNode: Node { node(.root, .call(CallID(rawValue: 1)), .rlm, .succeeded, 1) }
    private var iteration: Node {
        node(Address(steps: [.iteration(1)]), .iteration(IterationID(rawValue: 1)), .iteration, .succeeded, calls)
    }

    private func call(_ ordinal: Int) -> Node {
        node(
            Address(steps: [.iteration(1), .call(ordinal)]),
            .call(CallID(rawValue: Int64(ordinal) + 1)),
            .llm,
            ordinal > calls - queued ? .queued : .succeeded,
            0
        )
    }

    func runs(limit: Int, offset: Int) throws -> [Run] { offset == 0 ? [try run(RunID(rawValue: "eeee"))] : [] }
    func runCount() throws -> Int { 1 }

    func run(_ id: RunID) throws -> Run {
        var run = Fixture.run("eeee", "Ask a million times", answer: "done")
        run.calls = counts
        run.usage = usage
        return run
    }

    func root(of run: RunID) throws -> Node { rootNode }

    func children(of node: Node, offset: Int, limit: Int) throws -> [Node] {
        switch node.kind {
        case .rlm: offset == 0 ? [iteration] : []
        case .iteration: offset >= calls ? [] : (offset..<min(calls, offset + limit)).map { call($0 + 1) }
        case .llm, .block: []
        }
    }

    func node(at address: Address, in run: RunID) throws -> Node { address.steps.isEmpty ? rootNode : iteration }

    func node(_ id: NodeID, address: Address) throws -> Node {
        switch address.steps.count {
        case 0: rootNode
        case 1: iteration
        default: call(address.steps.last?.number ?? 1)
        }
    }

    func iterationDetail(_ id: IterationID) throws -> IterationDetail { IterationDetail(completion: nil, blocks: []) }
    func completions(of id: NodeID) throws -> [Completion] { [] }
    func answer(of call: CallID) throws -> String? { nil }
    func prompt(of call: CallID) throws -> [Message] { [] }
    func contexts(of run: RunID) throws -> [Context] { [] }
    func problemCounts(in run: RunID, blocksApart: Bool) throws -> [Problem: Int] { [:] }
}
