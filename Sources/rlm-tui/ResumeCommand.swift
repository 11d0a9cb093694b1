import ArgumentParser
import Engine
import Foundation
import LMClients
import Trajectory
import TrajectoryStore

/// `rlm-tui resume`: goes on with a run that was broken off or is held.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with a run that was interrupted, cancelled, or waits at a hold.",
        discussion: """
            The REPL is rebuilt by running the recorded code again with the recorded answers; what was paid is not asked again. \
            What is held stays held unless something is said about it.

            EXAMPLES
              rlm-tui resume 7f3a
              rlm-tui resume 7f3a --release all
              rlm-tui resume 7f3a --answer i1.c4=3 --answer i1.c5=@five.txt --drop i1.c6

            Exit status: as that of 'run'.
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, or 'latest'.", valueName: "run"))
    var target: String

    @Option(help: ArgumentHelp("Let what is held there go on; 'all' for everything.", valueName: "address"))
    var release: [String] = []

    @Option(help: ArgumentHelp("Answer it by hand; @FILE reads the text from a file.", valueName: "address=text"))
    var answer: [String] = []

    @Option(help: ArgumentHelp("Drop it: the code sees a sub-call that failed.", valueName: "address"))
    var drop: [String] = []

    @Flag(help: "Ask again what had failed.")
    var retryFailed = false

    @OptionGroup var going: GoingOptions
    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = try store.open()
        let run = try await RunArgument(target).resolve(in: store)
        let (travel, registry) = try going.travel(of: run, in: store, retriesFailures: retryFailed)
        try travel.checkCanGoOn(run)
        try await decide(run, in: store)
        try await Watch(
            clients: registry, store: store, theme: theme, isHeadless: going.isHeadless, isJSON: going.json,
            isPlain: false
        ) {
            try await travel.resume(run)
        }.run()
    }

    /// Writes down what was said about holds. All that was said is checked before any of it is written.
    private func decide(_ run: Run, in store: TrajectoryStore) async throws {
        let open = try store.holds(in: run.id, isOpen: true)
        var decisions: [(hold: HoldID, decision: Hold.Decision)] = []
        func add(_ address: String, _ decision: Hold.Decision) throws {
            let parsed: Address
            do throws(Address.ParseError) { parsed = try Address(address) } catch {
                throw UsageError(error.description)
            }
            guard let hold = open.last(where: { $0.address == parsed }) else {
                let held = open.prefix(10).map(\.address.description).joined(separator: ", ")
                throw UsageError(
                    "\(address) is not held in run \(run.id); "
                        + (open.isEmpty ? "nothing is" : "held: \(held)\(open.count > 10 ? " and more" : "")"))
            }
            if decisions.contains(where: { $0.hold == hold.id }) {
                throw UsageError("\(address) is said twice: release, answer or drop it")
            }
            decisions.append((hold.id, decision))
        }
        for text in answer {
            guard let equals = text.firstIndex(of: "=") else {
                throw UsageError("--answer \(text): expected ADDRESS=TEXT or ADDRESS=@FILE")
            }
            try add(String(text[..<equals]), .answer(try TextArgument.text(String(text[text.index(after: equals)...]))))
        }
        for address in drop { try add(address, .drop) }
        for address in release where address != "all" { try add(address, .release) }
        let writer = try store.writer()
        for (hold, decision) in decisions { try await writer.decide([hold], decision) }
        guard release.contains("all") else { return }
        let said = Set(decisions.map(\.hold))
        try await writer.decide(open.map(\.id).filter { !said.contains($0) }, .release)
    }
}
