import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// The second half of an iteration: its code blocks, those of an earlier execution included.
extension RLMCall {
    /// - Parameter start: where the loop began, in its first turn.
    func runBlocks(
        _ blocks: [String],
        in turn: Turn,
        from start: LoopStart?,
        repl: REPL,
        children: ChildCalls
    ) async throws -> [BlockResult] {
        var results: [BlockResult] = []
        let address = turn.address(under: address)
        for (index, code) in blocks.enumerated() {
            let ordinal = index + 1
            let open = start?.open?.blocks[ordinal]
            var result: BlockResult
            if let ended = open?.ended {
                (result, _) = try await replay(ended, in: repl, children: children)
            } else {
                result = try await run(
                    open?.code ?? start?.codes[ordinal] ?? code, as: ordinal, open: open, in: turn, from: start,
                    repl: repl, children: children)
            }
            if result.outcome == .cancelled, let limit = run.ledger.stop {
                result.outcome = .limitReached(limit.message)
            }
            results.append(result)
            // A block after one that failed would run on what is not there; the model is shown the failure first.
            if result.outcome != .clean || result.finalAnswer != nil { break }
        }
        for row in start?.open?.calls.takeLeft() ?? [] where !row.status.isFinal {
            run.journal.note(address.appending(.call(row.ordinal)), "it was not asked again")
            let failure = Failure(kind: "cancelled", message: "the code did not ask it again when it went on")
            if let completion = row.completion, !row.isPaid {
                try await run.writer.finish(
                    call: row.call, completion: completion,
                    CompletionResult(response: nil, status: .cancelled, failure: failure))
            } else {
                try await run.writer.finish(call: row.call, status: .cancelled, answer: nil, failure: failure)
            }
        }
        if let path = start?.path, path.call ?? 0 > children.count(in: turn.iteration) {
            run.journal.note(address.appending(.call(path.call ?? 0)), "it was not asked again")
        }
        return results
    }

    /// Writes a block down, runs it where nothing holds it, and writes down what came of it.
    private func run(
        _ code: String,
        as ordinal: Int,
        open: OpenBlock?,
        in turn: Turn,
        from start: LoopStart?,
        repl: REPL,
        children: ChildCalls
    ) async throws -> BlockResult {
        let path = start?.path
        var code = code
        var block: BlockID
        if let open {
            block = open.id
        } else {
            let origin: Origin = path?.block == ordinal ? .edited : .live
            block = try await run.writer.beginBlock(in: turn.iteration, ordinal: ordinal, code: code, origin: origin)
        }
        switch try await run.desk.beforeRunning(code, block: block, depth: depth, model: model) {
        case .drop:
            try await run.writer.finish(block: block, BlockRecord(.dropped))
            return .dropped
        case .cancel:
            let result = BlockResult.notRun(.cancelled)
            try await run.writer.finish(block: block, BlockRecord(result))
            return result
        case .run(let changed?):
            code = changed
            let before = block
            block = try await run.writer.beginAttempt(of: before, code: changed, origin: .edited)
            let failure = Failure(kind: "edited", message: "a person changed it before it ran")
            try await run.writer.finish(
                block: before, BlockRecord(status: .cancelled, output: Output(), failure: failure))
        case .run(nil): break
        }
        let address = turn.address(under: address)
        children.begin(
            ChildCalls.Place(
                block: block, iteration: turn.iteration, address: address, path: path, open: start?.open?.calls))
        var result = await run(code, in: repl, children: children)
        try children.throwStoreError()
        try run.desk.throwIfEnding()
        if result.outcome == .cancelled, let limit = run.ledger.stop {
            result.outcome = .limitReached(limit.message)
        }
        try await run.writer.finish(block: block, BlockRecord(result))
        if let path, ordinal <= path.lastUnchangedBlock, let expected = path.expected[ordinal],
            let difference = result.difference(from: expected)
        {
            run.journal.note(address.appending(.block(ordinal)), difference)
            run.writer.enqueueFreshness(.diverged, of: .block(block))
        }
        return result
    }

    /// Runs a block. Once a limit has ended the run, code that goes on without waiting for anything is interrupted.
    private func run(_ code: String, in repl: REPL, children: ChildCalls) async -> BlockResult {
        let watch = Task { [ledger = run.ledger] in
            await ledger.untilStopped()
            var idle = Duration.zero
            while !Task.isCancelled, idle < Self.timeAfterLimit {
                try? await Task.sleep(for: Self.timeBetweenLooks)
                // What was paid for is waited for.
                if !children.isWaitingForModels { idle += Self.timeBetweenLooks }
            }
            if !Task.isCancelled { repl.interrupt() }
        }
        defer { watch.cancel() }
        return await repl.run(code)
    }

    // MARK: Blocks of an earlier execution

    /// Runs recorded blocks again with recorded answers. Gives what the last of them left in `answer["content"]` without
    /// saying that it is ready.
    func replay(_ blocks: [ReplayedBlock], in repl: REPL, children: ChildCalls) async throws -> String? {
        var unfinished: String?
        for block in blocks {
            try Task.checkCancellation()
            let (result, _) = try await replay(block, in: repl, children: children)
            unfinished = result.unfinishedAnswer
        }
        return unfinished
    }

    /// Runs one block in a REPL of its own, after those that bring it there. Nothing is sent, and nothing written.
    func runAlone(_ block: ReplayedBlock, after earlier: [ReplayedBlock]) async throws -> BlockResult {
        let children = ChildCalls(parent: self)
        let repl = try await REPL(
            environment: run.environment, contexts: contexts.map(\.mounted), limits: run.replLimits, seeds: run.seeds,
            handler: children)
        do {
            _ = try await replay(earlier, in: repl, children: children)
            var block = block
            block.wasDropped = false
            let (result, _) = try await replay(block, in: repl, children: children)
            await repl.close()
            return result
        } catch {
            await repl.close()
            throw error
        }
    }

    private func replay(
        _ block: ReplayedBlock, in repl: REPL, children: ChildCalls
    ) async throws -> (BlockResult, isSame: Bool) {
        if block.wasDropped { return (.dropped, true) }
        let replay = children.beginReplay(of: block.calls)
        let result = await run(block.code, in: repl, children: children)
        try children.throwStoreError()
        let difference = replay.difference ?? result.difference(from: block)
        if let difference { run.journal.note(block.address, difference) }
        return (result, difference == nil)
    }

    /// How long a block may go on after a limit has ended the run.
    private static let timeAfterLimit: Duration = .seconds(2)
    private static let timeBetweenLooks: Duration = .milliseconds(100)
}

extension BlockResult {
    /// How it ended or printed otherwise than the first time; nil where it did not.
    func difference(from recorded: ReplayedBlock) -> String? {
        let record = BlockRecord(self)
        if record.status != recorded.status, recorded.status.isFinal {
            return "it \(record.status.rawValue), and was recorded as \(recorded.status.rawValue)"
        }
        let isSame =
            (recorded.stdoutHash ?? record.stdoutHash) == record.stdoutHash
            && (recorded.stderrHash ?? record.stderrHash) == record.stderrHash
        return isSame
            ? nil : "its output differs; it may depend on the time, on chance, on set order or on the outside world"
    }

    /// Of a block that a person dropped.
    static let dropped = notRun(.raised(Failure(kind: "dropped", message: "a person dropped this block")))
}
