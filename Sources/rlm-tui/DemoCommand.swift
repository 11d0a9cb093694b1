import ArgumentParser
import Engine
import Foundation
import LMClients
import Trajectory
import TrajectoryStore

/// `rlm-tui demo`: a live run for everybody, with no key and no network.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "A live run over a made-up archive: no key, no network.",
        discussion: """
            The model is offline/lexical, a planner and reader without a neural net: it shows the machinery, not what \
            a language model can do. Everything else is real: the Python, the sandbox, the sub-calls, the store. On a screen it \
            writes its words one by one, so that they can be read.

            EXAMPLES
              rlm-tui demo
              rlm-tui demo --headless
              rlm-tui demo --json | jq .usage
            """
    )

    @Flag(help: "No screen: the answer alone on stdout, progress on stderr.")
    var headless = false

    @Flag(help: "With --headless: one JSON object about the run instead of the answer.")
    var json = false

    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rlm-tui-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("archive.txt")
        try Data(DemoArchive.text().utf8).write(to: file)
        let isOnScreen = !headless && !json && Watch.hasScreen
        let request = RunRequest(
            question: DemoArchive.question, contexts: [file.path], model: Model(provider: "offline", name: "lexical"))
        let clients = DemoClients(pause: isOnScreen ? .milliseconds(8) : .zero)
        let store = try store.open()
        try await Watch(clients: clients, store: store, theme: theme, isHeadless: !isOnScreen, isJSON: json) {
            try await LiveRun.start(request, in: store, clients: clients)
        }.run()
    }
}

/// The offline model alone, a little slower on a screen: it would be done before anybody saw it work.
private struct DemoClients: ClientSource {
    let pause: Duration

    func client(for model: Model) throws(CompletionError) -> any LMClient { OfflineClient(pause: pause) }
}
