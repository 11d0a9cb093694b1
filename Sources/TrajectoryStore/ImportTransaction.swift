// The synchronous forms of the writer's operations, for runs that happened elsewhere and before.
package import Foundation
package import Trajectory

/// One transaction of an import, given to the body of `TrajectoryWriter.importing` and valid within it. Dates and
/// seconds are what the file says, nil where it does not. Methods throw `StoreError`; let it go through, so that nothing
/// of the import is kept.
package final class ImportTransaction {
    let recorder: Recorder
    private let contextFiles: ContextFiles

    init(recorder: Recorder, contextFiles: ContextFiles) {
        self.recorder = recorder
        self.contextFiles = contextFiles
    }

    /// Stores a context's text as a file. It stays when the import fails: the next one finds it there.
    package func storeContext(text: String) throws -> (hash: String, byteCount: Int) {
        try contextFiles.store(text: text)
    }

    /// Runs that were imported from a file of these bytes, in the order of the file.
    /// - Parameter sourceHash: Lower-case hexadecimal SHA-256 of the file.
    package func runs(ofSource sourceHash: String) throws -> [RunID] {
        try recorder.connection.statement("SELECT id FROM run WHERE source_hash = ? ORDER BY row").bind(sourceHash)
            .rows { RunID(rawValue: $0.text(0)) }
    }

    /// Names the bytes that imported runs came from, once these are known.
    package func setSource(hash: String, of runs: [RunID]) throws {
        for run in runs {
            try recorder.connection.statement("UPDATE run SET source_hash = ? WHERE id = ?").bind(hash)
                .bind(run.rawValue).run()
        }
    }

    /// Writes a run and its root call.
    package func begin(run: NewRun) throws -> CallID { try recorder.begin(run: run, at: run.createdAt) }

    /// Says what was asked and which contexts there were, where a file tells it after its beginning.
    package func setBeginning(of run: RunID, question: String?, contexts: [Context]) throws {
        try recorder.setBeginning(of: run, question: question, contexts: contexts)
    }

    /// Writes the next iteration of a call with its completion, which has ended.
    package func addIteration(
        of call: CallID,
        completion: NewCompletion,
        result: CompletionResult,
        startedAt: Date?
    ) throws -> IterationID {
        let (iteration, row) = try recorder.beginIteration(of: call, completion: completion, at: startedAt)
        try recorder.finish(completion: row, result, at: nil)
        return iteration
    }

    package func finish(iteration: IterationID, status: Status, endedAt: Date?, seconds: Double?) throws {
        try recorder.finish(iteration: iteration, status: status, at: endedAt, seconds: seconds)
    }

    /// Writes a code block that has run.
    package func addBlock(
        in iteration: IterationID,
        ordinal: Int,
        code: String,
        _ result: BlockRecord
    ) throws -> BlockID {
        let block = try recorder.beginBlock(in: iteration, ordinal: ordinal, code: code, origin: .imported, at: nil)
        try recorder.finish(block: block, result, at: nil)
        return block
    }

    /// Writes an `llm` call that has ended.
    package func addCall(_ call: NewCall, _ result: CompletionResult, seconds: Double?) throws -> StartedCall {
        let started = try begin(call: call)
        if let completion = started.completion {
            try recorder.finish(call: started.call, completion: completion, result, at: nil, seconds: seconds)
        }
        return started
    }

    /// Writes a call whose iterations follow; `finish(call:…)` ends it.
    package func begin(call: NewCall) throws -> StartedCall {
        guard let started = try recorder.beginCalls([call], at: nil).first else { throw StoreError.lost(recorder.path) }
        return started
    }

    package func finish(
        call: CallID,
        status: Status,
        answer: String?,
        failure: Failure?,
        seconds: Double?
    ) throws {
        try recorder.finish(call: call, status: status, answer: answer, failure: failure, at: nil, seconds: seconds)
    }

    /// Ends a run and its root call.
    package func finish(
        run: RunID,
        status: Status,
        stopReason: StopReason,
        answer: String?,
        failure: Failure?,
        endedAt: Date?
    ) throws {
        try recorder.finish(
            run: run,
            status: status,
            stopReason: stopReason,
            answer: answer,
            failure: failure,
            at: endedAt
        )
    }
}
