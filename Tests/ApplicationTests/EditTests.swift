import Foundation
import Synchronization
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

/// Changing nodes, running them again, and continuing from them, as a person does it with keys.
@Suite struct EditTests {
    private let run = "5c1d"

    private func app(
        _ travel: Travel = Travel(), size: String = "80x24",
        editor: @escaping @Sendable (String) -> String? = { $0 + "\nmore" }
    )
        -> TestApp
    {
        TestApp(Fixture.failing(), run: run, size: size, isInline: false, travel: travel, editor: editor)
    }

    private func address(_ app: TestApp) -> String? { app.model.open?.selectedNode?.address.description }

    private func freshness(_ app: TestApp) -> [String: String] {
        var marks: [String: String] = [:]
        for case .node(let node, _, _, _)? in app.model.scene.tree?.rows.map(Optional.some) ?? [] {
            marks[node.address.description] =
                node.origin == .edited ? "Δ" : node.freshness == .stale ? "≈" : ""
        }
        return marks
    }

    @Test func anEditMarksWhatFollowsAndCanBeTakenBack() {
        let app = app()
        app.type("jj")
        while address(app) != "i2.c2" { app.type("j") }
        app.type("e")
        #expect(app.rows.joined(separator: "\n").contains("Change of i2.c2"))
        app.type("p<c-u>What was its revenue?<enter>")
        #expect(
            app.rows.last?.contains("i2.c2: prompt changed; r tries it alone, R continues") == true,
            "\(app.rows.last ?? "")")
        #expect(freshness(app) == ["root": "≈", "i1": "", "i2": "≈", "i2.c1": "", "i2.c2": "Δ", "i3": "≈"])
        app.type("u")
        #expect(app.rows.last == " Taken back: nothing is changed now.")
        #expect(freshness(app)["i2.c2"] == "")
        app.type("<c-r>")
        #expect(app.rows.last == " Made again: 1 changed node not run yet.")
        #expect(freshness(app)["i2.c2"] == "Δ")
        app.type("uu")
        #expect(app.rows.last == " undo: nothing was changed that was not run")
    }

    @Test func theKeysWalkThroughWhatFollows() {
        let app = app()
        app.type("j")
        // The first iteration is changed: all after it follows. Two of these are problems by themselves.
        app.type("er")
        app.waitUntilIdle()
        #expect(freshness(app)["i1"] == "Δ", "\(app.rows.last ?? "")")
        var seen: [String] = []
        for _ in 0..<4 {
            app.type("]")
            seen.append(address(app) ?? "")
        }
        #expect(seen == ["i2", "i3", "root", "i2"])
        app.type("[")
        #expect(address(app) == "root")
        #expect(app.rows.last == " problem 1 of 3: stale", "\(app.rows.last ?? "")")
    }

    @Test func codeIsCheckedByPythonBeforeItIsTaken() {
        let travel = Travel()
        let app = app(travel, editor: { $0.contains("(((") ? "fine()" : "((( " + $0 })
        app.type("jec")
        #expect(app.rows.last == " Not taken: '(' was never closed, line 1. e goes on editing.")
        #expect(app.model.open?.edits.isEmpty == true)
        // What was written is not lost: the editor begins with it.
        app.type("ec")
        #expect(app.copied.texts.last?.contains("((( print(context[:500])") == true)
        #expect(app.model.open?.edits.edits.first?.code == "fine()")
        #expect(app.model.open?.edits.edits.first?.address.description == "i1.b1")
        #expect(travel.state.withLock { $0.checked.count } == 2)
    }

    @Test func aModelIsAProviderAndAName() {
        let app = app()
        app.type("jem<c-u>gpt<enter>")
        #expect(app.rows.last?.contains("\"gpt\" is no model") == true)
        app.type("em<c-u>openai/gpt-5-mini<enter>")
        #expect(app.model.open?.edits.edits.first?.model == "openai/gpt-5-mini")
    }

    @Test func parametersAreKeysAndValues() {
        let app = app()
        while address(app) != "i2.c1" { app.type("j") }
        app.type("es")
        #expect(app.rows.last == " parameters of i2.c1: temperature=0", "\(app.rows.last ?? "")")
        app.type("<c-u>hot<enter>")
        #expect(app.rows.last == " \"hot\" is not KEY=VALUE, such as temperature=0.2 top_p=0.9.")
        app.type("es<c-u>temperature=0.9, top_p=0.5<enter>")
        #expect(app.model.open?.edits.edits.first?.sampling == ["temperature": "0.9", "top_p": "0.5"])
    }

    /// Looking at another run loses nothing of what was changed in this one.
    @Test func editsAreKeptWhileAnotherRunIsLookedAt() {
        let source = Fixture.failing()
        source.add(
            Fixture.run("0e0e", "Another?", after: 60), Fixture.root("Another?", .succeeded, [Fixture.iteration("x()")])
        )
        let app = TestApp(source, run: run, isInline: false, travel: Travel())
        while address(app) != "i2.c2" { app.type("j") }
        app.type("ep<c-u>What?<enter>1g<enter>")
        #expect(app.model.open?.id.rawValue == "0e0e" && app.model.open?.edits.isEmpty == true)
        app.type("1j<enter>")
        #expect(app.model.open?.id.rawValue == run)
        #expect(app.model.open?.edits.edits.first?.prompt == "What?")
        app.type("u")
        #expect(app.model.open?.edits.isEmpty == true)
    }

    @Test func aForkThatCouldNotBeginCanBeTriedAgain() {
        let travel = Travel()
        let app = app(travel)
        app.type("jR")
        app.waitUntilIdle()
        travel.state.withLock { $0.problem = "the context is gone" }
        app.type("<enter>")
        app.waitUntilIdle()
        #expect(app.rows.last == " the context is gone")
        travel.state.withLock { $0.problem = nil }
        app.type("<enter>")
        app.waitUntilIdle()
        #expect(travel.state.withLock { $0.forks.count } == 1)
    }

    @Test func runningAgainAloneAsksHowOften() throws {
        let travel = Travel()
        let app = app(travel)
        while address(app) != "i2.c1" { app.type("j") }
        app.type("r")
        #expect(app.rows.last == " run i2.c1 again, times: 1")
        app.type("<backspace>0<enter>")
        #expect(app.rows.last == " run i2.c1 again, times: 0")
        app.type("<backspace>3<enter>")
        app.waitUntilIdle()
        #expect(travel.state.withLock { $0.reruns.count } == 3)
        #expect(app.model.focus == .comparison)
        #expect(app.rows[3].contains("Differences  i2.c1@1 → i2.c1@2, and 2 more"), "\(app.rows[3])")
        app.type("q")
        #expect(app.model.focus == .tree)
        travel.state.withLock { $0.problem = "no key: set OPENAI_API_KEY" }
        app.type("r<enter>")
        app.waitUntilIdle()
        #expect(app.rows.last == " no key: set OPENAI_API_KEY")
    }

    @Test(arguments: ["80x24", "120x40"])
    func theForecastComesFirst(size: String) throws {
        let travel = Travel()
        let app = app(travel, size: size)
        while address(app) != "i2.c2" { app.type("j") }
        app.type("ep<c-u>What was its revenue?<enter>R")
        app.waitUntilIdle()
        app.expectScreen("forecast_\(size)")
        #expect(travel.state.withLock { $0.forks.isEmpty }, "nothing has begun")
        app.type("q")
        #expect(app.model.focus == .tree && travel.state.withLock { $0.forks.isEmpty })
    }

    @Test func continuingOpensTheForkLive() throws {
        let travel = Travel()
        let source = Fixture.failing()
        var fork = Fixture.run("f0f0", Fixture.question, .running)
        fork.forkedFrom = RunID(rawValue: run)
        fork.forkedAt = try Address("i2.c2")
        source.add(fork, Fixture.root(Fixture.question, .running, [Fixture.iteration("x()", .running)]))
        let app = TestApp(source, run: run, isInline: false, travel: travel)
        while address(app) != "i2.c2" { app.type("j") }
        app.type("ep<c-u>What?<enter>gR")
        app.waitUntilIdle()
        app.type("<enter>")
        app.waitUntilIdle()
        #expect(travel.state.withLock { $0.forks } == [NodeEdit(address: try Address("i2.c2"), prompt: "What?")])
        #expect(app.model.open?.id.rawValue == "f0f0")
        #expect(app.rows[0].contains("f0f0") && app.rows[0].contains("running"))
        #expect(app.rows.last == " f0f0 is a fork of 5c1d; b shows its family.")
        app.type("P")
        #expect(travel.control.isPaused, "the fork is commanded like any run of this process")
        app.type("PXy")
        #expect(travel.control.cancellations == 1)
    }

    @Test func withoutAStoreToWriteNothingIsOffered() {
        let app = TestApp(Fixture.failing(), run: run)
        app.type("jr")
        #expect(app.rows.last == " rerun: the store can only be read here")
        app.type("e")
        #expect(app.rows.last == " edit: the store can only be read here")
    }

    @Test func everyActionIsInThePaletteWithItsKeyOrReason() {
        let app = app(size: "120x60")
        app.type(":")
        let text = app.rows.joined(separator: "\n")
        for (key, words) in [
            ("P", "pause the run"), ("i", "hold what comes"), ("s", "let one request"), ("a", "let what is held"),
            ("A", "let all that is held"), ("e", "change the node"), ("u", "take back"), ("^R", "make it again"),
            ("r", "run the node again"), ("R", "continue from the node"), ("b", "its forks"), ("=", "compare marks"),
            ("v", "variables after the node"), ("Space", "mark the node"), ("C", "broken off"), ("4", "waits for you"),
        ] {
            #expect(app.rows.contains { $0.hasPrefix("   \(key) ") && $0.contains(words) }, "\(key): \(text)")
        }
        #expect(text.contains("nothing was changed that was not run"))
        #expect(text.contains("no run was started by this program"))
    }

    @Test func variablesAfterANode() {
        let app = app()
        while address(app) != "i2.c1" { app.type("j") }
        app.type("v")
        #expect(app.model.focus == .variables)
        #expect(app.rows.contains { $0.contains("+ parts") && $0.contains("list[40]") }, "\(app.rows)")
        app.type("q")
        #expect(app.model.focus == .tree)
    }
}
