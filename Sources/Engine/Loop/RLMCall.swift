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
    let address: Address
    let model: Model
    let question: String
    let contexts: [OpenedContext]
    let run: RunContext

    /// The beginning of a call that nothing is known of yet.
    var firstStart: LoopStart {
        LoopStart(
            progress: Progress(
                system: SystemPrompt.text(canRecurse: depth + 1 < run.limits.depth),
                question: UserMessages.question(question, contexts: contexts)
            )
        )
    }

    /// Runs to the end. Throws `StoreError` when the store cannot be written; everything else is an ending.
    ///
    /// - Parameter start: where to begin; nil for the question.
    func run(from start: LoopStart? = nil) async throws -> Ending {
        if let answer = start?.answer {
            let ending = Ending(status: .succeeded, stopReason: .answered, answer: answer)
            try await run.writer.finish(call: id, status: ending.status, answer: answer, failure: nil)
            return ending
        }
        let ending: Ending
        do {
            var start = start ?? firstStart
            let children = ChildCalls(parent: self, blocksBefore: start.kept?.point.checkpoint.block ?? 0)
            let place = RootREPL(call: self, kept: start.kept?.kept)
            let repl: REPL
            if let kept = start.kept {
                repl = kept.kept.repl
                start.progress.unfinishedAnswer = kept.point.unfinishedAnswer
                run.journal.countRecorded(start.replay.reduce(0) { $0 + $1.calls.count })
                start.replay = []
            } else {
                repl = try await REPL(
                    environment: run.environment,
                    contexts: contexts.map(\.mounted),
                    history: [],
                    limits: run.replLimits,
                    seeds: run.seeds,
                    handler: place.handler
                )
            }
            place.handler.connect(children)
            let outcome: Result<Ending, any Error>
            do {
                if let unfinished = try await replay(start.replay, in: repl, children: children) {
                    start.progress.unfinishedAnswer = unfinished
                }
                if start.kept == nil { await place.mark(repl, after: start.progress) }
                if try await mayGoOn(after: start.replay) {
                    outcome = .success(try await loop(from: start, in: repl, children: children, place: place))
                } else {
                    outcome = .success(stopped(by: nil, answer: nil))
                }
            } catch { outcome = .failure(error) }
            await place.leave(repl, isSound: (try? outcome.get()) != nil)
            if !repl.notices.isEmpty { try await run.writer.addNotices(repl.notices, to: run.id) }
            // What the code asked for and did not wait for ends before the call does: nothing of it is left running.
            await children.untilIdle()
            try children.throwStoreError()
            ending = try outcome.get()
        } catch is CancellationError {
            ending = stopped(by: run.ledger.stop, answer: nil)
        } catch is REPLError where Task.isCancelled {
            ending = stopped(by: run.ledger.stop, answer: nil)
        } catch let error as REPLError {
            ending = Ending(
                status: .failed,
                stopReason: .failed,
                answer: nil,
                failure: Failure(kind: error.code.rawValue, message: message(of: error))
            )
        }
        // What was stopped since the run is left held is gone on with, and not cancelled.
        if ending.status == .cancelled { try run.desk.throwIfEnding() }
        try await run.writer.finish(call: id, status: ending.status, answer: ending.answer, failure: ending.failure)
        return ending
    }

    /// Whether the run goes on after blocks that ran again, of which some may have done otherwise.
    private func mayGoOn(after replay: [ReplayedBlock]) async throws -> Bool {
        let notices = run.journal.notices
        guard !replay.isEmpty, !notices.isEmpty, let ask = run.mayGoOn else { return true }
        return await ask(notices)
    }

    /// Where a context is to blame, also which one it is to the person who named it.
    private func message(of error: REPLError) -> String {
        guard error.code == .contextUnreadable,
            let blamed = contexts.first(where: { error.message.contains("\($0.context.name) ") })?.context
        else { return error.message }
        return "\(error.message) \(blamed.name) is \(blamed.source): mend it, or use --context-type text."
    }

    private func loop(
        from start: LoopStart, in repl: REPL, children: ChildCalls, place: RootREPL
    ) async throws -> Ending {
        var progress = start.progress
        var first: LoopStart? = start
        if let open = start.open, open.isBestAnswer {
            return try await limited(progress, by: limitThatWasMet(progress), open: open)
        }
        while progress.iterations < run.limits.iterations {
            try run.desk.throwIfEnding()
            let turn = try await turn(first, progress)
            let response: CompletionResponse
            switch turn.answer {
            case .success(let completion): response = completion
            case .failure(let refusal):
                try await run.writer.finish(iteration: turn.iteration, status: refusal.status)
                guard run.ledger.stop == nil, !Task.isCancelled, case .failure(let error) = refusal else {
                    return ending(of: refusal, progress)
                }
                if error.code.isTextless {
                    progress.addFailure(.noText)
                } else if error.code == .contextOverflow {
                    guard progress.shorten(limitTokens: error.limitTokens, promptTokens: error.promptTokens) else {
                        return overflow(error, progress)
                    }
                    // It has its row, and is no part of the conversation.
                    progress.brokenOff += 1
                } else {
                    return ending(of: refusal, progress)
                }
                first = nil
                if let limit = tooManyFailures(progress) { return try await limited(progress, by: limit) }
                continue
            }
            let blocks = FencedBlocks.code(in: response.text, isCut: response.isCut)
            let results = try await runBlocks(blocks, in: turn, from: first, repl: repl, children: children)
            first = nil
            let records = results.map(BlockRecord.init)
            if let last = results.last { progress.unfinishedAnswer = last.unfinishedAnswer }
            if depth == 0 { run.bestSoFar.keep(results.last?.finalAnswer ?? progress.unfinishedAnswer) }
            try await run.writer.finish(iteration: turn.iteration, status: Self.status(of: records))

            if let answer = results.last?.finalAnswer {
                // Code that swallowed a limit may have answered with less than it wanted to: that is kept, and said.
                if let limit = run.ledger.stop { return stopped(by: limit, answer: answer) }
                return Ending(status: .succeeded, stopReason: .answered, answer: answer)
            }
            progress.add(
                response: response.text,
                told: UserMessages.outputs(records, of: blocks.count, isCut: response.isCut),
                isClean: records.allSatisfy { $0.status == .succeeded } && !(response.isCut && blocks.isEmpty)
            )
            if run.ledger.stop != nil || Task.isCancelled { return try await limited(progress) }
            await place.mark(repl, after: progress)
            if let limit = tooManyFailures(progress) { return try await limited(progress, by: limit) }
        }
        return try await limited(progress, by: outOfIterations)
    }

    private var outOfIterations: LimitReached {
        LimitReached(
            reason: .maxIterations, message: "\(run.limits.iterations) iterations are used; raise --max-iterations")
    }

    /// The limit after which an earlier engine had asked for the best answer.
    private func limitThatWasMet(_ progress: Progress) -> LimitReached {
        if progress.iterations >= run.limits.iterations { return outOfIterations }
        return tooManyFailures(progress)
            ?? LimitReached(reason: .maxSubcalls, message: "the sub-calls are used; raise --max-subcalls")
    }

    /// The limit, where as many iterations in a row have failed as may.
    private func tooManyFailures(_ progress: Progress) -> LimitReached? {
        guard let most = run.limits.errors, progress.failuresInARow >= most else { return nil }
        let message = "\(progress.failuresInARow) iterations in a row failed; raise --max-errors"
        return LimitReached(reason: .maxErrors, message: message)
    }

    private static func status(of records: [BlockRecord]) -> Status {
        records.map(\.status).first { $0 != .succeeded } ?? .succeeded
    }
}
