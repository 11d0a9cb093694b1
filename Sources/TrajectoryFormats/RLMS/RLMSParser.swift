// Reads the fields of an `rlms` log's line, each for itself: a field of a wrong type is left out and named.
internal import Foundation
internal import Trajectory

/// Parses one line, or a recursive child within one. The line's bytes must outlive what it gives.
final class RLMSParser {
    enum Entry {
        case metadata(RLMSMetadata)
        case iteration(RLMSIteration)
        case unknown(String)
    }

    private let reader: JSONReader
    private var wrongFields: [String] = []

    init(_ slice: JSONSlice) { reader = JSONReader(slice) }

    convenience init(_ bytes: UnsafeRawBufferPointer) { self.init(JSONSlice(bytes: bytes)) }

    /// What was wrong, for people, without the line's number.
    var warnings: [String] {
        wrongFields + (reader.metLoneSurrogate ? ["half of a surrogate pair became U+FFFD"] : [])
    }

    /// Reads a line. Throws `JSONReader.Malformed`.
    func entry() throws -> Entry {
        var type = ""
        var metadata = RLMSMetadata()
        var iteration = RLMSIteration()
        try reader.object { key in
            switch key {
            case "type": type = try text(key) ?? ""
            case "timestamp":
                let date = try text(key).flatMap(PythonText.date)
                metadata.timestamp = date
                iteration.timestamp = date
            default:
                // The type may follow its fields.
                if type != "iteration" { try read(key, into: &metadata) }
                if type != "metadata" { try read(key, into: &iteration) }
            }
        }
        guard reader.isAtEnd else {
            throw JSONReader.Malformed(offset: reader.position, expected: "the end of the line", isCut: false)
        }
        switch type {
        case "metadata": return .metadata(metadata)
        case "iteration": return .iteration(iteration)
        default: return .unknown(type)
        }
    }

    /// Reads a recursive child's trajectory: its configuration, and what `each` makes of its iterations.
    func child(each: (RLMSIteration) throws -> Void) throws -> RLMSMetadata {
        var metadata = RLMSMetadata()
        guard try isKind(.object, "metadata") else { return metadata }
        try reader.object { key in
            switch key {
            case "run_metadata":
                guard try isKind(.object, key) else { return }
                try reader.object { try read($0, into: &metadata) }
            case "iterations":
                guard try isKind(.array, key) else { return }
                try reader.array {
                    guard try isKind(.object, key) else { return }
                    var iteration = RLMSIteration()
                    try reader.object { field in
                        if field == "timestamp" {
                            iteration.timestamp = try text(field).flatMap(PythonText.date)
                        } else {
                            try read(field, into: &iteration)
                        }
                    }
                    try each(iteration)
                }
            default: break
            }
        }
        return metadata
    }

    // MARK: Objects

    private func read(_ key: String, into metadata: inout RLMSMetadata) throws {
        switch key {
        case "root_model": metadata.rootModel = try text(key)
        case "backend": metadata.backend = try text(key)
        case "environment_type": metadata.environment = try text(key)
        case "max_depth": metadata.maxDepth = try integer(key)
        case "max_iterations": metadata.maxIterations = try integer(key)
        case "other_backends":
            guard try reader.kind() == .array else { return }
            try reader.array {
                metadata.hasOtherBackends = true
            }
        case "backend_kwargs":
            // Nothing else is taken from here: it may hold keys under any name.
            guard try isKind(.object, key) else { return }
            var url: String?
            try reader.object { if $0 == "base_url" { url = try text($0) } }
            metadata.baseURL = url.flatMap(PythonText.withoutSecrets)
        default: break
        }
    }

    private func read(_ key: String, into iteration: inout RLMSIteration) throws {
        switch key {
        case "iteration": iteration.number = try integer(key)
        case "prompt": iteration.prompt = try messages(key)
        case "response": iteration.response = try text(key)
        case "iteration_time": iteration.seconds = try seconds(key)
        case "final_answer": iteration.finalAnswer = try finalAnswer(key)
        case "code_blocks":
            guard try isKind(.array, key) else { return }
            try reader.array {
                if let block = try block() { iteration.blocks.append(block) }
            }
        default: break
        }
    }

    private func block() throws -> RLMSBlock? {
        guard try isKind(.object, "code_blocks") else { return nil }
        var block = RLMSBlock()
        try reader.object { key in
            switch key {
            case "code": block.code = try text(key) ?? ""
            case "result":
                guard try isKind(.object, key) else { return }
                try reader.object { field in
                    switch field {
                    case "stdout": block.stdout = try text(field) ?? ""
                    case "stderr": block.stderr = try text(field) ?? ""
                    case "execution_time": block.seconds = try seconds(field)
                    case "locals":
                        guard try isKind(.object, field) else { return }
                        block.locals = try reader.raw()
                    case "rlm_calls":
                        guard try isKind(.array, field) else { return }
                        block.calls = try checkedCalls()
                    default: break
                    }
                }
            default: break
            }
        }
        return block
    }

    /// Passes over a list of sub-calls. A fault in one is found now and not when half of them are written.
    private func checkedCalls() throws -> JSONSlice {
        let start = reader.position
        try reader.array {
            guard try reader.kind() == .object else { return }
            try reader.object { key in
                switch key {
                case "prompt": try reader.check(depth: 2)
                case "usage_summary": try reader.check(depth: 3)
                default: try reader.skip()
                }
            }
        }
        return reader.slice(from: start)
    }

    /// Reads a list of sub-calls, one after the other.
    func calls(_ each: (RLMSCall) throws -> Void) throws {
        try reader.array { if let call = try call() { try each(call) } }
    }

    private func call() throws -> RLMSCall? {
        guard try isKind(.object, "rlm_calls") else { return nil }
        var call = RLMSCall()
        try reader.object { key in
            switch key {
            case "root_model": call.model = try text(key)
            case "prompt": call.prompt = try messages(key)
            case "response": call.response = try text(key)
            case "execution_time": call.seconds = try seconds(key)
            case "error": call.error = try text(key)
            case "usage_summary":
                guard try isKind(.object, key) else { return }
                try readUsage(into: &call)
            case "metadata":
                guard try isKind(.object, key) else { return }
                call.child = try reader.raw()
            default: break
            }
        }
        return call
    }

    /// How long something took; unknown where it cannot have been.
    private func seconds(_ key: String) throws -> Double? {
        try number(key).flatMap { (0...1e9).contains($0) ? $0 : nil }
    }

    /// Sums the usage of every model; what none of them reports stays unknown.
    private func readUsage(into call: inout RLMSCall) throws {
        var sum = UsageTotal()
        var totalCost: Double?
        try reader.object { key in
            switch key {
            case "total_cost": totalCost = try number(key)
            case "model_usage_summaries":
                guard try isKind(.object, key) else { return }
                try reader.object { model in
                    guard try isKind(.object, model) else { return }
                    var usage = Usage.unknown
                    try reader.object { field in
                        switch field {
                        case "total_input_tokens": usage.inputTokens = try integer(field)
                        case "total_output_tokens": usage.outputTokens = try integer(field)
                        case "total_cost": usage.cost = try number(field)
                        default: break
                        }
                    }
                    // Made anew, which leaves out what nobody can believe.
                    sum += UsageTotal(
                        Usage(inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, cost: usage.cost))
                    call.hasUsage = true
                }
            default: break
            }
        }
        call.usage = sum.known
        call.usage.cost = Usage(cost: totalCost).cost ?? sum.known.cost
    }

    /// A prompt is a text, a list of messages, or any other JSON.
    private func messages(_ key: String) throws -> [Message] {
        switch try reader.kind() {
        case .string: return [Message(role: .user, content: try reader.text())]
        case .null:
            try reader.skip()
            return []
        case .array:
            var messages: [Message] = []
            try reader.array {
                guard try reader.kind() == .object else {
                    messages.append(Message(role: .user, content: try anything()))
                    return
                }
                var message = Message(role: .user, content: "")
                try reader.object { field in
                    switch field {
                    case "role":
                        let role = try text("\(key).role") ?? ""
                        if let known = Message.Role(rawValue: role) {
                            message.role = known
                        } else {
                            note(
                                "'\(key)' has a message of the unknown role '\(role.prefix(40))', taken for the user's"
                            )
                        }
                    case "content": message.content = try anything()
                    default: break
                    }
                }
                messages.append(message)
            }
            return messages
        default: return [Message(role: .user, content: try anything())]
        }
    }

    /// A text, or any other value as JSON.
    private func anything() throws -> String {
        switch try reader.kind() {
        case .string: return try reader.text()
        case .null:
            try reader.skip()
            return ""
        default: return String(decoding: try reader.raw().bytes, as: UTF8.self)
        }
    }

    /// Older logs write `["FINAL", text]`.
    private func finalAnswer(_ key: String) throws -> String? {
        switch try reader.kind() {
        case .null: return nil
        case .array:
            var texts: [String] = []
            try reader.array { texts.append(try anything()) }
            return texts.last
        default: return try anything()
        }
    }

    // MARK: Fields

    private func text(_ key: String) throws -> String? { try isKind(.string, key) ? try reader.text() : nil }

    private func number(_ key: String) throws -> Double? {
        guard try isKind(.number, key) else { return nil }
        let value = try reader.number()
        if value == nil { note("'\(key)' is no finite number") }
        return value
    }

    private func integer(_ key: String) throws -> Int? {
        guard let value = try number(key) else { return nil }
        guard let whole = Int(exactly: value.rounded()), whole >= 0 else {
            note("'\(key)' is no count")
            return nil
        }
        return whole
    }

    /// Whether a field holds what it should; null is silence, anything else is noted.
    private func isKind(_ kind: JSONReader.Kind, _ key: String) throws -> Bool {
        let found = try reader.kind()
        if found == kind { return true }
        if found != .null { note("'\(key.prefix(40))' is \(found.words), not \(kind.words)") }
        return false
    }

    private func note(_ warning: String) {
        if wrongFields.count < 20, !wrongFields.contains(warning) { wrongFields.append(warning) }
    }
}

extension JSONReader.Kind {
    var words: String {
        switch self {
        case .object: "an object"
        case .array: "a list"
        case .string: "a text"
        case .number: "a number"
        case .bool: "true or false"
        case .null: "null"
        }
    }
}
