import Testing

@testable import REPL

@Suite struct WorkerFrameTests {
    private let token = Array("0123456789abcdef".utf8)

    /// As the worker would send it.
    private func sent(_ fields: [String]) -> [UInt8] {
        let bytes = WorkerFrame.encode(fields)
        return bytes.prefix(8) + token + bytes.dropFirst(8)
    }

    @Test(arguments: [1, 5, 24, 4096]) func arriveInPieces(_ step: Int) throws {
        let wanted = [["a", "", "üñ"], ["b"], ["done", String(repeating: "x", count: 3000)]]
        let bytes = wanted.flatMap { sent($0) }
        var reader = WorkerFrameReader(token: token)
        var got: [[String]] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { reader.append($0) }
            while let frame = try reader.next() { got.append(frame.fields.indices.map { frame.text($0) }) }
        }
        #expect(got == wanted)
    }

    @Test func areRefusedWhenTheyAreNotTheWorkers() {
        var wrongToken = sent(["a"])
        wrongToken[10] ^= 1
        var tooLong = sent(["a"])
        tooLong[7] = 0x7F
        var fieldsBeyond = sent(["a"])
        fieldsBeyond[24 + 4] = 200
        var manyFields = sent(["a"])
        manyFields[24 + 3] = 0xFF
        var garbage = [UInt8](repeating: 0x21, count: 64)
        garbage[6] = 0
        garbage[7] = 0
        for bytes in [wrongToken, tooLong, fieldsBeyond, manyFields, garbage] {
            var reader = WorkerFrameReader(token: token)
            bytes.withUnsafeBytes { reader.append($0) }
            #expect(throws: WorkerFrameReader.Forged.self) { while try reader.next() != nil {} }
        }
    }

    @Test func subcallsWithWrongFieldsAreNone() throws {
        for fields in [
            ["ask", "1", "llm", "0", "1", "1", "0", ""], ["ask", "x", "llm", "0", "1", "1", "0", "", "1", "user", "p"],
            ["ask", "1", "llm", "0", "1", "1", "0", "", "2", "user", "p"],
            ["ask", "1", "llm", "0", "1", "1", "0", "", "-1", "user", "p"],
            ["ask", "1", "boss", "0", "1", "1", "0", "", "1", "user", "p"],
        ] {
            #expect(WorkerFrame(payload: WorkerFrame.encode(fields).dropFirst(8))?.subcall == nil, "\(fields)")
        }
        let good = ["ask", "1", "llm", "0", "1", "1", "0", "", "1", "user", "p"]
        #expect(WorkerFrame(payload: WorkerFrame.encode(good).dropFirst(8))?.subcall != nil)
    }
}
