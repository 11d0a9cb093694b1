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
    let store: TrajectoryStore
    let run: RunContext
    /// Whether what failed is asked again instead of failing again.
    private let retriesFailures: Bool
    /// Calls whose request a fork changed, with the original's, which is what the code asked.
    private let originals: [CallID: CallID]

    /// - Parameter stored: the run that is read; that which goes on when not given.
    init(_ run: RunContext, reading stored: RunID? = nil, retriesFailures: Bool = false) throws {
        self.run = run
        store = run.store
        self.retriesFailures = retriesFailures
        originals = try Self.originals(of: stored ?? run.id, in: run.store)
    }

    // MARK: Forks

    /// Where a call of a fork begins: before the iteration that the path goes through.
    ///
    /// Everything that the original asked from there on goes into the run's recording.
    func start(of call: RLMCall, on path: ChangePath) throws -> LoopStart {
        var start = LoopStart(progress: call.firstStart.progress)
        var path = path
        try store.recordedIterations(of: path.original, through: path.iteration - 1) { iteration in
            try add(iteration, of: call, to: &start)
        }
        let first = try firstIteration(of: call, on: &path)
        if let completion = first.completion {
            start.progress = start.progress.saying(try store.messages(sentBy: completion))
        }
        try record(from: path)
        start.path = path
        start.given = try given(first, path)
        if !path.rest.isEmpty { start.codes = Self.codes(of: first).filter { $0.key != path.block } }
        return start
    }

    /// The code that ran in each block: what a person made of it at a hold is not in the response.
    static func codes(of iteration: RecordedIteration) -> [Int: String] {
        Dictionary(iteration.blocks.map { ($0.ordinal, $0.code) }) { first, _ in first }
    }

    /// The iteration of the original in which the change is, and what is known of it to the path.
    func firstIteration(of call: RLMCall, on path: inout ChangePath) throws -> RecordedIteration {
        var found: RecordedIteration?
        try store.recordedIterations(of: path.original, through: path.iteration) {
            if $0.ordinal == path.iteration { found = $0 }
        }
        let address = call.address.appending(.iteration(path.iteration))
        guard let first = found else { throw TravelError.noSuchIteration(address) }
        for block in first.blocks {
            path.expected[block.ordinal] = try replayed(block, at: address.appending(.block(block.ordinal)))
        }
        path.below = try below(path, in: first, at: address)
        return first
    }

    /// What stands in for the model's answer in the first iteration: nothing where it is to be asked again.
    func given(_ iteration: RecordedIteration, _ path: ChangePath) throws -> LoopStart.GivenResponse? {
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

    /// As `record(from:)`, for a call of the fork that has begun: what it was given before is not given again.
    func record(from path: ChangePath, usedBy call: CallID, from first: Int) throws {
        try record(from: path)
        try useUp(by: call, from: first, except: path)
    }

    private func useUp(by call: CallID, from first: Int, except path: ChangePath?) throws {
        try store.recordedIterations(of: call) { iteration in
            guard iteration.ordinal >= first else { return }
            if iteration.response != nil || iteration.completionFailure != nil, let key = iteration.requestKey {
                run.recording.useUp([key], kind: .llm)
            }
            for call in iteration.blocks.flatMap(\.calls) + iteration.looseCalls {
                // What the path goes through is recorded, and used up, when it is reached.
                if let path, iteration.ordinal == path.iteration, path.call == call.ordinal, !path.endsAtCall,
                    !call.status.isFinal
                {
                    continue
                }
                // One that was cancelled before it was answered was given nothing.
                if call.status != .cancelled && call.status.isFinal || call.answer != nil
                    || call.status != .cancelled && call.failure != nil
                {
                    run.recording.useUp(try keys(of: call), kind: call.kind)
                }
                if call.kind == .rlm { try useUp(by: call.id, from: 1, except: nil) }
            }
        }
    }

    private func isToBeGivenAgain(_ answer: Recording.Answer) -> Bool { answer.text != nil || !retriesFailures }

    // MARK: -

    /// Adds an iteration that has ended to the conversation, and its blocks to what is run again.
    func add(_ iteration: RecordedIteration, of call: RLMCall, to start: inout LoopStart) throws {
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
                start.progress.brokenOff += 1
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

    func replayed(_ block: RecordedBlock, at address: Address) throws -> ReplayedBlock {
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
            },
            wasDropped: block.failure == BlockRecord(.dropped).failure && block.output == Output()
        )
    }

    /// By what the code asked, whatever a person made of it.
    func keys(of call: RecordedCall) throws -> [Data] {
        if var first = originals[call.id] {
            while let earlier = originals[first] { first = earlier }
            if let asked = try store.completions(of: .call(first)).first { return [RequestKey.key(of: asked)] }
            return [RequestKey.key(of: try store.prompt(of: first))]
        }
        if let key = call.requestKey { return [key] }
        let prompt = try store.prompt(of: call.id)
        guard call.kind == .rlm, let model = call.model.flatMap(Model.init) else { return [RequestKey.key(of: prompt)] }
        return [RequestKey.key(of: run.recordedRequest(prompt, to: model), to: model)]
    }

    private func keys(_ key: Data?, _ messages: () throws -> [Message]) throws -> [Data] {
        try key.map { [$0] } ?? [RequestKey.key(of: messages())]
    }

    /// What a sub-call was answered; nil where it was not, or was stopped before.
    static func answer(of call: RecordedCall) -> Recording.Answer? {
        guard call.status == .succeeded || call.status == .failed else { return nil }
        return Recording.Answer(
            text: call.status == .succeeded ? call.answer ?? "" : nil, finishReason: call.finishReason,
            failure: call.failure, usage: call.usage)
    }

    static func answer(of iteration: RecordedIteration) -> Recording.Answer? {
        guard iteration.response != nil || iteration.completionFailure != nil else { return nil }
        if iteration.completionFailure?.kind == CompletionError.Code.cancelled.rawValue { return nil }
        if iteration.completionFailure?.kind == "limit" { return nil }
        return Recording.Answer(
            text: iteration.response, reasoning: iteration.reasoning, finishReason: iteration.finishReason,
            failure: iteration.completionFailure, usage: .unknown)
    }

    /// The calls that a run and those it was forked from changed, each with that of its original.
    private static func originals(of run: RunID, in store: TrajectoryStore) throws -> [CallID: CallID] {
        var originals: [CallID: CallID] = [:]
        var next = try? store.run(run)
        while let fork = next, let original = fork.forkedFrom, var place = fork.forkedAt {
            next = try? store.run(original)
            guard let change = fork.change.flatMap(Change.init(json:)), change.isOfRequest else { continue }
            // Below the root, another model of an iteration is another model of its call.
            if case .iteration? = place.steps.last { place = place.parent ?? .root }
            if case .call? = place.steps.last, case .call(let changed)? = try? store.node(at: place, in: fork.id).id,
                case .call(let first)? = try? store.node(at: place, in: original).id, changed != first
            {
                originals[changed] = first
            }
        }
        return originals
    }
}
