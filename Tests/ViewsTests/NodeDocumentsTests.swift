import Foundation
import Terminal
import TestSupport
import Testing
import Trajectory

@testable import Views

@Suite struct NodeDocumentsTests {
    @Test func proseIsWhatStandsAroundFences() {
        let response = """
            First I look.

            ```repl
            x = '''
            ```
            still code? no: closed above
            ````python
            ```
            inner
            ````

              ~~~
            tilde
            ~~~~
            Last words.
            """
        #expect(Prose.outsideFences(of: response) == "First I look.\n\nstill code? no: closed above\n\nLast words.")
        #expect(Prose.outsideFences(of: "a\r\n```\r\ncode\r\n```\r\nb") == "a\nb")
        #expect(Prose.outsideFences(of: "```repl\nnever closed") == "")
        #expect(Prose.outsideFences(of: "") == "")
    }

    /// Documents of hostile texts can be read from end to end, and every row fits.
    @Test func hostileTextsFit() {
        var hostile = HostileText(seed: 21)
        let documents = NodeDocuments(pen: Pen(now: Date(timeIntervalSince1970: 0)))
        for _ in 0..<40 {
            let text = (0..<5).map { _ in hostile.next() }.joined(separator: "\n")
            let block = CodeBlock(
                id: BlockID(rawValue: 1),
                ordinal: 1,
                attempt: 1,
                code: text,
                status: .failed,
                output: Output(stdout: text, stderr: text, cutByteCount: 5_000),
                failure: Failure(kind: text, message: text),
                variables: [Variable(name: text, type: text, byteCount: nil, preview: text, isChanged: true)],
                seconds: nil,
                waitingSeconds: nil,
                origin: .edited,
                freshness: .stale
            )
            let document = documents.iteration(node(title: text), completion: nil, blocks: [block, block])
            let size = Size(columns: 33, rows: 1_000)
            let rows = DocumentScroll().visibleRows(of: document, size: size)
            #expect(rows.count > 20)
            var surface = Surface(size: size)
            DetailView.draw(
                DetailPane(title: text, subtitle: text, document: document, scroll: DocumentScroll()),
                isFocused: true,
                into: &surface,
                rect: size.bounds,
                pen: Pen(now: Date(timeIntervalSince1970: 0))
            )
            #expect(!surface.text().unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        }
    }

    @Test func interruptedRunsAreTold() {
        let start = Date(timeIntervalSince1970: 1_000)
        var run = self.run(.running, createdAt: start)
        run.heartbeatAt = start.addingTimeInterval(60)
        let header = RunHeader(run: run)
        #expect(header.isLive(at: start.addingTimeInterval(80)))
        #expect(header.elapsed(at: start.addingTimeInterval(80)) == 80)
        #expect(header.isInterrupted(at: start.addingTimeInterval(100)))
        #expect(header.elapsed(at: start.addingTimeInterval(1_000)) == 60)
        #expect(header.explanation(at: start.addingTimeInterval(100))?.hasPrefix("interrupted") == true)
        // Its own engine is known to be alive, however long the store has been silent.
        #expect(RunHeader(run: run, isOwn: true).isLive(at: start.addingTimeInterval(1_000)))
    }

    @Test func endsAreExplained() {
        let now = Date(timeIntervalSince1970: 5_000)
        func explain(_ status: Status, _ reason: StopReason?, _ change: (inout Run) -> Void = { _ in }) -> String? {
            var run = self.run(status, createdAt: now)
            run.stopReason = reason
            change(&run)
            return RunHeader(run: run).explanation(at: now)
        }
        #expect(explain(.succeeded, .answered) == nil)
        #expect(explain(.running, nil) == nil)
        #expect(explain(.failed, .failed) == "failed, and no reason was recorded")
        #expect(explain(.failed, .maxErrors) == "failed: too many errors")
        #expect(
            explain(.limited, .maxBudget) { $0.settings.maxBudget = 0.5 }
                == "limited: budget used up (limit $0.5000); the answer is a best effort"
        )
        #expect(
            explain(.failed, .failed) { $0.failure = Failure(kind: "no_key", message: "set OPENAI_API_KEY") }
                == "no_key: set OPENAI_API_KEY"
        )
    }

    private func node(title: String) -> Node {
        Node(
            id: .iteration(IterationID(rawValue: 1)),
            address: Address(steps: [.iteration(1)]),
            kind: .iteration,
            depth: 0,
            status: .failed,
            origin: .live,
            freshness: .fresh,
            model: title,
            title: title,
            failure: nil,
            preview: title,
            own: UsageTotal(),
            subtree: UsageTotal(),
            calls: CallCounts(),
            attempts: 1,
            childCount: 2,
            block: nil,
            batch: nil,
            startedAt: nil,
            endedAt: nil,
            seconds: nil
        )
    }

    private func run(_ status: Status, createdAt: Date) -> Run {
        Run(
            id: RunID(rawValue: "00"),
            session: RunID(rawValue: "00"),
            turn: 1,
            question: "q",
            model: nil,
            subModel: nil,
            environment: nil,
            mode: "rlm",
            status: status,
            stopReason: nil,
            answer: nil,
            failure: nil,
            origin: .live,
            source: nil,
            sourceFormat: nil,
            forkedFrom: nil,
            forkedAt: nil,
            settings: RunSettings(),
            createdAt: createdAt,
            endedAt: nil,
            heartbeatAt: nil,
            root: nil,
            iterations: 0,
            calls: CallCounts(),
            usage: UsageTotal(),
            deepest: 0
        )
    }
}
