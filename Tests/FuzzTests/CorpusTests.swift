import Foundation
import FuzzedReaders
import Testing

/// What fuzzing has found worth keeping, read again by every reader: as it is, cut short, and with its bytes changed.
@Suite struct CorpusTests {
    private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fuzz/Corpus")

    @Test(arguments: FuzzedReader.all.map(\.name))
    func isReadAsPromised(name: String) throws {
        let reader = try #require(FuzzedReader.all.first { $0.name == name })
        let folder = Self.corpus.appendingPathComponent(name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        try #require(!files.isEmpty, "no corpus for \(name)")
        for file in files {
            let bytes = Array(try Data(contentsOf: file))
            for (number, variant) in Self.variants(of: bytes).enumerated() {
                let broken = reader.read(variant)
                #expect(broken == nil, "\(name): \(broken ?? "") in variant \(number) of \(file.lastPathComponent)")
            }
        }
    }

    /// The bytes, cut off at eight places, and with one of them changed at 24.
    private static func variants(of bytes: [UInt8]) -> [[UInt8]] {
        guard !bytes.isEmpty else { return [bytes] }
        var variants = [bytes]
        for eighth in 1..<8 { variants.append(Array(bytes.prefix(bytes.count * eighth / 8))) }
        for step in 0..<24 {
            var changed = bytes
            changed[bytes.count * step / 24] ^= UInt8(truncatingIfNeeded: 1 << (step % 8))
            variants.append(changed)
        }
        return variants
    }
}
