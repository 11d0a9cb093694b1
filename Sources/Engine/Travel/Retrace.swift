import Foundation
import LMClients
import Trajectory
import TrajectoryStore

/// Reads from the store how far an `rlm` call has come, so that another engine can go on from there: the conversation, the
/// blocks that bring a new REPL to the same state, and the answers that need no model.
///
/// The conversation is built from what was recorded of each iteration, by the same words that the model was shown, and
/// where the prompt of the next iteration is in the store that is what counts.
struct Retrace {
    private let store: TrajectoryStore
    private let run: RunContext
    /// Whether what failed is asked again instead of failing again.
    var retriesFailures = false

    init(_ run: RunContext, retriesFailures: Bool = false) {
        self.run = run
        store = run.store
        self.retriesFailures = retriesFailures
    }

    // MARK: Forks

    /// Where a call of a fork begins: before the iteration that the path goes through.
    ///
    /// Everything that the original asked from there on goes into the run's recording.
    func start(of call: RLMCall, on path: ChangePath) throws -> LoopStart {
        var start = LoopStart(progress: call.firstStart.progress)
        var path = path
        var first: RecordedIteration?
        try store.recordedIterations(of: path.original) { iteration in
            if iteration.ordinal < path.iteration {
                try add(iteration, of: call, to: &start)
            } else if iteration.ordinal == path.iteration {
                first = iteration
            }
        }
        guard let first else { throw TravelError.noSuchIteration(call.address.appending(.iteration(path.iteration))) }
        let address = call.address.appending(.iteration(first.ordinal))
        for block in first.blocks {
            path.expected[block.ordinal] = try replayed(block, at: address.appending(.block(block.ordinal)))
        }
        path.below = try below(path, in: first, at: address)
        if let completion = first.completion {
            start.progress = start.progress.saying(try store.messages(sentBy: completion))
        }
        try record(from: path)
        start.path = path
        start.given = try given(first, path)
        return start
    }

    /// What stands in for the model's answer in the first iteration: nothing where it is to be asked again.
    private func given(_ iteration: RecordedIteration, _ path: ChangePath) throws -> LoopStart.GivenResponse? {
        if path.rest.isEmpty {
            guard let text = path.change.response else { return nil }
            return LoopStart.GivenResponse(text: text, finishReason: "stop", origin: .edited)
        }
        guard let response = iteration.response else {
            throw TravelError.noResponse(iteration.ordinal)
        }
        var given = LoopStart.GivenResponse(
            text: response, reasoning: iteration.reasoning, finishReason: iteration.finishReason, origin: .recorded)
        if let block = path.block, let code = path.change.code {
            let isCut = FinishReason.isCut(iteration.finishReason)
            guard let changed = FencedBlocks.replacing(block, of: response, isCut: isCut, with: code) else {
                throw TravelError.noSuchBlock(block)
            }
            given.text = changed
            given.origin = .edited
        }
        return given
    }

    private func below(_ path: ChangePath, in iteration: RecordedIteration, at address: Address) throws -> [ChangePath]
    {
        guard let number = path.call, path.rest.count > 1 else { return [] }
        let calls = iteration.blocks.flatMap(\.calls) + iteration.looseCalls
        guard let call = calls.first(where: { $0.ordinal == number }), call.kind == .rlm,
            case .iteration(let next)? = path.rest.dropFirst().first
        else { throw TravelError.noSuchCall(address.appending(.call(number))) }
        var below = ChangePath(
            original: call.id, iteration: next, rest: path.rest.dropFirst(2), change: path.change, tried: path.tried)
        try store.recordedIterations(of: call.id) { recorded in
            guard recorded.ordinal == next else { return }
            below.below = try self.below(below, in: recorded, at: address)
        }
        return [below]
    }

    /// Puts what the original was answered, from the path's iteration on, into the recording.
    ///
    /// - Parameter first: the first iteration whose own answer is recorded; the one after the path's when not given.
    func record(from path: ChangePath, with first: Int? = nil) throws {
        let first = first ?? path.iteration + 1
        try store.recordedIterations(of: path.original) { iteration in
            guard iteration.ordinal >= path.iteration else { return }
            if iteration.ordinal >= first, let completion = iteration.completion,
                let answer = Self.answer(of: iteration), isToBeGivenAgain(answer)
            {
                for key in try keys(iteration.requestKey, { try store.messages(sentBy: completion) }) {
                    run.recording.add(answer, for: key, kind: .llm)
                }
            }
            for call in iteration.blocks.flatMap(\.calls) + iteration.looseCalls {
                guard let answer = Self.answer(of: call), isToBeGivenAgain(answer) else { continue }
                for key in try keys(of: call) { run.recording.add(answer, for: key, kind: call.kind) }
            }
        }
    }

    private func isToBeGivenAgain(_ answer: Recording.Answer) -> Bool { answer.text != nil || !retriesFailures }

    // MARK: Going on

    /// Where a call goes on that an earlier engine did not end.
    func open(_ call: RLMCall) throws -> LoopStart {
        var start = LoopStart(progress: call.firstStart.progress)
        var last: RecordedIteration?
        func settle() throws {
            if let last { try add(last, of: call, to: &start) }
            last = nil
        }
        try store.recordedIterations(of: call.id) { iteration in
            try settle()
            last = iteration
        }
        guard let last else { return start }
        if last.status.isFinal {
            // Broken off by a person or a failure: done again as a new iteration, with the answers that were paid.
            guard last.status == .cancelled || last.status == .failed && last.blocks.isEmpty else {
                try add(last, of: call, to: &start)
                return start
            }
            start.progress.brokenOff += 1
            if let completion = last.completion {
                start.progress = start.progress.saying(try store.messages(sentBy: completion))
            }
            if let text = last.response {
                start.given = LoopStart.GivenResponse(
                    text: text, reasoning: last.reasoning, finishReason: last.finishReason, origin: .recorded)
            }
            for recorded in last.blocks.flatMap(\.calls) + last.looseCalls where recorded.status == .succeeded {
                guard let answer = Self.answer(of: recorded) else { continue }
                for key in try keys(of: recorded) { run.recording.add(answer, for: key, kind: recorded.kind) }
            }
            return start
        }
        guard let completion = last.completion else { return start }
        let address = call.address.appending(.iteration(last.ordinal))
        var blocks: [Int: OpenBlock] = [:]
        for block in last.blocks {
            let ended = block.status.isFinal
            blocks[block.ordinal] = OpenBlock(
                id: block.id, code: block.code,
                ended: ended ? try replayed(block, at: address.appending(.block(block.ordinal))) : nil)
        }
        let rows = try (last.blocks.filter { !$0.status.isFinal }.flatMap(\.calls) + last.looseCalls).map(row)
        start.open = OpenIteration(
            id: last.id, ordinal: last.ordinal, completion: completion, answer: Self.answer(of: last),
            messages: try store.messages(sentBy: completion), blocks: blocks, calls: OpenCalls(rows))
        return start
    }

    private func row(_ call: RecordedCall) throws -> OpenCalls.Row {
        let completion = try store.completions(of: .call(call.id)).last
        let isPaid = completion?.status.isFinal ?? false
        return OpenCalls.Row(
            call: call.id,
            ordinal: call.ordinal,
            completion: completion?.id,
            kind: call.kind,
            keys: try keys(of: call),
            status: call.status,
            answer: call.status.isFinal || call.answer != nil || call.failure != nil
                ? Recording.Answer(
                    text: call.answer, finishReason: call.finishReason, failure: call.failure, usage: call.usage)
                : completion.flatMap { completion in
                    guard completion.status.isFinal else { return nil }
                    return Recording.Answer(
                        text: completion.response, reasoning: completion.reasoning,
                        finishReason: completion.finishReason, failure: completion.failure, usage: completion.usage)
                },
            isPaid: isPaid && !call.status.isFinal
        )
    }

    // MARK: -

    /// Adds an iteration that has ended to the conversation, and its blocks to what is run again.
    private func add(_ iteration: RecordedIteration, of call: RLMCall, to start: inout LoopStart) throws {
        if iteration.ordinal == 1, let completion = iteration.completion {
            let sent = try store.messages(sentBy: completion)
            if sent.count >= 2, sent.last?.role == .user { start.progress = Progress(messages: sent) }
        }
        guard let response = iteration.response else {
            let code = iteration.completionFailure.flatMap { CompletionError.Code(rawValue: $0.kind) }
            if code?.isTextless == true {
                start.progress.addFailure(.noText)
            } else if code == .contextOverflow {
                _ = start.progress.shorten(limitTokens: nil, promptTokens: nil)
            } else {
                start.progress.brokenOff += 1
            }
            return
        }
        guard iteration.status != .cancelled else {
            start.progress.brokenOff += 1
            return
        }
        let isCut = FinishReason.isCut(iteration.finishReason)
        let count = FencedBlocks.code(in: response, isCut: isCut).count
        let records = iteration.blocks.map {
            BlockRecord(status: $0.status, output: $0.output, failure: $0.failure)
        }
        start.progress.add(
            response: response,
            told: UserMessages.outputs(records, of: max(count, records.count), isCut: isCut),
            isClean: records.allSatisfy { $0.status == .succeeded } && !(isCut && count == 0)
        )
        let address = call.address.appending(.iteration(iteration.ordinal))
        for block in iteration.blocks where block.status != .queued {
            start.replay.append(try replayed(block, at: address.appending(.block(block.ordinal))))
        }
    }

    private func replayed(_ block: RecordedBlock, at address: Address) throws -> ReplayedBlock {
        ReplayedBlock(
            address: address,
            code: block.code,
            status: block.status,
            stdoutHash: block.stdoutHash,
            stderrHash: block.stderrHash,
            calls: try block.calls.map { call in
                ReplayedCall(
                    ordinal: call.ordinal, keys: try keys(of: call), kind: call.kind, status: call.status,
                    answer: call.answer, failure: call.failure)
            }
        )
    }

    private func keys(of call: RecordedCall) throws -> [Data] {
        if let key = call.requestKey { return [key] }
        let prompt = try store.prompt(of: call.id)
        guard call.kind == .rlm, let model = call.model.flatMap(Model.init) else { return [RequestKey.key(of: prompt)] }
        return [RequestKey.key(of: run.request(prompt, to: model), to: model)]
    }

    private func keys(_ key: Data?, _ messages: () throws -> [Message]) throws -> [Data] {
        try key.map { [$0] } ?? [RequestKey.key(of: messages())]
    }

    /// What a sub-call was answered; nil where it was not, or was stopped before.
    private static func answer(of call: RecordedCall) -> Recording.Answer? {
        guard call.status == .succeeded || call.status == .failed else { return nil }
        return Recording.Answer(
            text: call.status == .succeeded ? call.answer ?? "" : nil, finishReason: call.finishReason,
            failure: call.failure, usage: call.usage)
    }

    private static func answer(of iteration: RecordedIteration) -> Recording.Answer? {
        guard iteration.response != nil || iteration.completionFailure != nil else { return nil }
        if iteration.completionFailure?.kind == CompletionError.Code.cancelled.rawValue { return nil }
        if iteration.completionFailure?.kind == "limit" { return nil }
        return Recording.Answer(
            text: iteration.response, reasoning: iteration.reasoning, finishReason: iteration.finishReason,
            failure: iteration.completionFailure, usage: .unknown)
    }
}
