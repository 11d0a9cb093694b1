// The synchronous forms of the writer's operations, for runs that happened elsewhere and before.
package import Foundation
package import Trajectory

/// One import, given to the body of `TrajectoryWriter.importing` and valid within it, on that body's thread. Dates and
/// seconds are what the file says, nil where it does not.
///
/// What is added waits in memory until there is enough for a portion. A portion is one transaction, on the writer's
/// thread, while the body reads on: the store is not held while a file is parsed. Nothing is shown of a run before
/// `publish` has made it whole. Methods throw `StoreError`, of earlier additions too, and `CancellationError`; let these
/// through, so that nothing of the import is kept.
package final class RunImport {
    /// How far an import is.
    package struct Progress: Sendable, Hashable {
        /// Of the file.
        package var bytesRead = 0
        package var calls = 0
    }

    private let commits: GroupCommit
    private let contextFiles: ContextFiles
    private let isCancelled: @Sendable () -> Bool
    private let onProgress: @Sendable (Progress) -> Void
    private var progress = Progress()
    private var rows = RowRange()
    private var additions: [(Recorder) throws -> Void] = []
    private var calls = ImportedCalls()
    /// About how much memory they need, in bytes.
    private var weight = 0
    private var underway: BlockingWrite<Void>?
    /// Those begun here that are not whole.
    private var begun: [RunID] = []
    /// The row of the run begun last, and sub-calls so far of iterations that have not ended.
    private var run: Int64 = 0
    private var callCounts: [IterationID: Int] = [:]
    private var lastSign = Date()

    /// A portion is committed in some tenths of a second.
    private static let mostAdditions = 20_000
    private static let mostCalls = 20_000
    private static let mostWeight = 16 << 20
    private static let rowsAtOnce = 1 << 16

    init(
        commits: GroupCommit,
        contextFiles: ContextFiles,
        isCancelled: @escaping @Sendable () -> Bool,
        onProgress: @escaping @Sendable (Progress) -> Void
    ) {
        self.commits = commits
        self.contextFiles = contextFiles
        self.isCancelled = isCancelled
        self.onProgress = onProgress
    }

    // MARK: Contexts

    /// Stores a context's text as a file. It stays when the import fails: the next one finds it there.
    package func storeContext(text: String) throws -> (hash: String, byteCount: Int) {
        try contextFiles.store(text: text)
    }

    /// A context that is stored as it is read; nothing is left of one that is not committed.
    package func beginContext() throws -> ContextCopy { try ContextCopy(in: contextFiles.folder) }

    // MARK: The file

    /// Says how much of the file was read.
    package func report(bytesRead: Int) throws {
        if isCancelled() { throw CancellationError() }
        progress.bytesRead = bytesRead
        onProgress(progress)
    }

    /// Whether any run was imported from a file, so that looking for those of this one is worth while.
    package func hasSources() throws -> Bool {
        try write { recorder in
            try recorder.connection.statement("SELECT 1 FROM run WHERE source_hash IS NOT NULL LIMIT 1").first { _ in
                true
            }
                ?? false
        }
    }

    /// Runs that were imported from a file of these bytes, in the order of the file.
    /// - Parameter sourceHash: Lower-case hexadecimal SHA-256 of the file.
    package func runs(ofSource sourceHash: String) throws -> [RunID] { try write { try $0.runs(ofSource: sourceHash) } }

    /// Makes the runs that were begun here whole, all at once, and names the bytes they came from. Where such runs have
    /// come into the store meanwhile, gives those, and those begun here are not kept.
    package func publish(sourceHash: String) throws -> [RunID] {
        try hand()
        try settle()
        let begun = begun
        let known = try write { recorder in
            let known = try recorder.runs(ofSource: sourceHash)
            if known.isEmpty { try recorder.publish(begun, sourceHash: sourceHash) }
            return known
        }
        if known.isEmpty { self.begun = [] }
        return known
    }

    /// Takes back what was begun and is not whole.
    func abandon() {
        guard !begun.isEmpty else { return }
        try? settle()
        commits.sweepImports(begun)
        begun = []
    }

    // MARK: Rows

    /// Writes a run and its root call, which are not shown yet.
    package func begin(run new: NewRun) throws -> CallID {
        try hand()
        try settle()
        let (row, root) = try write { recorder in
            let root = try recorder.begin(run: new, isWhole: false, at: new.createdAt)
            return (try recorder.find(new.id).row, root)
        }
        run = row
        begun.append(new.id)
        progress.calls += 1
        return root
    }

    /// Says what was asked and which contexts there were, where a file tells it after its beginning.
    package func setBeginning(of run: RunID, question: String?, contexts: [Context]) throws {
        try add(question?.utf8.count ?? 0) {
            try $0.setBeginning(of: run, question: question, contexts: contexts)
        }
    }

    /// Writes the next iteration of a call with its completion, which has ended.
    package func addIteration(
        of call: CallID,
        completion: NewCompletion,
        result: CompletionResult,
        startedAt: Date?
    ) throws -> IterationID {
        let (iteration, row) = (IterationID(rawValue: try newRow()), CompletionID(rawValue: try newRow()))
        callCounts[iteration] = 0
        try add(Self.weight(completion.messages) + Self.weight(result)) { recorder in
            _ = try recorder.beginIteration(of: call, completion: completion, as: (iteration, row), at: startedAt)
            try recorder.finish(completion: row, result, at: nil)
        }
        return iteration
    }

    package func finish(iteration: IterationID, status: Status, endedAt: Date?, seconds: Double?) throws {
        let count = callCounts.removeValue(forKey: iteration) ?? 0
        try add { recorder in
            try recorder.setCallCount(count, of: iteration)
            try recorder.finish(iteration: iteration, status: status, at: endedAt, seconds: seconds)
        }
    }

    /// Writes a code block that has run.
    package func addBlock(
        in iteration: IterationID,
        ordinal: Int,
        code: String,
        _ result: BlockRecord
    ) throws -> BlockID {
        let row = BlockID(rawValue: try newRow())
        let weight = code.utf8.count + result.output.stdout.utf8.count + result.output.stderr.utf8.count
        try add(weight + result.variables.count * 300) { recorder in
            try recorder.beginBlock(in: iteration, ordinal: ordinal, code: code, origin: .imported, as: row, at: nil)
            try recorder.finish(block: row, result, at: nil)
        }
        return row
    }

    /// Writes an `llm` call that has ended.
    package func addCall(_ call: NewCall, _ result: CompletionResult, seconds: Double?) throws -> StartedCall {
        let started = StartedCall(
            call: CallID(rawValue: try newRow()),
            completion: CompletionID(rawValue: try newRow()),
            ordinal: nextOrdinal(in: call.iteration)
        )
        progress.calls += 1
        if calls.add(call, as: started, result, seconds: seconds) {
            if calls.calls.count >= Self.mostCalls || calls.weight >= Self.mostWeight { try hand() }
            return started
        }
        let run = run
        try add(Self.weight(call.prompt) + Self.weight(result)) {
            try $0.add(call, as: started, result, of: run, seconds: seconds)
        }
        return started
    }

    /// Writes a call whose iterations follow; `finish(call:…)` ends it.
    package func begin(call: NewCall) throws -> StartedCall {
        let started = StartedCall(
            call: CallID(rawValue: try newRow()),
            completion: call.completion == nil ? nil : CompletionID(rawValue: try newRow()),
            ordinal: nextOrdinal(in: call.iteration)
        )
        progress.calls += 1
        try add(Self.weight(call.prompt)) { try $0.beginCalls([call], as: [started], at: nil) }
        return started
    }

    package func finish(
        call: CallID,
        status: Status,
        answer: String?,
        failure: Failure?,
        seconds: Double?
    ) throws {
        try add(answer?.utf8.count ?? 0) {
            try $0.finish(call: call, status: status, answer: answer, failure: failure, at: nil, seconds: seconds)
        }
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
        try add(answer?.utf8.count ?? 0) {
            try $0.finish(
                run: run,
                status: status,
                stopReason: stopReason,
                answer: answer,
                failure: failure,
                at: endedAt
            )
        }
    }

    // MARK: Portions

    private func newRow() throws -> Int64 {
        if let row = rows.take() { return row }
        rows = try write { try $0.reserveRows(Self.rowsAtOnce) }
        return rows.take() ?? 0
    }

    private func nextOrdinal(in iteration: IterationID) -> Int {
        let ordinal = (callCounts[iteration] ?? 0) + 1
        callCounts[iteration] = ordinal
        return ordinal
    }

    private static func weight(_ messages: [Message]) -> Int { messages.reduce(0) { $0 + 100 + $1.content.utf8.count } }

    private static func weight(_ result: CompletionResult) -> Int { 300 + (result.response?.utf8.count ?? 0) }

    private func add(_ bytes: Int = 0, _ addition: @escaping (Recorder) throws -> Void) throws {
        additions.append(addition)
        weight += bytes + 200
        guard additions.count >= Self.mostAdditions || weight >= Self.mostWeight else { return }
        // What is large is not kept while the next is read.
        let isLarge = weight >= Self.mostWeight * 2
        try hand()
        if isLarge { try settle() }
    }

    /// Hands what was added to the writer, once it has written the portion before.
    private func hand() throws {
        try settle()
        if isCancelled() { throw CancellationError() }
        guard !additions.isEmpty || !calls.isEmpty else { return }
        var sign: RunID?
        if Date().timeIntervalSince(lastSign) > 2 { (sign, lastSign) = (begun.last, Date()) }
        let portion = Portion(additions, calls, of: run)
        underway = commits.addBlocking(isTrusted: true) { [sign] recorder in
            try portion.write(recorder)
            if let sign { try recorder.heartbeat(run: sign) }
        }
        additions = []
        calls = ImportedCalls()
        weight = 0
        onProgress(progress)
    }

    private func settle() throws {
        let write = underway
        underway = nil
        try write?.wait()
    }

    private func write<T: Sendable>(_ body: @escaping @Sendable (Recorder) throws -> T) throws -> T {
        try commits.addBlocking(body).wait()
    }

    /// What is handed from the body's thread to the writer's, which alone uses it from then on.
    private final class Portion: @unchecked Sendable {  // @unchecked: given away.
        private let additions: [(Recorder) throws -> Void]
        private let calls: ImportedCalls
        private let run: Int64

        init(_ additions: [(Recorder) throws -> Void], _ calls: ImportedCalls, of run: Int64) {
            self.additions = additions
            self.calls = calls
            self.run = run
        }

        func write(_ recorder: Recorder) throws {
            // What the calls belong to is among the additions.
            for addition in additions { try addition(recorder) }
            try recorder.add(calls, of: run)
        }
    }
}
