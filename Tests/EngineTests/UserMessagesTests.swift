import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import Engine

/// What the model is shown of a block.
@Suite struct UserMessagesTests {
    private func shown(_ stdout: String, _ stderr: String = "", failure: Failure? = nil) -> String {
        UserMessages.output(
            BlockRecord(
                status: failure == nil ? .succeeded : .failed, output: Output(stdout: stdout, stderr: stderr),
                failure: failure))
    }

    @Test func charactersAreCountedAndNotBytes() {
        #expect(shown(String(repeating: "字", count: 10_000)) == String(repeating: "字", count: 10_000))
        #expect(shown(String(repeating: "é", count: 20_000)).contains("cut") == false)
        let long = shown(String(repeating: "字", count: 20_001))
        #expect(long.contains("characters are cut here"))
        #expect(long.unicodeScalars.count <= 20_000)
    }

    @Test func bothStreamsAreShownAndTheErrorStaysInSight() {
        let shown = shown(String(repeating: "a", count: 50_000), "Traceback\nValueError: no\n")
        #expect(shown.hasPrefix("aaa"))
        #expect(shown.hasSuffix("ValueError: no\n"))
    }

    @Test func whatEndedABlockIsSaidOnce() {
        let died = Failure(kind: "MemoryLimit", message: "the Python process was killed: too much memory")
        #expect(
            shown("", "[\(died.message). Its variables are gone.]\n", failure: died).components(separatedBy: "killed")
                .count == 2)
        #expect(shown("x\n", failure: died).contains("killed"))
        #expect(shown("").contains("nothing was printed"))
    }

    @Test func aFailureThatIsCutAwayIsSaidAtTheEnd() {
        let noise = String(repeating: "e", count: 100_000)
        let died = Failure(kind: "MemoryLimit", message: "too much memory")
        let shown = shown("", noise + "too much memory" + noise, failure: died)
        #expect(shown.hasSuffix("[MemoryLimit: too much memory]"))
        #expect(shown.unicodeScalars.count <= 20_000)
    }

    /// Of every alphabet: what is kept and what is said to be missing are together what there was.
    @Test(arguments: ["a", "é", "字", "😀", "e\u{301}", "👨‍👩‍👧", "\r\n", "x字"])
    func nothingIsMissingWithoutBeingSaid(_ piece: String) throws {
        for length in [19_999, 20_000, 20_001, 20_007, 65_536] {
            let text = String(
                String.UnicodeScalarView(Array(String(repeating: piece, count: length).unicodeScalars.prefix(length))))
            let shown = shown(text)
            guard length > 20_000 else {
                #expect(shown == text)
                continue
            }
            let line = try #require(shown.split(whereSeparator: \.isNewline).first { $0.hasSuffix("cut here …") })
            let missing = try #require(line.split(separator: " ").lazy.compactMap { Int($0) }.first)
            #expect(shown.unicodeScalars.count <= 20_000)
            #expect(missing + shown.unicodeScalars.count - line.unicodeScalars.count - 2 == length)
            #expect(shown.unicodeScalars.last == text.unicodeScalars.last)
        }
    }

    /// An output as large as a block may keep costs about one look at each of its bytes.
    @Test(arguments: ["a", "字", "e\u{301}"]) func aLargeOutputIsCutAtOnce(_ piece: String) {
        let text = String(repeating: piece, count: (64 << 20) / piece.utf8.count)
        let clock = ContinuousClock()
        let copying = clock.measure { #expect(Array(text.utf8).count == text.utf8.count) }
        var shown = ""
        let cutting = clock.measure {
            shown = UserMessages.output(
                BlockRecord(
                    status: .failed, output: Output(stdout: "", stderr: text),
                    failure: Failure(kind: "E", message: "not in it")))
        }
        #expect(shown.unicodeScalars.count <= 20_000)
        #expect(cutting < .seconds(1) + copying * 20, "\(cutting) for what takes \(copying) to copy")
    }
}
