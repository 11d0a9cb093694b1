import Foundation
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

/// Reading a node: from section to section, sideways, from sibling to sibling, and what is folded.
@Suite struct DetailTests {
    private let longLine = "start " + String(repeating: "0123456789", count: 30) + " end"

    private func talkative() -> FixtureSource {
        let source = FixtureSource()
        let output = (1...3_000).map { "line \($0)" }.joined(separator: "\n")
        let wide = Variable(
            name: "wide", type: "str", byteCount: 90, preview: "'" + String(repeating: "w", count: 85) + "'",
            isChanged: false)
        var thinking = Fixture.call("Think hard", answer: "Forty-")
        thinking.completion?.reasoning = "first I thought\nthen I thought again"
        thinking.completion?.finishReason = "length"
        thinking.node.isCut = true
        let iteration = Fixture.iteration(
            "print_it_all()\nx = '\(longLine)'", output: output, variables: [wide],
            calls: [Fixture.call("ask one"), thinking, Fixture.call("ask three")])
        source.add(
            Fixture.run("7a1c", "Tell me everything", answer: "Done."),
            Fixture.root("Tell me everything", .succeeded, [iteration, Fixture.iteration("short()")]))
        return source
    }

    private func text(_ app: TestApp) -> String { app.rows.joined(separator: "\n") }

    @Test func longOutputIsFoldedUntilItIsWanted() {
        let app = TestApp(talkative(), run: "7a1c", size: "100x60")
        app.type("j<enter>")
        #expect(text(app).contains("line 20\n"))
        #expect(text(app).contains("… 2,970 lines more; Enter shows them"))
        #expect(text(app).contains("line 3000"))
        #expect(text(app).contains("Variables"), "what the block left behind is not in view:\n\(text(app))")
        app.type("<enter>")
        #expect(text(app).contains("line 21"))
        #expect((app.model.open?.detail?.document.count ?? 0) > 3_000)
        // No fold is on this part of the screen: all of them close.
        app.type("<c-f><c-f><c-f><enter>")
        #expect(app.rows.last == " Long parts are folded.")
        #expect((app.model.open?.detail?.document.count ?? 0) < 100)
    }

    @Test func sectionsAreJumpedTo() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("j<enter>")
        var seen: [String] = []
        for _ in 0..<4 {
            app.type("}")
            seen.append(app.rows.last?.trimmingCharacters(in: .whitespaces) ?? "")
        }
        #expect(seen == ["Code", "Variables", "Usage", "Completion"], "\(seen)")
        app.type("}")
        #expect(app.rows.last == " This is the last section.")
        app.type("{{")
        #expect(app.rows.last == " Variables")
    }

    @Test func siblingsAreOneKeyAway() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("jj<enter>")
        #expect(app.model.open?.selectedNode?.address.description == "i1.c1")
        app.type("J")
        #expect(app.model.open?.selectedNode?.address.description == "i1.c2")
        #expect(text(app).contains("i1.c2  sub-call"))
        #expect(app.rows.last == " sub-call 2 of 3")
        app.type("JJ")
        #expect(app.model.open?.selectedNode?.address.description == "i1.c3")
        #expect(app.rows.last == " This is the last sub-call.")
        app.type("KKK")
        #expect(app.rows.last == " This is the first sub-call.")
        app.type("pJ")
        #expect(app.model.open?.selectedNode?.address.description == "i2")
    }

    @Test func linesThatAreCutAreReadSideways() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("j<enter>")
        app.type("l")
        #expect(app.rows.last == " right: long lines go on below; w cuts them")
        app.type("w")
        #expect(text(app).contains("x = 'start 0123"))
        app.type("l")
        #expect(text(app).contains("rt 0123456789") && !text(app).contains("start 0123"))
        for _ in 0..<60 { app.type("l") }
        #expect(app.rows.last == " No line here goes on further.")
        for _ in 0..<60 { app.type("h") }
        #expect(text(app).contains("x = 'start 0123"))
    }

    @Test func variablesHaveTheLineTheyStandOn() {
        let app = TestApp(talkative(), run: "7a1c", size: "180x49")
        app.type("jz<tab>")
        #expect(text(app).contains(String(repeating: "w", count: 60)), "\(text(app))")
    }

    @Test func reasoningIsFoldedAndACutAnswerSaysSo() {
        let app = TestApp(talkative(), run: "7a1c", size: "120x40")
        app.type("jjj")
        #expect(app.cursorRow.contains("c2   cut Think hard"))
        #expect(text(app).contains("cut by the token limit"))
        #expect(text(app).contains("Reasoning"))
        #expect(text(app).contains("… 2 lines more; Enter shows them"))
        #expect(!text(app).contains("then I thought again"))
        app.type("<enter><enter>")
        #expect(text(app).contains("then I thought again"))
    }

    @Test func theTextsOfANodeAreAskedFor() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("jjjy")
        for label in ["prompt", "response", "reasoning", "everything"] {
            #expect(app.rows.contains { $0.contains(label) }, "\(label) is not offered")
        }
        app.type("t")
        #expect(app.copied.texts == ["first I thought\nthen I thought again"])
        #expect(app.rows.last == " Copied: reasoning.")
        app.type("kkyc")
        #expect(app.copied.texts.last?.hasPrefix("print_it_all()") == true)
        app.type("yu")
        #expect(app.copied.texts.last?.hasSuffix("line 3000") == true)
        app.type("y<esc>")
        #expect(app.copied.texts.count == 3 && app.model.overlay == nil)
        app.type("gya")
        #expect(app.copied.texts.last == "Done.")
        app.type("1yi")
        #expect(app.copied.texts.last == "7a1c")
    }

    // MARK: The rest of the screen

    @Test func keysWithoutAMeaningSaySo() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("&")
        #expect(app.rows.last == " & does nothing here; ? lists the keys")
        app.type("<f9>")
        #expect(app.rows.last == " F9 does nothing here; ? lists the keys")
        app.type("<paste:abc>")
        #expect(app.rows.last == " paste does nothing here; ? lists the keys")
        app.type("j")
        #expect(app.rows.last?.contains("does nothing") == false)
    }

    @Test func theKeyLineNamesWhatCanBeDoneNow() {
        let live = TestApp(Fixture.live(), run: "7f3a91c2d4e5f607", isOwn: true)
        #expect(live.rows.last?.contains("X stop") == true)
        live.type("k")
        #expect(live.rows.last?.contains("F follow") == true)
        let over = TestApp(talkative(), run: "7a1c")
        #expect(over.rows.last?.contains("stop") == false && over.rows.last?.contains("follow") == false)
        over.type("/ask<enter>j")
        #expect(over.rows.last?.contains("n next match") == true)
    }

    @Test func theOpenRunStaysUnderTheCursorOfTheList() {
        let app = TestApp(Fixture.many(), run: "b1e2")
        app.type("1")
        #expect(app.cursorRow.contains("b1e2"))
        app.type("k2")
        app.type("1")
        #expect(app.cursorRow.contains("b1e2"), "the run that is open is not under the cursor")
        let source = FixtureSource()
        for number in 0..<300 {
            source.add(
                Fixture.run("r\(number)", "q \(number)", after: Double(-number)), Fixture.root("q", .succeeded, []))
        }
        let far = TestApp(source, run: "r250")
        far.type("1")
        #expect(far.cursorRow.contains("q 250"), "\(far.cursorRow)")
    }

    @Test func aMegabytePastedIntoALineLeavesTheKeysAlive() {
        let app = TestApp(talkative(), run: "7a1c")
        app.type("/")
        let took = ContinuousClock().measure {
            app.send(.screen(.key(.paste(String(repeating: "x", count: 1 << 20)))))
            _ = app.surface
        }
        #expect(took < .seconds(2))
        app.type("<esc>j")
        #expect(app.model.waiting == nil)
        #expect(app.cursorRow.contains("i1"))
    }
}
