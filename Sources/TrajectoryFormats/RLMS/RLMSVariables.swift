// The variables of a call's REPL after each block, without the contexts.
internal import Trajectory

/// Knows what the variables were after the block before, and so which ones a block changed.
struct RLMSVariables {
    private var known: [String: Int] = [:]

    private static let limit = 1000
    private static let previewLimit = 200

    /// - Parameters:
    ///   - locals: The JSON of a block's `locals`.
    ///   - offerContext: Called with the name and JSON of values that are contexts.
    mutating func read(
        _ locals: JSONSlice,
        offerContext: (String, JSONSlice) throws -> Void
    ) throws -> [Variable] {
        var variables: [Variable] = []
        var now: [String: Int] = [:]
        let reader = JSONReader(locals)
        try reader.object { name in
            let raw = try reader.raw()
            if let context = RLMSContexts.name(name) { return try offerContext(context, raw) }
            guard variables.count < Self.limit else { return }
            let hash = try Self.hash(raw)
            now[name] = hash
            variables.append(try Self.variable(name, raw, isChanged: known[name] != hash))
        }
        known = now
        return variables
    }

    private static func hash(_ raw: JSONSlice) throws -> Int {
        var hasher = Hasher()
        try JSONReader(raw).json { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private static func variable(
        _ name: String,
        _ raw: JSONSlice,
        isChanged: Bool
    ) throws -> Variable {
        let reader = JSONReader(raw)
        let type: String
        var byteCount: Int? = raw.bytes.count
        var preview = String(decoding: raw.bytes.prefix(previewLimit * 4), as: UTF8.self)
        switch try reader.kind() {
        case .object: type = "dict[\(try reader.count())]"
        case .array: type = "list[\(try reader.count())]"
        case .bool: type = "bool"
        case .null:
            type = "NoneType"
            preview = "None"
        case .number:
            type = preview.contains { ".eENI".contains($0) } ? "float" : "int"
            byteCount = nil
        case .string:
            let text = try reader.beginningOfText(limit: previewLimit * 4)
            // What JSON cannot hold is written as its `repr`.
            let isOther = text.hasPrefix("<")
            type = isOther ? String(text.dropFirst().prefix { !$0.isWhitespace && $0 != ">" }.prefix(60)) : "str"
            preview = isOther ? text : "'\(text)'"
            // `RLMSLocals` writes a sized value of which the beginning is known as `<list[40] ['a', …>`.
            if isOther, type.hasSuffix("]") {
                preview = String(text.dropFirst(type.count + 2))
                if preview.hasSuffix(">") { preview.removeLast() }
            }
            if isOther { byteCount = nil }
        }
        return Variable(
            name: String(name.prefix(200)),
            type: type,
            byteCount: byteCount,
            preview: shown(preview),
            isChanged: isChanged
        )
    }

    /// On one line, as `repr` shows it.
    private static func shown(_ text: String) -> String {
        var shown = ""
        for character in text.prefix(previewLimit) {
            switch character {
            case "\n", "\r\n": shown += "\\n"
            case "\t": shown += "\\t"
            default: shown.append(character)
            }
        }
        return String(shown.prefix(previewLimit))
    }
}
