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
        try container.encode(run.status, forKey: .status)
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
