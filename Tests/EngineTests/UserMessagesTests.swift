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
}
