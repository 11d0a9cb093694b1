// Which tool wrote a file, told from its contents: several share an extension, and two a folder.
internal import Foundation

/// A format that can be read.
package enum TrajectoryFormat: String, Sendable, CaseIterable {
    case rlms
}

package enum FormatSniffer {
    /// Bytes of a file that are looked at.
    private static let window = 1 << 20

    /// The format of a file. Throws `FormatError` that names what the file looks like.
    package static func format(ofFile path: String) throws -> TrajectoryFormat {
        let bytes = try beginning(of: path)
        if bytes.isEmpty { throw FormatError(file: path, message: "'\(path)' is empty; there is nothing to import") }
        if bytes.starts(with: Array("SQLite format 3\0".utf8)) {
            throw FormatError(
                file: path,
                message: "'\(path)' is a SQLite database, not another tool's file; open it with --store"
            )
        }
        var guess: String?
        for line in bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 8).prefix(8) {
            let keys = line.withUnsafeBytes(fields)
            if isRLMS(keys) { return .rlms }
            guess = guess ?? resemblance(keys)
        }
        if let guess {
            throw FormatError(
                file: path,
                message: "'\(path)' looks like a file of \(guess), which cannot be read yet; only rlms can"
            )
        }
        let isText = !bytes.prefix(4096).contains { $0 < 0x09 }
        throw FormatError(
            file: path,
            message: "'\(path)' is \(isText ? "text" : "binary") of no known format; files of rlms can be imported"
        )
    }

    private static func beginning(of path: String) throws -> Data {
        let file = try PlainFile(path)
        var bytes = Data(count: window)
        var count = 0
        while count < window {
            let found = try bytes.withUnsafeMutableBytes { buffer in
                try buffer.baseAddress.map { try file.read(into: $0 + count, count: window - count, path: path) } ?? 0
            }
            if found == 0 { break }
            count += found
        }
        bytes = bytes.prefix(count)
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Data(bytes.dropFirst(3)) : bytes
    }

    /// The fields of an object at the beginning of a line, with their texts where they are short; what follows a fault
    /// is left out.
    private static func fields(_ line: UnsafeRawBufferPointer) -> [String: String] {
        let reader = JSONReader(line)
        var fields: [String: String] = [:]
        try? reader.object { key in
            fields[key] = ""
            if key == "type", try reader.kind() == .string { fields[key] = try reader.text() }
        }
        return fields
    }

    private static func isRLMS(_ fields: [String: String]) -> Bool {
        switch fields["type"] {
        case "metadata": fields["root_model"] != nil || fields["max_iterations"] != nil
        case "iteration": fields["code_blocks"] != nil || fields["prompt"] != nil || fields["response"] != nil
        default: false
        }
    }

    private static func resemblance(_ fields: [String: String]) -> String? {
        func has(_ keys: String...) -> Bool { keys.allSatisfy { fields[$0] != nil } }
        if has("event_type", "run_id") { return "fast-rlm" }
        if has("startTime", "iterations") || has("iterations", "totalElapsedMs") { return "rlm-cli" }
        if has("planner_raw") || has("final_response", "completed") { return "rlm-code" }
        if has("turn", "timestamp") && (has("tool_calls") || has("tool") || has("content")) { return "nano-rlm" }
        if has("graph_id", "agents") { return "rlmflow" }
        if has("nodes", "calls") || has("trajectory", "reward") { return "verifiers" }
        if has("reasoning", "code", "output") || has("trajectory", "final_reasoning") { return "DSPy" }
        return nil
    }
}
