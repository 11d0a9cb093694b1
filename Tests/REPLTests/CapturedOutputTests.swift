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

    @Test func keepsWhatManyPiecesHold() {
        let bytes = (0..<1_500_000).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        #expect(captured(bytes, limit: 1_500_000, step: 70_001).text == String(decoding: bytes, as: UTF8.self))
        let (text, cut, _) = captured(bytes, limit: 1_000_000, step: 70_001)
        #expect(cut == 500_000)
        #expect(text.utf8.prefix(500_000).elementsEqual(bytes.prefix(500_000)))
        #expect(text.utf8.suffix(500_000).elementsEqual(bytes.suffix(500_000)))
    }

    @Test func keepsLessWhereLessIsAskedFor() {
        let output = captured(Array(repeating: UInt8(ascii: "x"), count: 90), limit: 100, step: 90).2
        #expect(output.text(limit: 90).cutByteCount == 0)
        let (text, cut) = output.text(limit: 31)
        #expect(cut == 59)
        #expect(
            text == String(repeating: "x", count: 15) + "\n… [59 bytes cut] …\n" + String(repeating: "x", count: 16))
    }

    @Test func hashesAllThatWasPrinted() {
        let bytes = Array(repeating: UInt8(ascii: "a"), count: 1_000_000)
        let hash = captured(bytes, limit: 10, step: 12_345).2.hash
        // The million "a" of FIPS 180-2.
        let hex = hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func whatIsNotUTF8DoesNotOutgrowTheLimit() {
        let (text, cut, _) = captured(Array(repeating: 0xFF, count: 90_000), limit: 90_000, step: 4096)
        #expect(text.utf8.count <= 90_100)
        #expect((60_000..<60_010).contains(cut))
    }

    @Test func repairsWhatIsNotUTF8() {
        let (text, _, _) = captured([0x61, 0xFF, 0xC3], limit: 100, step: 1)
        #expect(text == "a\u{FFFD}\u{FFFD}")
    }
}
