import Foundation
import Testing

@testable import REPL

@Suite struct CapturedOutputTests {
    private func captured(_ bytes: [UInt8], limit: Int, step: Int) -> (text: String, cutByteCount: Int, CapturedOutput)
    {
        var output = CapturedOutput(limit: limit)
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { output.append($0) }
        }
        let (text, cut) = output.text()
        return (text, cut, output)
    }

    @Test(arguments: [1, 3, 7, 1000]) func keepsAllUpToTheLimit(_ step: Int) {
        let (text, cut, _) = captured(Array("häagen".utf8), limit: 7, step: step)
        #expect(text == "häagen")
        #expect(cut == 0)
    }

    @Test(arguments: [1, 2, 5, 64, 100_000]) func keepsHeadAndTail(_ step: Int) {
        let bytes = (0..<100_000).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        let (text, cut, output) = captured(bytes, limit: 20, step: step)
        #expect(text.hasPrefix("abcdefghij\n… [99,980 bytes cut] …\n"))
        #expect(text.utf8.suffix(10).elementsEqual(bytes.suffix(10)))
        #expect(cut == 99_980)
        #expect(output.byteCount == 100_000)
    }

    @Test(arguments: 1...40) func cutsBetweenCharacters(_ limit: Int) {
        let whole = String(repeating: "aü€😀", count: 50)
        let (text, cut, _) = captured(Array(whole.utf8), limit: limit, step: 9)
        #expect(!text.contains("\u{FFFD}"))
        let parts = text.components(separatedBy: "\n… [\(cut) bytes cut] …\n")
        #expect(parts.count == 2)
        #expect(whole.hasPrefix(parts[0]) && whole.hasSuffix(parts[1]))
        #expect(parts[0].utf8.count + parts[1].utf8.count + cut == whole.utf8.count)
    }

    @Test func repairsWhatIsNotUTF8() {
        let (text, _, _) = captured([0x61, 0xFF, 0xC3], limit: 100, step: 1)
        #expect(text == "a\u{FFFD}\u{FFFD}")
    }
}
