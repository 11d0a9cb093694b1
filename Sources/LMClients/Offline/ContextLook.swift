/// What the planner's first block showed of the contexts.
struct ContextLook {
    struct Variable: Hashable {
        let name: String
        /// Python's word: `str`, `list`, `dict`.
        let type: String
        let length: Int
    }

    let variables: [Variable]
    /// How the first lines carry labels, where they do.
    let shape: LineShape?

    private static let head = Pattern(#"^(context(?:_\d{1,4})?) is a (\w+) of length (\d+)$"#)

    /// Nil where the output is not that of the first block: it raised, or was edited.
    init?(output: String) {
        var variables: [Variable] = []
        var sample: [Substring] = []
        for line in output.split(separator: "\n") {
            if let found = Self.head.first(in: String(line)), let length = Int(found[2]) {
                variables.append(Variable(name: found[0], type: found[1], length: length))
            } else if !variables.isEmpty {
                sample.append(line)
            }
        }
        guard !variables.isEmpty else { return nil }
        self.variables = variables
        // The last line may be cut off in the middle.
        shape = LineShape(sample: sample.dropLast(sample.count > 3 ? 1 : 0))
    }

    var isEmpty: Bool { variables.allSatisfy { $0.length == 0 } }

    /// Python that makes one text of the contexts, as plain as their types allow.
    var textCode: String {
        let item = "item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)"
        let named = #"f"{name}:\n{item}" if isinstance(item, str) else json.dumps({name: item}, ensure_ascii=False)"#
        switch (variables.count, variables[0].type) {
        case (1, "str"): return "text = context"
        case (1, "list"):
            return """
                # An item a line.
                import json
                text = "\\n".join(\(item) for item in context)
                """
        case (1, "dict"):
            return """
                # Each file below its name.
                import json
                text = "\\n\\n".join(
                    \(named)
                    for name, item in context.items())
                """
        case _ where variables.allSatisfy({ $0.type == "str" }):
            return "text = \"\\n\\n\".join([\(variables.map(\.name).joined(separator: ", "))])"
        default:
            return """
                import json

                def as_text(value):
                    \"\"\"Any context as one text: an item of a list a line, a file below its name.\"\"\"
                    if isinstance(value, list):
                        return "\\n".join(\(item) for item in value)
                    if isinstance(value, dict):
                        return "\\n\\n".join(
                            \(named)
                            for name, item in value.items())
                    return str(value)

                text = "\\n\\n".join(map(as_text, [\(variables.map(\.name).joined(separator: ", "))]))
                """
        }
    }

    /// The look itself; `characters` of each text are shown.
    static func code(characters: Int) -> String {
        """
        # What is the context, how long is it, and how does it begin?
        names = [name for name in list(globals()) if name.startswith("context_") and name[8:].isdigit()]
        for name in names or ["context"]:
            value = globals()[name]
            print(name, "is a", type(value).__name__, "of length", len(value or ""))
            if isinstance(value, str):
                print(value[:\(characters)])
            elif isinstance(value, dict):
                for key, item in list(value.items())[:20]:
                    print(f"{key}: {str(item)[:200]}")
            else:
                for item in (value or [])[:40]:
                    print(str(item)[:200])
        """
    }
}
