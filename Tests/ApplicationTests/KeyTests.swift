import Foundation
import Terminal
import Testing
import Trajectory
import Views

@testable import Application

@Suite struct KeyTests {
    private let live = "7f3a91c2d4e5f607"

    /// Help is made of the key map: each action has a key, none has two meanings, and every key is told.
    @Test func everyActionHasAKeyOfItsOwn() {
        let map = KeyMap.standard
        var seen: Set<Key> = []
        for action in Action.allCases {
            #expect(!map.keys(for: action).isEmpty, "\(action)")
            for key in map.keys(for: action) {
                #expect(seen.insert(key).inserted, "\(key)")
                #expect(map.action(for: key) == action)
            }
            #expect(Pane.allCases.contains { action.text(in: $0) != nil })
        }
    }

    @Test func aKeyBoundElsewhereIsToldElsewhere() {
        var map = KeyMap.standard
        map.bind(.help, to: [.character("q")])
        #expect(map.action(for: .character("q")) == .help)
        #expect(map.keys(for: .back) == [.escape])
        let help = map.help(for: .tree, glyphs: .unicode) { _ in nil }
        let lines = help.flatMap(\.lines)
        #expect(lines.contains { $0.keys == "q" && $0.text == "help for this view" })
        #expect(lines.contains { $0.keys == "Esc" })
    }

    @Test func thePaletteDoesWhatItNames() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        app.type(":zoom<enter>")
        #expect(app.rows.last?.contains("the pane has the whole screen") == true)
        app.type(":last row<enter>")
        #expect(app.cursorRow.contains("i3"))
        app.type(":nothing is called this<enter>")
        #expect(app.model.overlay == nil && app.model.outcome == nil)
        app.type(":x<bs><bs>")
        #expect(app.model.overlay == nil)
    }

    @Test func numbersSwitchViewsAndTabGoesRound() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        for (keys, pane) in [("3", Pane.detail), ("1", .runs), ("2", .tree), ("<tab>", .detail), ("<s-tab>", .tree)] {
            app.type(keys)
            #expect(app.model.focus == pane, "\(keys)")
        }
        app.resize("120x40")
        app.type("<tab><tab>")
        #expect(app.model.focus == .tree)
    }

    @Test func zoomGivesTheWholeScreenAndBack() {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: "120x40")
        app.type("<tab>z")
        #expect(app.model.layout.panes == [.detail])
        app.type("q")
        #expect(app.model.layout.panes == [.tree, .detail])
        #expect(app.model.focus == .detail)
    }

    @Test func copyAndPager() {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: "120x40")
        app.type("jjjy")
        #expect(app.rows.contains { $0.contains("Copy of i2.c1") })
        app.type("<enter>")
        #expect(app.rows.last == " Copied: response.")
        app.type("yp")
        app.type("oe")
        #expect(app.copied.texts.count == 3)
        #expect(app.copied.texts[0] == "4.1bn")
        #expect(app.copied.texts[1] == "What was the revenue? Part one.\nAnnual report")
        #expect(
            app.copied.texts[2]
                == "paged: PROMPT\n\nWhat was the revenue? Part one.\nAnnual report\n\nRESPONSE\n\n4.1bn")
        #expect(Clipboard.sequence(for: "\u{1B}]\u{7}x") == "\u{1B}]52;c;G10HeA==\u{07}")
        #expect(Pager.readable("a\u{1B}[2J\r\n\tb\u{9B}") == "a␛[2J\n        b\u{FFFD}")
    }

    @Test func blocksHaveRowsWhenAsked() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        let before = app.model.open?.rows.count
        app.type("BB")
        #expect(app.model.open?.rows.count == before)
    }

    @Test func detailScrollsAndWraps() {
        let app = TestApp(Fixture.failing(), run: "5c1d", size: "60x15")
        app.type("]<enter>")
        let top = app.rows
        app.type("<c-f>")
        #expect(app.rows != top)
        app.type("g")
        #expect(app.rows == top)
        app.type("G")
        #expect(app.rows.contains { $0.contains("finish reason") })
        app.type("w")
        #expect(app.rows.last == " Long lines are cut; h and l move sideways.")
    }

    @Test func theMouseSelectsScrollsAndOpens() {
        let app = TestApp(Fixture.failing(), run: "5c1d")
        app.type("<click:20,5>")
        #expect(app.cursorRow.contains("i2"))
        app.type("<wheeldown:20,5>")
        #expect(app.cursorRow.contains("i3"))
        app.type("<click:20,6><click:20,6>")
        #expect(app.model.focus == .detail)
        #expect(app.model.open?.selectedNode?.address.description == "i2.c1")
        app.type("<click:500,500><wheelup:3,3>")
        #expect(app.model.outcome == nil)
    }

    /// Whatever is typed, nothing traps and every screen can be drawn.
    @Test func anyKeysInAnyOrder() {
        let keys = [
            "j", "k", "h", "l", "g", "G", "<enter>", "<esc>", "<tab>", "<s-tab>", "1", "2", "3", "z", "/", "a", "n",
            "N",
            "p", "[", "]", "F", "B", "w", "y", ":", "?", "<c-f>", "<c-b>", "<c-d>", "<c-u>", "<bs>", "<down>", "<up>",
            "<click:30,8>", "<wheeldown:70,9>", "<paste:x y>", "X", "s", "<c-l>",
        ]
        let sizes = ["80x24", "120x40", "200x60", "60x15", "40x10", "110x15", "1x1"]
        var state: UInt64 = 42
        for source in [Fixture.live(), Fixture.failing(), Fixture.hostile(), Fixture.many()] {
            let app = TestApp(source, run: source.order.count == 1 ? source.order[0].id.rawValue : nil)
            for step in 0..<400 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let pick = Int(state >> 33)
                if step % 20 == 19 { app.resize(sizes[pick % sizes.count]) } else { app.type(keys[pick % keys.count]) }
                if step % 7 == 0 { app.send(.storeChanged) }
                #expect(app.surface.size == app.model.size)
            }
            #expect(app.model.outcome == nil || app.model.outcome == .quit)
        }
    }
}
