import Foundation
import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// The loop of one `rlm` call: completion → code blocks → their output → next, until a block that ran clean left an
/// answer or a limit ends it. The root of a run is one, and so is every `rlm_query` that may still recurse.
struct RLMCall: Sendable {
    /// How a call ended, once everything of it is in the store.
    struct Ending: Sendable {
        var status: Status
        var stopReason: StopReason
        var answer: String?
        var failure: Failure?
        /// The error of the client, where one ended the call.
        var error: CompletionError?
    }

    let id: CallID
    let depth: Int
    let model: Model
    let question: String
    let contexts: [OpenedContext]
    let run: RunContext

    /// Runs to the end. Throws `StoreError` when the store cannot be written; everything else is an ending.
    func run() async throws -> Ending {
        let ending: Ending
        do {
            let subcalls = Subcalls(parent: self)
            let repl = try await REPL(
                environment: run.environment,
                contexts: contexts.map(\.mounted),
                history: [],
                limits: run.replLimits,
                handler: subcalls
            )
            let outcome: Result<Ending, any Error>
            do { outcome = .success(try await loop(in: repl, subcalls: subcalls)) } catch { outcome = .failure(error) }
            await repl.close()
            // What the code asked for and did not wait for ends before the call does: nothing of it is left running.
            await subcalls.untilIdle()
            try subcalls.throwStoreError()
            ending = try outcome.get()
        } catch is REPLError where Task.isCancelled {
            ending = try await limited([], unfinished: nil)
        } catch let error as REPLError {
            ending = Ending(
                status: .failed,
                stopReason: .failed,
                answer: nil,
                failure: Failure(kind: error.code.rawValue, message: message(of: error))
            )
        }
        try await run.writer.finish(call: id, status: ending.status, answer: ending.answer, failure: ending.failure)
        return ending
    }

    /// Where a context is to blame, also which one it is to the person who named it.
    private func message(of error: REPLError) -> String {
        guard error.code == .contextUnreadable,
            let blamed = contexts.first(where: { error.message.contains("\($0.context.name) ") })?.context
        else { return error.message }
        return "\(error.message) \(blamed.name) is \(blamed.source): mend it, or use --context-type text."
    }

    private func loop(in repl: REPL, subcalls: Subcalls) async throws -> Ending {
        var messages = [
            Message(role: .system, content: SystemPrompt.text(canRecurse: depth + 1 < run.limits.depth)),
            Message(role: .user, content: UserMessages.question(question, contexts: contexts)),
        ]
        var failures = 0
        var unfinished: String?
        for _ in 0..<run.limits.iterations {
            let turn = try await complete(messages)
            let response: String
            switch turn.answer {
            case .success(let completion): response = completion.text
            case .failure(let refusal):
                try await run.writer.finish(iteration: turn.iteration, status: refusal.status)
                return try await ending(of: refusal, unfinished: unfinished)
            }
            let results = try await runBlocks(of: response, in: turn.iteration, repl: repl, subcalls: subcalls)
            if let last = results.last { unfinished = last.unfinishedAnswer }
            let isClean = results.allSatisfy { $0.outcome == .clean }
            try await run.writer.finish(iteration: turn.iteration, status: Self.status(of: results))

            if let answer = results.last(where: { $0.finalAnswer != nil })?.finalAnswer {
                return Ending(status: .succeeded, stopReason: .answered, answer: answer)
            }
            messages.append(Message(role: .assistant, content: response))
            messages.append(
                Message(role: .user, content: UserMessages.outputs(results, of: FencedBlocks.code(in: response).count)))
            if run.ledger.stop != nil || Task.isCancelled {
                return try await limited(messages, unfinished: unfinished)
            }
            failures = isClean ? 0 : failures + 1
            if let most = run.limits.errors, failures >= most {
                return try await limited(
                    messages,
                    unfinished: unfinished,
                    by: LimitReached(
                        reason: .maxErrors,
                        message: "\(failures) iterations in a row failed; raise --max-errors"
                    )
                )
            }
        }
        return try await limited(
            messages,
            unfinished: unfinished,
            by: LimitReached(
                reason: .maxIterations,
                message: "\(run.limits.iterations) iterations are used; raise --max-iterations"
            )
        )
    }

    // MARK: - One iteration

    private struct Turn {
        var iteration: IterationID
        var answer: Result<CompletionResponse, Dispatcher.Refusal>
    }

    private func complete(_ messages: [Message], isBestAnswer: Bool = false) async throws -> Turn {
        let request = CompletionRequest(
            model: model.name,
            messages: messages,
            sampling: run.sampling,
            seed: run.seed,
            isStreaming: true
        )
        let (iteration, completion) = try await run.writer.beginIteration(
            of: id,
            completion: NewCompletion(
                requestKey: RequestKey.key(of: request, to: model),
                model: model.description,
                parameters: request.parametersJSON,
                messages: messages,
                origin: .live
            )
        )
        let preview = LivePreview(completion: completion, writer: run.writer)
        let ticket = Dispatcher.Ticket(
            model: model,
            request: request,
            completion: completion,
            call: nil,
            isBestAnswer: isBestAnswer,
            onText: { preview.add($0) }
        )
        return Turn(iteration: iteration, answer: try await run.dispatcher.send(ticket))
    }

    private func runBlocks(
        of response: String,
        in iteration: IterationID,
        repl: REPL,
        subcalls: Subcalls
    ) async throws -> [BlockResult] {
        var results: [BlockResult] = []
        for (index, code) in FencedBlocks.code(in: response).enumerated() {
            let block = try await run.writer.beginBlock(in: iteration, ordinal: index + 1, code: code)
            subcalls.begin(block: block, of: iteration)
            let result = await repl.run(code)
            try subcalls.throwStoreError()
            try await run.writer.finish(block: block, Self.record(of: result))
            results.append(result)
            // A block after one that failed would run on what is not there; the model is shown the failure first.
            if result.outcome != .clean || result.finalAnswer != nil { break }
        }
        return results
    }

    private static func record(of result: BlockResult) -> BlockRecord {
        BlockRecord(
            status: status(of: result),
            output: result.output,
            failure: failure(of: result),
            variables: result.variables,
            seconds: result.seconds,
            waitingSeconds: result.waitingSeconds
        )
    }

    private static func status(of results: [BlockResult]) -> Status {
        results.map(status(of:)).first { $0 != .succeeded } ?? .succeeded
    }

    private static func status(of result: BlockResult) -> Status {
        switch result.outcome {
        case .clean: .succeeded
        case .raised, .timedOut, .died: .failed
        case .limitReached: .limited
        case .cancelled: .cancelled
        }
    }

    private static func failure(of result: BlockResult) -> Failure? {
        switch result.outcome {
        case .clean: nil
        case .raised(let failure), .died(let failure): failure
        case .limitReached(let message): Failure(kind: "limit", message: message)
        case .timedOut: Failure(kind: "timeout", message: "the block ran longer than it may and was interrupted")
        case .cancelled: Failure(kind: "cancelled", message: "the run was cancelled")
        }
    }

    // MARK: - Endings

    private func ending(of refusal: Dispatcher.Refusal, unfinished: String?) async throws -> Ending {
        switch refusal {
        case .limit: return try await limited([], unfinished: unfinished)
        case .failure(let error):
            if error.code == .cancelled || run.ledger.stop != nil {
                return try await limited([], unfinished: unfinished)
            }
            return Ending(status: .failed, stopReason: .failed, answer: nil, failure: error.failure, error: error)
        }
    }

    /// The ending of a call that a limit or a person stopped. Where there is still something to spend, one last
    /// completion is asked for the best answer; else what the code had put into `answer` has to do.
    private func limited(
        _ messages: [Message], unfinished: String?, by own: LimitReached? = nil
    ) async throws -> Ending {
        guard let limit = own ?? run.ledger.stop else {
            return Ending(
                status: .cancelled,
                stopReason: .cancelled,
                answer: nil,
                failure: Failure(kind: "cancelled", message: "the run was cancelled")
            )
        }
        var ending = Ending(status: .limited, stopReason: limit.reason, answer: nil, failure: limit.failure)
        if let last = messages.last, limit.reason.leavesRoomForAnAnswer, !Task.isCancelled {
            // The last message is the user's, and roles take turns: the request goes to its end.
            let request = Message(role: last.role, content: last.content + "\n\n" + UserMessages.bestAnswer)
            let turn = try await complete(messages.dropLast() + [request], isBestAnswer: true)
            switch turn.answer {
            case .success(let completion):
                ending.answer = completion.text
                try await run.writer.finish(iteration: turn.iteration, status: .succeeded)
            case .failure(let refusal):
                try await run.writer.finish(iteration: turn.iteration, status: refusal.status)
            }
        }
        if ending.answer == nil { ending.answer = unfinished }
        return ending
    }
}

extension StopReason {
    /// Whether one more completion can be asked for: not when money, tokens or time are what ran out.
    var leavesRoomForAnAnswer: Bool {
        switch self {
        case .maxIterations, .maxErrors, .maxSubcalls: true
        default: false
        }
    }
}
