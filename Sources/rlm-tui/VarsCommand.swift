import Application
import ArgumentParser
import Trajectory
import TrajectoryStore

/// `rlm-tui vars`: the REPL's variables as they were after a node.
struct VarsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vars",
        abstract: "The REPL's variables as they were after a node of a run.",
        discussion: """
            After a block: what the REPL held then. After an iteration or a call: after its last block. A sub-call has the \
            variables of the block that made it.

            EXAMPLES
              rlm-tui vars latest i2.b1
              rlm-tui vars latest root --json
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Argument(help: ArgumentHelp("A node: i2, i2.b1, i2.c4, root."))
    var address: String

    @Flag(help: "A JSON list.")
    var json = false

    @OptionGroup var store: StoreOption

    func run() async throws {
        let store = try store.openForReading()
        let run = try await RunArgument(target).resolve(in: store)
        let node = try NodeArgument.node(at: address, of: run.id, in: store)
        let variables = try store.block(of: node)?.variables ?? store.variables(after: node, in: run.id)
        if json { return try JSONOutput.print(variables.map(VariableJSON.init)) }
        guard !variables.isEmpty else { return StandardOutput.say("no variables at \(node.address)") }
        let names = variables.map { min($0.name.count, 30) }.max() ?? 0
        let types = variables.map { min($0.type.count, 20) }.max() ?? 0
        for variable in variables {
            let size = variable.byteCount.map { "\($0) B" } ?? "?"
            StandardOutput.say(
                "\(variable.isChanged ? "*" : " ") \(Self.padded(variable.name, names))  \(Self.padded(variable.type, types))  "
                    + "\(String(repeating: " ", count: max(0, 10 - size.count)))\(size)  \(variable.preview)"
            )
        }
        StandardOutput.say("* made or changed by the block")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
    }
}

/// A variable as `vars --json` prints it.
private struct VariableJSON: Encodable {
    let variable: Variable

    private enum CodingKeys: String, CodingKey { case name, type, bytes, preview, changed }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(variable.name, forKey: .name)
        try container.encode(variable.type, forKey: .type)
        try container.encode(variable.byteCount, forKey: .bytes)
        try container.encode(variable.preview, forKey: .preview)
        try container.encode(variable.isChanged, forKey: .changed)
    }
}
