// The contexts of an `rlms` run, found among the variables that every block of the log repeats.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

/// Takes each context once: code may have put something shorter in its place, so the largest value counts. A long one is
/// copied to the disk as it is read.
struct RLMSContexts {
    private struct Found {
        var rawCount: Int
        var value: Value
        var type: ContextType
    }

    private enum Value {
        case text(String)
        case copy(ContextCopy)
    }

    private var found: [String: Found] = [:]

    /// Bytes of JSON up to which a value is kept in memory.
    private static let shortLength = 4000

    /// `context` is another name of the first context; nil for names that hold none.
    static func name(_ variable: String) -> String? {
        if variable == "context" { return "context_0" }
        guard variable.hasPrefix("context_"), let number = Int(variable.dropFirst("context_".count)), number >= 0 else {
            return nil
        }
        return "context_\(number)"
    }

    /// - Parameter raw: The value's JSON.
    mutating func offer(_ name: String, _ raw: JSONSlice, to runs: RunImport) throws {
        let count = raw.bytes.count
        if let known = found[name], count <= known.rawCount { return }
        let reader = JSONReader(raw)
        let isText: Bool
        switch try reader.kind() {
        case .string: isText = true
        case .object, .array: isText = false
        case .number, .bool, .null: return
        }
        var short = ""
        let copy = count > Self.shortLength ? try runs.beginContext() : nil
        func take(_ piece: String) throws {
            guard let copy else { return short += piece }
            var piece = piece
            try piece.withUTF8 { try copy.append(UnsafeRawBufferPointer($0)) }
        }
        if isText {
            try reader.text(take)
        } else {
            try reader.json { try take(String(decoding: $0, as: UTF8.self)) }
        }
        found[name] = Found(
            rawCount: count,
            value: copy.map(Value.copy) ?? .text(short),
            type: isText ? .text : .json
        )
    }

    /// The first context where it is short: then it was the question itself.
    var question: String? {
        guard let first = found["context_0"], first.type == .text, case .text(let text) = first.value else {
            return nil
        }
        return text
    }

    /// Stores them. In the order of their names.
    func store(_ runs: RunImport, source: String) throws -> [Context] {
        let ordered = found.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
        return try ordered.map { name, found in
            let (hash, byteCount) =
                switch found.value {
                case .text(let text): try runs.storeContext(text: text)
                case .copy(let copy): try copy.commit()
                }
            return Context(name: name, hash: hash, byteCount: byteCount, type: found.type, source: source)
        }
    }
}
