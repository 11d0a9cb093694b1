// Runs written into a store as the engine writes them.
import Foundation
import Trajectory
import TrajectoryStore

/// Writes a run step by step, with a history that grows as the loop's does.
final class RecordedRun {
    let id = RunID.random()
    let root: CallID
    private let writer: TrajectoryWriter
    private var histories: [CallID: [Message]] = [:]

    init(
        _ store: TrajectoryStore,
        question: String = "What does the log say?",
        contexts: [Context] = []
    ) async throws {
        writer = try store.writer()
        var settings = RunSettings()
        settings.maxIterations = 12
        settings.maxDepth = 3
        settings.baseURL = "http://127.0.0.1:8000/v1"
        root = try await writer.begin(
            run: NewRun(
                id: id, question: question, model: "openai/root", subModel: "openai/sub", environment: "sandbox",
                settings: settings, contexts: contexts, createdAt: Date(timeIntervalSince1970: 1_790_000_000.25)))
        histories[root] = Self.beginning(question)
    }

    private static func beginning(_ question: String) -> [Message] {
        [
            Message(role: .system, content: "You write Python."),
            Message(role: .user, content: "Question: \(question)\n\nContexts:\n- context_0: a str\n\nBegin."),
        ]
    }

    struct Block {
        var id: BlockID
        var iteration: IterationID
    }

    /// Begins an iteration with a response, and a block in it.
    func turn(of call: CallID? = nil, _ response: String, code: String? = nil) async throws -> Block? {
        let call = call ?? root
        let history = histories[call] ?? Self.beginning("child")
        let (iteration, completion) = try await writer.beginIteration(
            of: call,
            completion: NewCompletion(model: call == root ? "openai/root" : "openai/sub", messages: history))
        try await writer.finish(
            completion: completion,
            CompletionResult(
                response: response, status: .succeeded, usage: Usage(inputTokens: 100, outputTokens: 10, cost: 0.25)))
        histories[call] =
            history + [
                Message(role: .assistant, content: response), Message(role: .user, content: "Output of block 1:\n…"),
            ]
        guard let code else {
            try await writer.finish(iteration: iteration, status: .succeeded)
            return nil
        }
        return Block(id: try await writer.beginBlock(in: iteration, ordinal: 1, code: code), iteration: iteration)
    }

    func end(
        _ block: Block?, stdout: String = "", stderr: String = "", failure: Failure? = nil, _ status: Status? = nil
    )
        async throws
    {
        guard let block else { return }
        let status = status ?? (failure == nil ? .succeeded : .failed)
        try await writer.finish(
            block: block.id,
            BlockRecord(
                status: status, output: Output(stdout: stdout, stderr: stderr), failure: failure,
                variables: [
                    Variable(name: "context_0", type: "str", byteCount: 3, preview: "'x'", isChanged: false),
                    Variable(name: "rows", type: "list[40]", byteCount: 9, preview: "['a', 'b']", isChanged: true),
                    Variable(name: "few", type: "list[2]", byteCount: 9, preview: "[1, 2]", isChanged: true),
                    Variable(name: "n", type: "int", byteCount: nil, preview: "12", isChanged: true),
                    Variable(name: "name", type: "str", byteCount: 4, preview: #"'it\'s\n'"#, isChanged: true),
                ], seconds: 0.5))
        try await writer.finish(iteration: block.iteration, status: status)
    }

    private func call(_ kind: Call.Kind, _ block: Block, depth: Int, _ prompt: [Message]) -> NewCall {
        NewCall(
            iteration: block.iteration, block: block.id, kind: kind, depth: depth, model: "openai/sub", prompt: prompt,
            completion: kind == .rlm ? nil : NewCompletion(model: "openai/sub", messages: prompt))
    }

    func ask(_ block: Block?, _ prompt: [Message], depth: Int = 1, _ result: CompletionResult?) async throws {
        guard let block else { return }
        let started = try await writer.beginCalls([call(.llm, block, depth: depth, prompt)])[0]
        if let result, let completion = started.completion {
            try await writer.finish(call: started.call, completion: completion, result)
        } else {
            writer.enqueueStart(call: started.call)
        }
    }

    func recurse(_ block: Block?, _ prompt: String, depth: Int = 1) async throws -> CallID? {
        guard let block else { return nil }
        let calls = [call(.rlm, block, depth: depth, [Message(role: .user, content: prompt)])]
        return try await writer.beginCalls(calls)[0].call
    }

    func end(_ child: CallID?, _ status: Status, answer: String?, failure: Failure? = nil) async throws {
        guard let child else { return }
        try await writer.finish(call: child, status: status, answer: answer, failure: failure)
    }

    func end(_ status: Status, _ reason: StopReason, answer: String?, failure: Failure? = nil) async throws {
        try await writer.finish(run: id, status: status, stopReason: reason, answer: answer, failure: failure)
    }
}
