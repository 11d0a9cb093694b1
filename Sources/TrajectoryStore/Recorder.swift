// What every write is made of: one method an event, within the transaction its caller has opened.
internal import Foundation
internal import Trajectory

/// Turns events into rows and keeps the totals. Used on the writer's thread alone, between `begin` and `commit`.
final class Recorder {
    let connection: Connection
    let texts: TextTable
    /// Totals of the operation that runs, and of those before it in this transaction.
    var operationTotals = PendingTotals()
    private var transactionTotals = PendingTotals()
    /// Rows of `run` that the operation, and the transaction, changed.
    private var operationRuns: Set<Int64> = []
    private var transactionRuns: Set<Int64> = []
    private var runIDs: [Int64: RunID] = [:]
    private var dataVersion: Int?
    /// Ids for rows that have none yet.
    private var rows = RowRange()

    /// - Parameter dataVersion: What the connection said of other programs' commits when it was opened.
    init(connection: Connection, dataVersion: Int?) {
        self.connection = connection
        self.dataVersion = dataVersion
        texts = TextTable(connection: connection)
    }

    var path: String { connection.path }

    // MARK: Transactions

    /// Opens a transaction. Says whether another program has committed since the last one.
    func begin() throws -> Bool {
        try connection.statement("BEGIN IMMEDIATE").run()
        let version = try connection.dataVersion()
        defer { dataVersion = version }
        guard let dataVersion, dataVersion != version else { return false }
        forget()
        return true
    }

    /// Whether another program has committed since the last look, without a transaction.
    func sawForeignCommit() throws -> Bool {
        let version = try connection.dataVersion()
        defer { dataVersion = version }
        guard let dataVersion, dataVersion != version else { return false }
        forget()
        return true
    }

    /// Runs one operation so that its failure takes back nothing but itself.
    /// - Parameter isAlone: Whether it is the only one of its transaction. Its failure then ends the transaction, which
    ///   costs less than a savepoint each time.
    func operate<T>(isAlone: Bool, _ body: (Recorder) throws -> T) throws -> T {
        if !isAlone { try connection.statement("SAVEPOINT operation").run() }
        do {
            let result = try body(self)
            if !isAlone { try connection.statement("RELEASE operation").run() }
            transactionTotals.merge(operationTotals)
            operationTotals.removeAll()
            transactionRuns.formUnion(operationRuns)
            operationRuns.removeAll(keepingCapacity: true)
            return result
        } catch {
            if isAlone {
                rollBack()
            } else {
                operationTotals.removeAll()
                operationRuns.removeAll()
                rows = RowRange()
                forget()
                if !connection.isOutsideTransaction {
                    try connection.execute("ROLLBACK TO operation; RELEASE operation")
                }
            }
            throw error
        }
    }

    /// Writes the totals and commits. Gives the runs that were changed.
    func commit() throws -> Set<RunID> {
        try propagateTotals()
        let runs = Set(try transactionRuns.compactMap(runID))
        try connection.statement("COMMIT").run()
        transactionRuns.removeAll(keepingCapacity: true)
        return runs
    }

    func rollBack() {
        operationTotals.removeAll()
        transactionTotals.removeAll()
        operationRuns.removeAll()
        transactionRuns.removeAll()
        // Its range went back with the transaction, if it was taken in it.
        rows = RowRange()
        forget()
        if !connection.isOutsideTransaction { try? connection.execute("ROLLBACK") }
    }

    private func forget() {
        texts.forget()
        runIDs = [:]
    }

    // MARK: Ids

    /// The id of a new call, iteration, block or completion.
    func newRow() throws -> Int64 {
        if let row = rows.take() { return row }
        rows = try reserveRows(1024)
        guard let row = rows.take() else { throw StoreError.lost(path) }
        return row
    }

    /// Ids that nobody else gives out, once the transaction is committed.
    func reserveRows(_ count: Int) throws -> RowRange {
        let update = try connection.statement("UPDATE row_range SET next = next + ?1 RETURNING next - ?1")
        guard let first = try update.bind(count).first({ $0.id(0) }) else { throw StoreError.lost(path) }
        return RowRange(next: first, end: first + Int64(count))
    }

    func touch(run row: Int64) { operationRuns.insert(row) }

    private func runID(_ row: Int64) throws -> RunID? {
        if let id = runIDs[row] { return id }
        let find = try connection.statement("SELECT id FROM run WHERE row = ?").bind(row)
        let id = try find.first { RunID(rawValue: $0.text(0)) }
        runIDs[row] = id
        return id
    }

    // MARK: Totals

    /// Takes the parameters that `bind(_: TotalsDelta)` binds; what is not known stays as it is.
    private static let addTotals = """
        tokens_in = coalesce(tokens_in + ?1, ?1, tokens_in),
        tokens_out = coalesce(tokens_out + ?2, ?2, tokens_out),
        tokens_cached = coalesce(tokens_cached + ?3, ?3, tokens_cached),
        tokens_reasoning = coalesce(tokens_reasoning + ?4, ?4, tokens_reasoning),
        cost = coalesce(cost + ?5, ?5, cost),
        completions = completions + ?6, unknown_tokens = unknown_tokens + ?7,
        unknown_cost = unknown_cost + ?8, calls_queued = calls_queued + ?9,
        calls_running = calls_running + ?10, calls_held = calls_held + ?11,
        calls_done = calls_done + ?12, calls_failed = calls_failed + ?13,
        calls_cancelled = calls_cancelled + ?14, calls_limited = calls_limited + ?15,
        requests = requests + ?16, deepest = max(deepest, ?17)
        """
    private static let addToCall = "UPDATE call SET \(addTotals) WHERE id = ?18 RETURNING iteration"
    private static let addToIteration = "UPDATE iteration SET \(addTotals) WHERE id = ?18 RETURNING call"

    /// Carries the differences of this transaction from where they arose up to the roots.
    private func propagateTotals() throws {
        while !transactionTotals.isEmpty {
            for (id, delta) in transactionTotals.takeCalls() where !delta.isEmpty {
                let update = try connection.statement(composed: Self.addToCall)
                if let iteration = try update.bind(delta).bind(id).first({ $0.optionalID(0) }) ?? nil {
                    transactionTotals.add(delta, toIteration: iteration)
                }
            }
            for (id, delta) in transactionTotals.takeIterations() where !delta.isEmpty {
                let update = try connection.statement(composed: Self.addToIteration)
                if let call = try update.bind(delta).bind(id).first({ $0.id(0) }) {
                    transactionTotals.add(delta, toCall: call)
                }
            }
        }
    }
}

extension Statement {
    /// Binds the 17 columns of totals in their order.
    @discardableResult func bind(_ delta: TotalsDelta) -> Statement {
        bind(delta.usage.known)
        bind(delta.usage.completions).bind(delta.usage.completionsOfUnknownTokens)
        bind(delta.usage.completionsOfUnknownCost)
        bind(delta.calls.queued).bind(delta.calls.running).bind(delta.calls.held)
        bind(delta.calls.done).bind(delta.calls.failed).bind(delta.calls.cancelled).bind(delta.calls.limited)
        return bind(delta.requests).bind(delta.deepest)
    }

    /// Binds the 5 columns of a usage in their order.
    @discardableResult func bind(_ usage: Usage) -> Statement {
        bind(usage.inputTokens).bind(usage.outputTokens).bind(usage.cachedTokens).bind(usage.reasoningTokens)
        return bind(usage.cost)
    }

    @discardableResult func bind(_ failure: Failure?) -> Statement { bind(failure.flatMap(Column.json)) }
}
