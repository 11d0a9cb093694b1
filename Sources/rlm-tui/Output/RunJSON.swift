import Engine
import Foundation
import Trajectory

/// What `run --headless --json`, `rerun --continue --json` and `resume --json` print of a run.
struct RunResultJSON: Encodable {
    let run: Run
    let result: RunResult
    /// Whether all of the run was done now. Then every call of it went to a model, the root's included; else those are
    /// counted that this process sent.
    let isPlain: Bool
    /// What waits for a person, where the run does.
    var held: [Hold] = []

    private struct Ahead: Encodable {
        let used = 0
        let unused = 0
    }

    private enum CodingKeys: String, CodingKey {
        case run, status, stop_reason, answer, failure, iterations, calls, live_calls, recorded_calls, ahead, diverged
        case usage, wall_seconds, held
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run.id.rawValue, forKey: .run)
        try container.encode(run.status, forKey: .status)
        try container.encode(run.stopReason, forKey: .stop_reason)
        if run.status == .held { try container.encode(held.map(\.address.description), forKey: .held) }
        try container.encode(run.answer, forKey: .answer)
        try container.encode(run.failure, forKey: .failure)
        try container.encode(run.iterations, forKey: .iterations)
        try container.encode(run.calls.total, forKey: .calls)
        try container.encode(isPlain && run.status != .held ? run.calls.total : result.liveCalls, forKey: .live_calls)
        try container.encode(result.recordedCalls, forKey: .recorded_calls)
        try container.encode(Ahead(), forKey: .ahead)
        try container.encode(result.diverged.map(\.description), forKey: .diverged)
        try container.encode(UsageJSON(usage: run.usage.known), forKey: .usage)
        try container.encode(result.wallSeconds, forKey: .wall_seconds)
    }
}

/// A run as `list --json` and `show --json` print it.
struct RunJSON: Encodable {
    let run: Run
    var contexts: [Context] = []
    /// The call tree, for `show`.
    var root: NodeJSON?

    private enum CodingKeys: String, CodingKey {
        case run, session, question, model, sub_model, environment, mode, status, stop_reason, answer, failure, origin
        case source, source_format, created_at, ended_at, iterations, calls, failed_calls, deepest, usage, contexts,
            root
        case name, note, notices, forked_from, forked_at, change
    }

    private struct ContextJSON: Encodable {
        let name: String
        let type: String
        let bytes: Int
        let sha256: String
        let source: String
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run.id.rawValue, forKey: .run)
        try container.encode(run.session.rawValue, forKey: .session)
        try container.encode(run.question, forKey: .question)
        try container.encode(run.model, forKey: .model)
        try container.encode(run.subModel, forKey: .sub_model)
        try container.encode(run.environment, forKey: .environment)
        try container.encode(run.mode, forKey: .mode)
        try container.encode(run.statusWord, forKey: .status)
        try container.encode(run.stopReason, forKey: .stop_reason)
        try container.encode(run.answer, forKey: .answer)
        try container.encode(run.failure, forKey: .failure)
        try container.encode(run.origin, forKey: .origin)
        try container.encode(run.source, forKey: .source)
        try container.encode(run.sourceFormat, forKey: .source_format)
        try container.encode(run.createdAt.formatted(.iso8601), forKey: .created_at)
        try container.encode(run.endedAt?.formatted(.iso8601), forKey: .ended_at)
        try container.encode(run.iterations, forKey: .iterations)
        try container.encode(run.calls.total, forKey: .calls)
        try container.encode(run.calls.failed, forKey: .failed_calls)
        try container.encode(run.deepest, forKey: .deepest)
        try container.encode(UsageJSON(usage: run.usage.known), forKey: .usage)
        try container.encodeIfPresent(run.name, forKey: .name)
        try container.encodeIfPresent(run.note, forKey: .note)
        try container.encode(run.notices, forKey: .notices)
        try container.encodeIfPresent(run.forkedFrom?.rawValue, forKey: .forked_from)
        try container.encodeIfPresent(run.forkedAt?.description, forKey: .forked_at)
        try container.encodeIfPresent(run.change.map(StoredJSON.init), forKey: .change)
        if let root {
            let list = contexts.map {
                ContextJSON(
                    name: $0.name,
                    type: $0.type.rawValue,
                    bytes: $0.byteCount,
                    sha256: $0.hash,
                    source: $0.source
                )
            }
            try container.encode(list, forKey: .contexts)
            try container.encode(root, forKey: .root)
        }
    }
}

/// JSON that is stored as a text, as a value among others; a text where it is none.
private struct StoredJSON: Encodable {
    let text: String

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8)) {
            try container.encode(value)
        } else {
            try container.encode(text)
        }
    }

    private enum Value: Codable {
        case null
        case truth(Bool)
        case number(Double)
        case text(String)
        case list([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .truth(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else if let value = try? container.decode([Value].self) {
                self = .list(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .null: try container.encodeNil()
            case .truth(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .text(let value): try container.encode(value)
            case .list(let value): try container.encode(value)
            case .object(let value): try container.encode(value)
            }
        }
    }
}

extension Run {
    /// Its status in a word; `interrupted` where the engine went away without one.
    var statusWord: String { stopReason == .interrupted ? StopReason.interrupted.rawValue : status.rawValue }
}
