// The `locals` of a block, as far as they are known: of most values only the beginning of the `repr` was kept.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

/// Writes variables, and the contexts with the first block alone: a reader finds them there, and the file does not
/// repeat them. A context is written when it is a `str` or JSON of at most 256 kB.
struct RLMSLocals {
    private enum Value {
        case text(String)
        case json(String)
    }

    private var contexts: [(name: String, value: Value)] = []

    private static let contextLimit = 256 << 10

    init(contexts: [Context], of store: TrajectoryStore) throws {
        for context in contexts where context.byteCount <= Self.contextLimit {
            guard RLMSContexts.name(context.name) != nil,
                let bytes = FileManager.default.contents(atPath: store.contextPath(context.hash)),
                let value = Self.value(String(decoding: bytes, as: UTF8.self), context.type)
            else { continue }
            // The only context has the name that code knows it by.
            self.contexts.append((contexts.count == 1 ? "context" : context.name, value))
        }
    }

    mutating func write(_ variables: [Variable], to json: JSONWriter) throws {
        let contexts = contexts
        self.contexts = []
        try json.object {
            for (name, value) in contexts { try json.field(name) { try Self.write(value, to: json) } }
            for variable in variables where RLMSContexts.name(variable.name) == nil {
                try json.field(variable.name) { try Self.write(Self.value(variable), to: json) }
            }
        }
    }

    private static func write(_ value: Value, to json: JSONWriter) throws {
        switch value {
        case .text(let text): try json.value(text: text)
        case .json(let text): try json.value(raw: text)
        }
    }

    private static func value(_ text: String, _ type: ContextType) -> Value? {
        switch type {
        case .text: .text(text)
        case .json: container(text).map(Value.json)
        case .lines, .jsonl, .files: nil
        }
    }

    /// Numbers, truth and None as they are, texts without their quotes, containers where all of one is there and it
    /// reads as JSON; anything else as `rlms` writes what JSON cannot hold: its `repr` in angle brackets.
    private static func value(_ variable: Variable) -> Value {
        let preview = variable.preview
        switch variable.type {
        case "NoneType": return .json("null")
        case "bool" where preview == "True" || preview == "true": return .json("true")
        case "bool" where preview == "False" || preview == "false": return .json("false")
        case "int" where Int(preview) != nil: return .json(preview)
        case "float":
            if let number = Double(preview), number.isFinite { return .json(number.description) }
            return .text(preview)
        case let type where type == "str" || type.hasPrefix("str["):
            return .text(PythonText.unquoted(preview))
        default:
            if isWhole(variable), let json = container(preview) { return .json(json) }
            return .text(preview.hasPrefix("<") ? preview : "<\(variable.type) \(preview)>")
        }
    }

    /// Whether a preview shows all of a container: the beginning of a long one is closed like a short one.
    private static func isWhole(_ variable: Variable) -> Bool {
        guard variable.preview.utf8.count < 180, let open = variable.type.lastIndex(of: "["),
            let value = try? JSONSerialization.jsonObject(with: Data(variable.preview.utf8))
        else { return false }
        let count = (value as? [Any])?.count ?? (value as? [String: Any])?.count
        return count.map(String.init) == variable.type[open...].dropFirst().dropLast().description
    }

    /// The text on one line where it is a JSON object or list.
    private static func container(_ text: String) -> String? {
        guard let first = text.first(where: { !$0.isWhitespace }), first == "[" || first == "{",
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
        else { return nil }
        // Within texts line ends are escaped, so that these stand between values.
        return String(decoding: text.utf8.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 }, as: UTF8.self)
    }
}
