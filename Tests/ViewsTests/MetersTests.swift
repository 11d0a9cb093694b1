import Foundation
import Terminal
import Testing
import Trajectory

@testable import Views

@Suite struct MetersTests {
    private let start = Date(timeIntervalSince1970: 1_000)

    private func header(_ settings: RunSettings, _ change: (inout RunHeader) -> Void = { _ in }) -> RunHeader {
        var header = RunHeader(
            run: Run(
                id: RunID(rawValue: "00aa"), session: RunID(rawValue: "00aa"), turn: 1, question: "Which segments?",
                model: "openai/gpt-5", subModel: nil, environment: nil, mode: "rlm", status: .running, stopReason: nil,
                answer: nil, failure: nil, origin: .live, source: nil, sourceFormat: nil, forkedFrom: nil,
                forkedAt: nil,
                settings: settings, createdAt: start, endedAt: nil, heartbeatAt: start.addingTimeInterval(60),
                root: nil,
                iterations: 3, calls: CallCounts(running: 5, done: 40, failed: 2),
                usage: UsageTotal(Usage(inputTokens: 40_000, outputTokens: 8_000, cost: 0.02)), deepest: 1),
            isOwn: true
        )
        change(&header)
        return header
    }

    private func rows(_ header: RunHeader, width: Int, after seconds: Double = 60) -> [String] {
        var surface = Surface(size: Size(columns: width, rows: 2))
        MetersView.draw(
            header, placeholder: "", into: &surface, rect: surface.size.bounds,
            pen: Pen(now: start.addingTimeInterval(seconds)))
        return surface.text().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private let everything = RunSettings(
        maxDepth: 2, maxIterations: 30, maxBudget: 1, maxTokens: 100_000, maxTimeout: 600, maxErrors: 10,
        maxSubcalls: 10_000)

    /// Whatever the width, no limit goes without its meter.
    @Test(arguments: [60, 80, 100, 120, 200])
    func everyLimitHasItsMeter(width: Int) {
        let row = rows(header(everything) { $0.errorsInARow = 1 }, width: width)[1]
        for (name, short) in [
            ("tokens", "tok"), ("time", "time"), ("iterations", "iter"), ("sub-calls", "calls"), ("errors", "err"),
        ] {
            #expect(row.contains(name + " ") || row.contains(short + " "), "\(name) at \(width): \(row)")
        }
        #expect(row.contains("$0.0200 of $1.00") || row.contains("$0.0200/$1.00"), "\(row)")
        #expect(TextWidth.columns(of: row) <= width)
    }

    @Test func aMeterSaysHowMuchIsUsed() {
        let row = rows(header(RunSettings(maxTokens: 100_000, maxTimeout: 600)), width: 120)[1]
        #expect(row.contains("tokens 48k/100k"), "\(row)")
        #expect(row.contains("time 01:00/10:00"), "\(row)")
        #expect(!rows(header(RunSettings()), width: 120)[1].contains("/1"))
    }

    /// Unknown is not zero, and what is known in part says so.
    @Test func whatIsNotKnownIsNotZero() {
        var unknown = header(RunSettings(maxIterations: 30, maxTokens: 100_000, maxTimeout: 600, maxSubcalls: 9))
        unknown.run.usage = UsageTotal(Usage.unknown)
        #expect(rows(unknown, width: 60)[1].contains("tok ?"))
        unknown.run.usage = UsageTotal(Usage.unknown) + UsageTotal(Usage(inputTokens: 7_000))
        let row = rows(unknown, width: 60)[1]
        #expect(row.contains("tok ≥7%"), "\(row)")
    }

    /// Successes alone are under the tick; containers are not in flight.
    @Test func countsAreByEnd() {
        var header = header(RunSettings())
        header.run.calls = CallCounts(
            queued: 7, running: 5, held: 1, done: 190, failed: 2, cancelled: 170, limited: 2)
        #expect(rows(header, width: 120)[0].hasSuffix("16✓ 2✗ 170∅ 2▲ 4● 7○  ◆ 1 held"))
        header.run.requestsInFlight = 3
        #expect(rows(header, width: 120)[0].contains(" 3● "))
    }

    /// It appears with the first rate, and runs down like a clock until the next answer is paid for.
    @Test func theTimeLeftIsSteady() {
        var header = header(RunSettings(maxBudget: 0.1))
        #expect(!rows(header, width: 120)[1].contains("left"))
        header.rate = SpendingRate.after(nil, cost: 0.02, elapsed: 60)
        #expect(rows(header, width: 120)[1].contains(", 4 min left"))
        #expect(rows(header, width: 120, after: 65)[1].contains(", 3 min left"))
        #expect(rows(header, width: 120, after: 119)[1].contains(", 3 min left"))
        #expect(rows(header, width: 120, after: 400)[1].contains(", <1 min left"))
        // Looking again changes nothing; paying does.
        #expect(SpendingRate.after(header.rate, cost: 0.02, elapsed: 119) == header.rate)
        #expect(SpendingRate.after(header.rate, cost: 0.03, elapsed: 119)?.cost == 0.03)
        #expect(SpendingRate.after(nil, cost: 0, elapsed: 5) == nil)
        header.run.status = .succeeded
        #expect(!rows(header, width: 120)[1].contains("left"))
    }

    @Test func costsAgree() {
        let figures = Figures()
        let total = UsageTotal(Usage(inputTokens: 1, cost: 0.000_2)) + UsageTotal(Usage.unknown)
        var header = header(RunSettings())
        header.run.usage = total
        #expect(rows(header, width: 80)[1].contains(figures.cost(total)))
        #expect(figures.cost(total) == "≥$0.0002")
    }
}
