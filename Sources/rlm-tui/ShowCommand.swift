import Application
import ArgumentParser
import ContextMap
import Foundation
import Terminal
import Trajectory
import TrajectoryStore

/// `rlm-tui show`: a run's tree, or one node with its texts.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "A run's call tree, or one node of it with its texts.",
        discussion: """
            EXAMPLES
              rlm-tui show latest                the tree
              rlm-tui show latest i2.c4          one sub-call, asked and answered
              rlm-tui show latest --json --full  everything, for programs

            In JSON a call's usage is that of the call and all below it; an iteration's is that of its own completion.
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Argument(help: ArgumentHelp("A node: i2, i2.b1, i2.c4; all when not given."))
    var address: String?

    @Flag(help: "One JSON object.")
    var json = false

    @Flag(help: "With --json: prompts, answers, reasoning, code and output too; in text, the reasoning of a node.")
    var full = false

    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        var node = try store.root(of: run.id)
        if let address {
            let parsed: Address
            do throws(Address.ParseError) { parsed = try Address(address) } catch {
                throw UsageError(error.description)
            }
            node = try store.node(at: parsed, in: run.id)
        }
        if json {
            let tree = try NodeJSON(node, of: store, isFull: full)
            if address != nil { return try JSONOutput.print(tree) }
            return try JSONOutput.print(RunJSON(run: run, contexts: try store.contexts(of: run.id), root: tree))
        }
        let text = RunText(store: store, run: run.id, isFull: full)
        if address == nil {
            text.header(run, contexts: try store.contexts(of: run.id), coverage: try coverage(of: run.id, in: store))
        }
        if address == nil || node.kind == .rlm { try text.tree(node) } else { try text.node(node) }
    }

    /// How much of each context was read; said on stderr where it cannot be told.
    private func coverage(of run: RunID, in store: TrajectoryStore) throws -> [[String]] {
        let reading = RunMapReading(store: store, run: run)
        do {
            let text = MapText(map: try reading.map(), contexts: try reading.contexts())
            return text.contexts.indices.map(text.coverage)
        } catch let error as MapError {
            ErrorReport.say("\(error)")
            return []
        }
    }
}
