// Writes to a store without end and says on stdout what has been committed, until somebody kills it. Used by the crash
// test of the store.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

@main
enum CrashWriter {
    /// Arguments: the store's path, and a number that makes this writer's texts its own.
    static func main() async throws {
        let store = try TrajectoryStore(path: CommandLine.arguments[1])
        let writer = try store.writer()
        let mark = CommandLine.arguments[2]
        let run = NewRun(id: .random(), question: "question \(mark)", model: "test/root", createdAt: Date())
        let root = try await writer.begin(run: run)
        report("run \(run.id.rawValue)")
        for turn in 1... {
            try await iterate(turn, of: root, in: writer, mark: "\(mark).\(turn)")
            writer.enqueueHeartbeat(run: run.id)
        }
    }

    private static func iterate(
        _ turn: Int,
        of call: CallID,
        in writer: TrajectoryWriter,
        mark: String,
        deeper: Bool = true
    ) async throws {
        let prompt = [Message(role: .system, content: "system"), Message(role: .user, content: "turn \(turn % 7)")]
        let (iteration, completion) = try await writer.beginIteration(
            of: call,
            completion: NewCompletion(model: "test/root", messages: prompt)
        )
        writer.enqueuePartialResponse(completion, text: "half of \(mark)")
        try await writer.finish(completion: completion, result("response \(mark)", tokens: turn))
        report("completion \(completion.rawValue) response \(mark)")
        let block = try await writer.beginBlock(in: iteration, ordinal: 1, code: "print('\(mark)')")
        let calls = try await writer.beginCalls(
            (0..<6).map { number in
                let prompt = [Message(role: .user, content: "ask \(mark) \(number)")]
                let isChild = deeper && number == 5
                return NewCall(
                    iteration: iteration,
                    block: block,
                    kind: isChild ? .rlm : .llm,
                    depth: 1,
                    model: "test/sub",
                    prompt: prompt,
                    completion: isChild ? nil : NewCompletion(model: "test/sub", messages: prompt)
                )
            }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for call in calls {
                group.addTask {
                    writer.enqueueStart(call: call.call)
                    guard let completion = call.completion else {
                        try await iterate(1, of: call.call, in: writer, mark: "\(mark).deep", deeper: false)
                        try await writer.finish(call: call.call, status: .succeeded, answer: mark, failure: nil)
                        report("answer \(call.call.rawValue) \(mark)")
                        return
                    }
                    let answer = "answer \(mark) \(call.ordinal)"
                    try await writer.finish(
                        call: call.call,
                        completion: completion,
                        result(answer, tokens: call.ordinal)
                    )
                    report("completion \(completion.rawValue) \(answer)")
                }
            }
            try await group.waitForAll()
        }
        try await writer.finish(
            block: block,
            BlockRecord(status: .succeeded, output: Output(stdout: "output \(mark)"))
        )
        report("block \(block.rawValue) output \(mark)")
        try await writer.finish(iteration: iteration, status: .succeeded)
    }

    private static func result(_ text: String, tokens: Int) -> CompletionResult {
        let usage = tokens % 3 == 0 ? Usage.unknown : Usage(inputTokens: tokens, outputTokens: 1, cost: 0.25)
        return CompletionResult(response: text, status: .succeeded, usage: usage)
    }

    /// One write a line, so that a line is there whole or not at all.
    private static func report(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
