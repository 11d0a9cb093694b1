#if DEBUG
    import Foundation
    @testable import TrajectoryFormats

    extension FuzzedReader {
        /// Lines of an `rlms` log, each as it would be read on import.
        static func readRLMSLines(_ bytes: [UInt8]) -> Broken? {
            for line in bytes.split(separator: 0x0A) {
                line.withUnsafeBytes { line in
                    let parser = RLMSParser(line)
                    _ = try? parser.entry()
                    _ = parser.warnings
                    // A line may be taken for a child's trajectory too.
                    _ = try? RLMSParser(line).child { _ in }
                }
            }
            return nil
        }

        /// JSON: what Foundation takes is taken, to its end.
        static func readJSON(_ bytes: [UInt8]) -> Broken? {
            let isTaken = bytes.withUnsafeBytes { bytes -> Bool in
                let reader = JSONReader(bytes)
                do {
                    _ = try reader.kind()
                    try reader.skip()
                    return reader.isAtEnd
                } catch { return false }
            }
            let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
            // Foundation also reads UTF-16 and UTF-32, and passes over a byte order mark; logs are UTF-8.
            let isPlain =
                !bytes.contains(0) && !bytes.starts(with: [0xEF, 0xBB, 0xBF]) && !bytes.starts(with: [0xFF, 0xFE])
                && !bytes.starts(with: [0xFE, 0xFF])
            return isJSON && isPlain && !isTaken ? "Foundation takes this JSON, and the reader does not" : nil
        }
    }
#endif
