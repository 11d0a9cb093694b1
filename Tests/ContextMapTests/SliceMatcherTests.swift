import ContextMap
import Foundation
import TestSupport
import Testing
import Trajectory

@Suite struct SliceMatcherTests {
    @Test func findsASliceAmongOtherWords() throws {
        let context = try TestContext((1...200).map { "line \($0) of the text says \($0 * 7919 % 1000)\n" }.joined())
        let slice = context.text(500..<900)
        let found = context.slices(in: "What does this say?\n\n\(slice)§ Answer in one word.")
        #expect(found.count == 1)
        #expect(found.first?.text == 21..<421)
        #expect(found.first?.places == [500..<900])
    }

    @Test func findsSlicesThatWereJoinedPrefixedAndCut() throws {
        let context = try TestContext((1...300).map { "\($0): \(Self.words(seed: UInt64($0), count: 8))\n" }.joined())
        let lines = context.string.split(separator: "\n")
        let quoted = lines[20..<25].map { "> \($0)" }.joined(separator: "\n")
        let joined = "\(lines[100])\n---\n\(lines[7])"
        let cut = context.text(3000..<3100) + "\n… 800 characters are cut here …\n" + context.text(3900..<4000)
        let places = context.slices(in: [quoted, joined, cut].joined(separator: "\n=====\n")).map(\.places)
        #expect(places.count == 9)
        for (index, line) in lines[20..<25].enumerated() {
            #expect(context.text(places[index][0]).contains(line))
        }
        #expect(context.text(places[5][0]).contains(lines[100]))
        #expect(context.text(places[6][0]).contains(lines[7]))
        #expect(places[7] == [3000..<3100 + context.agreement(at: 3100, with: "\n… ")])
        #expect(places[8].first?.upperBound == 4000 + context.agreement(at: 4000, with: ""))
    }

    /// One page, three times: what stands beside it in the prompt says which was meant.
    @Test func neighboursDecideBetweenRepeats() throws {
        let page = "It was the best of times, it was the worst of times.\n"
        let parts = (1...3).map { "Chapter \($0) begins here, with its own first line.\n\(page)" }
        let context = try TestContext(parts.joined())
        let second = parts[0].utf8.count
        let quoted = "> Chapter 2 begins here, with its own first line.\n> \(page)"
        let found = context.slices(in: quoted)
        #expect(found.count == 2)
        #expect(found.allSatisfy { !$0.isAmbiguous })
        #expect(found.last?.places.first?.lowerBound == second + 48)
        let alone = context.slices(in: page)
        #expect(alone.first?.places.count == 3)
        #expect(alone.first?.isAmbiguous == true)
        // What the call itself was given decides as well.
        let preferred = context.matcher.slices(in: page, preferred: ByteRanges([second..<second * 2]))
        #expect(preferred.first?.places == [second + 48..<second * 2])
    }

    @Test func lineEndsCountAsOne() throws {
        let context = try TestContext("first line of a text from Windows\r\nsecond line of it\r\nthird line of it\r\n")
        let found = context.slices(in: "first line of a text from Windows\nsecond line of it\nthird")
        #expect(found.map(\.places) == [[0..<59]])
        let backwards = try TestContext("first line of a text from Unix\nsecond line of it\nthird line\n")
        #expect(backwards.slices(in: "text from Unix\r\nsecond line of it\r\n").map(\.places) == [[16..<49]])
        #expect(backwards.slices(in: "text from Unix\r\nsecond line of it\r\n").map(\.text) == [0..<35])
    }

    @Test func lengthCountsCharacters() throws {
        let context = try TestContext("漢字かな交じり文は二十四文字より短いと見つからない")
        #expect(context.slices(in: "漢字かな交じり文は二十四文字より短いと見つからな").map(\.places) == [[0..<72]])
        // Sixty-nine bytes, and one character too few.
        #expect(context.slices(in: "漢字かな交じり文は二十四文字より短いと見つから").isEmpty)
    }

    @Test func itemsAreLookedAtOneByOne() throws {
        let files = [
            "a.txt": "the first file, which ends without a line end", "b.txt": "and the second file, which begins so",
        ]
        let text = files["a.txt", default: ""] + files["b.txt", default: ""]
        let context = try TestContext(text, type: .files, items: [0, 45])
        #expect(context.slices(in: text).map(\.places) == [[0..<45], [45..<81]])
        #expect(context.slices(in: String(text.dropFirst(30).prefix(30))).isEmpty)
    }

    /// What the code sees of a JSON context has no escapes; what it writes again has them.
    @Test func jsonIsLookedForAsItReadsAndAsItIsWritten() throws {
        let json =
            #"[{"id": 1, "text": "The caf\u00e9 said:\n\"We open at nine o'clock\" \ud83d\ude00 and closed again."}]"#
        let context = try TestContext(json, type: .json)
        let value = "The café said:\n\"We open at nine o'clock\" 😀 and closed again."
        let found = context.slices(in: "Read this: \(value)!")
        #expect(found.map { context.text($0.places[0]) } == [String(json.dropFirst(20).dropLast(3))])
        let written = context.slices(in: "Read this: \(json)")
        #expect(written.map(\.places) == [[0..<json.utf8.count]])
    }

    /// Words from a small vocabulary.
    static func words(seed: UInt64, count: Int) -> String {
        let vocabulary = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"]
        var random = SeededGenerator(seed: seed)
        return (0..<count).map { _ in vocabulary.randomElement(using: &random) ?? "" }.joined(separator: " ")
    }
}

/// A context in a folder of its own.
final class TestContext {
    let string: String
    let path: String
    let context: Context
    let mapped: MappedContext
    private let folder: URL

    init(_ text: String, type: ContextType = .text, items: [Int] = []) throws {
        string = text
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("map-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("context").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let bounds = items + [text.utf8.count]
        let parts = zip(bounds, bounds.dropFirst()).map { Context.Part(path: "\($0).txt", start: $0, end: $1) }
        context = Context(
            name: "context_0", hash: "0", byteCount: text.utf8.count, type: type, parts: parts, source: "-")
        mapped = try MappedContext(context, path: path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var matcher: SliceMatcher { mapped.matcher }

    func slices(in text: String) -> [Slice] { matcher.slices(in: text) }

    func text(_ range: Range<Int>) -> String { mapped.file.text(range) }

    /// Bytes by which what follows a place begins as a text does.
    func agreement(at place: Int, with text: String) -> Int {
        zip(string.utf8.dropFirst(place), text.utf8).prefix { $0 == $1 }.count
    }
}
