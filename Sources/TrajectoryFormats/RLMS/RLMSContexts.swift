// The contexts of an `rlms` run, found among the variables that every block of the log repeats.
internal import Trajectory
internal import TrajectoryStore

/// Takes each context once: code may have put something shorter in its place, so the largest value counts.
struct RLMSContexts {
    private struct Found {
        var rawCount: Int
        var text: String
        var type: ContextType
    }

    private var found: [String: Found] = [:]

    /// `context` is another name of the first context; nil for names that hold none.
    static func name(_ variable: String) -> String? {
        if variable == "context" { return "context_0" }
        guard variable.hasPrefix("context_"), let number = Int(variable.dropFirst("context_".count)), number >= 0 else {
            return nil
        }
        return "context_\(number)"
    }

    /// - Parameter raw: The value's JSON.
    mutating func offer(_ name: String, _ raw: UnsafeRawBufferPointer) throws {
        if let known = found[name], raw.count <= known.rawCount { return }
        let reader = JSONReader(raw)
        switch try reader.kind() {
        case .string: found[name] = Found(rawCount: raw.count, text: try reader.text(), type: .text)
        case .object, .array:
            found[name] = Found(rawCount: raw.count, text: String(decoding: raw, as: UTF8.self), type: .json)
        case .number, .bool, .null: break
        }
    }

    /// The first context where it is short: then it was the question itself.
    var question: String? {
        guard let first = found["context_0"], first.type == .text, first.rawCount <= 4000 else { return nil }
        return first.text
    }

    /// Stores them. In the order of their names.
    func store(_ transaction: ImportTransaction, source: String) throws -> [Context] {
        let ordered = found.sorted { ($0.key.count, $0.key) < ($1.key.count, $1.key) }
        return try ordered.map { name, found in
            let (hash, byteCount) = try transaction.storeContext(text: found.text)
            return Context(name: name, hash: hash, byteCount: byteCount, type: found.type, source: source)
        }
    }
}
