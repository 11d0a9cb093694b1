import Foundation
import LMClients
import Trajectory
import TrajectoryStore

/// Going on with calls that an earlier engine did not end.
extension Retrace {
    /// Where a call goes on that an earlier engine did not end.
    ///
    /// - Parameter path: the way to what is changed, for a call of a fork on it.
    func open(_ call: RLMCall, on path: ChangePath? = nil) throws -> LoopStart {
        var start = LoopStart(progress: call.firstStart.progress)
        var last: RecordedIteration?
        /// Iterations before the last that were broken off one after the other.
        var brokenOffBefore: [RecordedIteration] = []
        /// Whether the first iteration of the path has come to its end.
        var isBehindPath = path == nil
        func settle() throws {
            guard let iteration = last else { return }
            let brokenOff = start.progress.brokenOff
            try add(iteration, of: call, to: &start)
            if start.progress.brokenOff == brokenOff { brokenOffBefore = [] } else { brokenOffBefore.append(iteration) }
            if let path, iteration.ordinal >= path.iteration, start.progress.brokenOff == brokenOff {
                isBehindPath = true
            }
            last = nil
        }
        try store.recordedIterations(of: call.id) { iteration in
            try settle()
            last = iteration
        }
        if var path {
            guard let last, last.ordinal >= path.iteration else { return try self.start(of: call, on: path) }
            try record(from: path, usedBy: call.id, from: path.iteration)
            if !isBehindPath {
                let first = try firstIteration(of: call, on: &path)
                start.path = path
                start.given = try given(first, path)
            }
        }
        guard let last else { return start }
        if last.status.isFinal {
            // Broken off by a person or a failure: done again as a new iteration, with the answers that were paid.
            guard last.status == .cancelled || last.status == .failed && last.blocks.isEmpty else {
                // Killed between its answer and its end, a call has nothing more to ask.
                if let block = last.blocks.last, block.status == .succeeded { start.answer = block.answer }
                try add(last, of: call, to: &start)
                (start.path, start.given) = (nil, nil)
                return start
            }
            start.progress.brokenOff += 1
            if let completion = last.completion {
                start.progress = start.progress.saying(try store.messages(sentBy: completion))
            }
            // An answer that a person dropped is not brought back.
            if last.status == .cancelled, let text = last.response {
                start.given = LoopStart.GivenResponse(
                    text: text, reasoning: last.reasoning, finishReason: last.finishReason, origin: .recorded)
            }
            start.codes = Self.codes(of: last)
            try keepPaid(in: brokenOffBefore + [last], goneOnIn: nil)
            return start
        }
        try keepPaid(in: brokenOffBefore, goneOnIn: last)
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
        let messages = try store.messages(sentBy: completion)
        start.open = OpenIteration(
            id: last.id, ordinal: last.ordinal, completion: completion, answer: Self.answer(of: last),
            messages: messages, isBestAnswer: messages.last?.content.hasSuffix(UserMessages.bestAnswer) == true,
            blocks: blocks,
            calls: OpenCalls(
                rows, taken: (last.blocks.flatMap(\.calls) + last.looseCalls).map(\.ordinal).max() ?? 0))
        return start
    }

    /// Keeps what was answered in iterations that were broken off one after the other, and below them, to be given when they
    /// are done again. Each did the one before again: what it has of the same key is the same answers and some more.
    ///
    /// - Parameter open: the one that does them again now; what it has is not given a second time.
    private func keepPaid(in brokenOff: [RecordedIteration], goneOnIn open: RecordedIteration?) throws {
        var paid: [Recording.Key: [Recording.Answer]] = [:]
        for iteration in brokenOff {
            var answers: [Recording.Key: [Recording.Answer]] = [:]
            try collectPaid(in: iteration, &answers)
            for (key, found) in answers { paid[key, default: []] += found.dropFirst(paid[key]?.count ?? 0) }
        }
        if let open, !paid.isEmpty {
            var given: [Recording.Key: [Recording.Answer]] = [:]
            try collectPaid(in: open, &given)
            for (key, found) in given { paid[key] = paid[key].map { Array($0.dropFirst(found.count)) } }
        }
        for (key, answers) in paid {
            for answer in answers { run.paid.add(answer, for: key.request, kind: key.kind) }
        }
    }

    private func collectPaid(
        in iteration: RecordedIteration, _ paid: inout [Recording.Key: [Recording.Answer]]
    ) throws {
        for call in iteration.blocks.flatMap(\.calls) + iteration.looseCalls {
            // One that was held before it was delivered has its answer, also where the run was cancelled then.
            let isPaid =
                call.status == .succeeded || call.kind == .llm && call.status == .cancelled && call.answer != nil
            if isPaid {
                let answer = Recording.Answer(
                    text: call.answer ?? "", finishReason: call.finishReason, usage: call.usage)
                for key in try keys(of: call) {
                    paid[Recording.Key(request: key, kind: call.kind), default: []].append(answer)
                }
            } else if call.kind == .rlm {
                try store.recordedIterations(of: call.id) { iteration in
                    if iteration.response != nil, let answer = Self.answer(of: iteration),
                        let key = iteration.requestKey
                    {
                        paid[Recording.Key(request: key, kind: .llm), default: []].append(answer)
                    }
                    try collectPaid(in: iteration, &paid)
                }
            }
        }
    }

    private func row(_ call: RecordedCall) throws -> OpenCalls.Row {
        // The attempt that counts: another may have been tried alone since.
        let completion = try store.completion(of: store.node(.call(call.id), address: .root))
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
}
