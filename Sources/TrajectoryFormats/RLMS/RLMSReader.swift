// Logs of `rlms`, the reference implementation: JSON lines, a metadata line and one for each iteration.
internal import Foundation
internal import Trajectory
package import TrajectoryStore

/// Reads an `rlms` log. The file may hold several runs, end in half a line, and be damaged in places.
///
/// Usage of the root's and children's iterations is not in these logs and stays unknown; that of plain sub-calls is.
package struct RLMSReader: TrajectoryReader, Sendable {
    package static let format = TrajectoryFormat.rlms

    package init() {}

    package func read(file path: String, into store: RunImport) throws -> ReadFile {
        let lines = try LineReader(path: path)
        var runs: [ReadFile.Run] = []
        var metadata: RLMSMetadata?
        var current: RLMSRun?
        /// Warnings before the first run belong to it.
        var early: [String] = []
        func warn(_ number: Int, _ warning: String) {
            let sentence = "line \(number): \(warning)"
            if let current { current.warn(sentence) } else { early.append(sentence) }
        }
        func endRun() throws {
            if let run = current { runs.append(try run.finish()) }
            current = nil
        }
        func beginRun(_ first: RLMSIteration?) throws -> RLMSRun {
            if metadata == nil { early.append("there is no metadata line, so settings and models are unknown") }
            let run = try RLMSRun(metadata ?? RLMSMetadata(), first: first, file: path, store, warnings: early)
            early = []
            current = run
            return run
        }
        var hasUnusedMetadata = false
        while let line = try lines.next() {
            try store.report(bytesRead: lines.byteCount)
            if line.isTooLong {
                warn(line.number, "longer than \(LineReader.limit >> 20) MB: left out")
                continue
            }
            if line.bytes.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
            let parser = RLMSParser(JSONSlice(bytes: line.bytes, isMapped: line.isMapped))
            let entry: RLMSParser.Entry
            do { entry = try parser.entry() } catch let fault as JSONReader.Malformed {
                warn(line.number, Self.sentence(fault, line))
                continue
            }
            switch entry {
            case .metadata(let found):
                try endRun()
                if hasUnusedMetadata { _ = try beginRun(nil); try endRun() }
                metadata = found
                hasUnusedMetadata = true
            case .iteration(let iteration):
                if let run = current, !run.isContinued(by: iteration) { try endRun() }
                let run = try current ?? beginRun(iteration)
                hasUnusedMetadata = false
                try run.add(iteration, line: line.number)
            case .unknown(let type):
                warn(line.number, "a line of the unknown type '\(type.prefix(40))': left out")
            }
            for warning in parser.warnings { warn(line.number, warning) }
        }
        try endRun()
        if hasUnusedMetadata {
            _ = try beginRun(nil)
            try endRun()
        }
        guard !runs.isEmpty else {
            throw FormatError(
                file: path,
                message: "'\(path)' holds no run that can be read: " + (early.first ?? "empty")
            )
        }
        return ReadFile(runs: runs, hash: lines.hash)
    }

    private static func sentence(_ fault: JSONReader.Malformed, _ line: LineReader.Line) -> String {
        if !line.isWhole && fault.isCut { return "half a line (the file was cut, or is still being written): left out" }
        return "not JSON at byte \(fault.offset + 1), where \(fault.expected) should be: left out"
    }
}
