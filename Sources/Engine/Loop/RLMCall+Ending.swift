import LMClients
import Trajectory
import TrajectoryStore

/// How a call ends without an answer of its own.
extension RLMCall {
    func ending(of refusal: Dispatcher.Refusal, _ progress: Progress) -> Ending {
        switch refusal {
        case .limit(let limit): return stopped(by: run.ledger.stop ?? limit, answer: progress.unfinishedAnswer)
        case .given(let failure):
            return Ending(
                status: .failed, stopReason: .failed, answer: progress.unfinishedAnswer, failure: failure)
        case .failure(let error):
            if let limit = run.ledger.stop { return stopped(by: limit, answer: progress.unfinishedAnswer) }
            if error.code == .cancelled { return stopped(by: nil, answer: nil) }
            return Ending(
                status: .failed,
                stopReason: .failed,
                answer: progress.unfinishedAnswer,
                failure: error.failure,
                error: error
            )
        }
    }

    /// The ending of a call whose conversation does not fit its model however short it is made: the best answer so far.
    func overflow(_ error: CompletionError, _ progress: Progress) -> Ending {
        Ending(
            status: progress.unfinishedAnswer?.isBlank == false ? .limited : .failed,
            stopReason: .contextOverflow,
            answer: progress.unfinishedAnswer,
            failure: error.failure,
            error: error
        )
    }

    /// The ending of a call that a limit stopped, or for nil a person.
    func stopped(by limit: LimitReached?, answer: String?) -> Ending {
        guard let limit else {
            let failure = Failure(kind: "cancelled", message: "the run was cancelled")
            return Ending(status: .cancelled, stopReason: .cancelled, answer: nil, failure: failure)
        }
        return Ending(status: .limited, stopReason: limit.reason, answer: answer, failure: limit.failure)
    }

    /// The ending of a call that a limit or a person stopped. Where there is still something to spend, one last
    /// completion is asked for the best answer; else what the code had put into `answer` has to do.
    ///
    /// - Parameter open: that completion, as an earlier engine had left it.
    func limited(
        _ progress: Progress, by own: LimitReached? = nil, open: OpenIteration? = nil
    ) async throws -> Ending {
        let limit = own ?? run.ledger.stop
        var ending = stopped(by: limit, answer: limit == nil ? nil : progress.unfinishedAnswer)
        guard let limit, limit.reason.leavesRoomForAnAnswer, !Task.isCancelled else { return ending }
        let turn: Turn
        if let open {
            turn = try await goOn(open)
        } else {
            turn = try await ask(progress.asking(UserMessages.bestAnswer), isBestAnswer: true)
        }
        switch turn.answer {
        case .success(let completion):
            if !completion.text.isBlank { ending.answer = completion.text }
            try await run.writer.finish(iteration: turn.iteration, status: .succeeded)
        case .failure(let refusal):
            try await run.writer.finish(iteration: turn.iteration, status: refusal.status)
        }
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
