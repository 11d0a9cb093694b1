import ContextMap
import Foundation
import TestSupport
import Testing
import Trajectory

/// The index as a file, and contexts made to be hard.
@Suite struct IndexTests {
    private static let text = (1...4000).map { "\($0). \(SliceMatcherTests.words(seed: UInt64($0), count: 6))\n" }
        .joined()

    @Test func isKeptAndFoundAgain() throws {
        let context = try TestContext(Self.text)
        let index = context.path + ".map"
        let made = try Data(contentsOf: URL(fileURLWithPath: index))
        let changed = try FileManager.default.attributesOfItem(atPath: index)[.modificationDate] as? Date
        let again = try MappedContext(context.context, path: context.path)
        #expect(again.matcher.slices(in: context.text(1000..<2000)).map(\.places) == [[1000..<2000]])
        #expect(try FileManager.default.attributesOfItem(atPath: index)[.modificationDate] as? Date == changed)
        #expect(try Data(contentsOf: URL(fileURLWithPath: index)) == made)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: (index as NSString).deletingLastPathComponent).count
                == 2)
    }

    /// A byte that is wrong, a file that is too short, one of another context: made again, and right.
    @Test(arguments: ["head", "bucket", "place", "short", "empty", "foreign", "version"])
    func isMadeAgainWhenWrong(_ damage: String) throws {
        let context = try TestContext(Self.text)
        let path = URL(fileURLWithPath: context.path + ".map")
        let right = try Data(contentsOf: path)
        var wrong = right
        switch damage {
        case "head": wrong[0] ^= 1
        case "version": wrong[8] ^= 3
        case "bucket": wrong[200] ^= 0xFF
        case "place": wrong[right.count - right.count / 4] ^= 0x10
        case "short": wrong = right.prefix(right.count / 2)
        case "empty": wrong = Data()
        default: break
        }
        if damage == "foreign" {
            let other = try TestContext(Self.text + "more")
            wrong = try Data(contentsOf: URL(fileURLWithPath: other.path + ".map"))
        }
        try wrong.write(to: path)
        let again = try MappedContext(context.context, path: context.path)
        #expect(again.matcher.slices(in: context.text(70_000..<70_100)).map(\.places) == [[70_000..<70_100]])
        #expect(try Data(contentsOf: path) == right)
    }

    @Test func doesWithoutAFileWhereNoneCanBeWritten() throws {
        let context = try TestContext(Self.text)
        let folder = (context.path as NSString).deletingLastPathComponent
        try FileManager.default.removeItem(atPath: context.path + ".map")
        // A folder in the place of the index can be neither read nor replaced.
        try FileManager.default.createDirectory(atPath: context.path + ".map", withIntermediateDirectories: true)
        let again = try MappedContext(context.context, path: context.path)
        #expect(again.matcher.slices(in: context.text(500..<600)).map(\.places) == [[500..<600]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["context", "context.map"])
    }

    @Test func saysWhatIsWrongWithAContext() throws {
        let context = try TestContext("short")
        try Data("shorter".utf8).write(to: URL(fileURLWithPath: context.path))
        #expect(throws: MapError.self) { try MappedContext(context.context, path: context.path) }
        try FileManager.default.removeItem(atPath: context.path)
        #expect(throws: MapError.self) { try MappedContext(context.context, path: context.path) }
        #expect(try TestContext("").slices(in: Self.text).isEmpty)
    }

    /// One character repeated: every sample is everywhere.
    @Test(.timeLimit(.minutes(1))) func oneCharacterRepeated() throws {
        let context = try TestContext(String(repeating: "a", count: 300_000))
        let prompt = "Count: " + String(repeating: "a", count: 50_000)
        let slices = context.slices(in: prompt)
        #expect(slices.first?.text == 7..<50_007)
        #expect(slices.first?.isAmbiguous == true)
        #expect(slices.first?.isPartial == true)
        // The prompt has more of it than the context.
        let short = try TestContext(String(repeating: "a", count: 200) + "b")
        let covered = ByteRanges(short.slices(in: prompt).map(\.text))
        #expect(covered.contains(7..<50_007))
    }

    @Test(.timeLimit(.minutes(1))) func periodic() throws {
        let context = try TestContext(String(repeating: "tick tock ", count: 30_000) + "and the clock stopped for good")
        let end = context.string.utf8.count
        let slices = context.slices(in: "tick tock tick tock and the clock stopped")
        #expect(slices.map(\.places) == [[end - 50..<end - 9]])
    }

    /// A page that stands a thousand times in the context is found in all of its places.
    @Test(.timeLimit(.minutes(1))) func thousandCopiesOfAPage() throws {
        let page = (1...20).map { "\($0): \(SliceMatcherTests.words(seed: UInt64($0), count: 5))\n" }.joined()
        let context = try TestContext(String(repeating: page, count: 1000))
        let count = page.utf8.count
        let slices = context.slices(in: "Page: " + page.dropLast())
        #expect(slices.first?.places.count == 1000)
        #expect(slices.first?.places[3] == count * 3..<count * 4 - 1)
        // Ten pages on end are in 991 places.
        let ten = context.slices(in: String(repeating: page, count: 10))
        #expect(ten.first.map { ByteRanges($0.places).byteCount } == count * 1000)
    }

    @Test func setsOfBytes() {
        let set = ByteRanges([5..<9, 0..<2, 8..<12, 2..<3, 20..<20])
        #expect(set.ranges == [0..<3, 5..<12])
        #expect(set.byteCount == 10)
        #expect(set.complement(in: 15).ranges == [3..<5, 12..<15])
        #expect(set.complement(in: 6).ranges == [3..<5])
        #expect(set.intersection(ByteRanges([2..<6, 11..<20])).ranges == [2..<3, 5..<6, 11..<12])
        #expect(set.subtracting(ByteRanges([6..<7])).ranges == [0..<3, 5..<6, 7..<12])
        #expect(set.contains(5..<12) && !set.contains(4..<6) && !set.contains(0..<6))
        #expect(set.overlaps(11..<30) && !set.overlaps(3..<5))
        #expect(ByteRanges().complement(in: 3).ranges == [0..<3])
    }
}
