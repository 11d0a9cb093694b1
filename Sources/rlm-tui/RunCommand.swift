import ArgumentParser
import Application
import Configuration
import Engine
import Foundation
import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// `rlm-tui run`: starts a run and shows it, or prints its answer.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Answer a question over a long context, and watch it being answered.",
        discussion: """
            EXAMPLES
              echo "The code is 7316." | rlm-tui run "What is the code?" --context -
              rlm-tui run "What failed first?" --context big.log --headless
              rlm-tui run "Which module parses dates?" --context src/ \\
                --model openai/gpt-5 --sub-model openai/gpt-5-mini --max-budget 0.50
              rlm-tui run "Sum up the dispute" --context letters.txt \\
                --model openai/qwen3 --base-url http://127.0.0.1:8080/v1

            Files of a folder that are no text in UTF-8, links and hidden files are passed over, and named. Of a URL only \
            scheme, host and path are kept. Other users of this machine see a command's words while it runs: an \
            address with a key in it is safer as  curl -K FILE | rlm-tui run … --context -

            \(HoldOption.grammar)

            Without a terminal, or with --headless, the answer alone goes to stdout and progress to stderr. \
            Exit status: 0 answered, 1 the run failed, 2 wrong use, 3 a limit was reached, 4 cancelled, 5 the \
            environment or the provider is not available.
            """
    )

    @Argument(help: "The question.")
    var question: String

    @Option(
        help: ArgumentHelp(
            "A file, folder, quoted pattern, URL, or - for stdin. May be given several times.",
            valueName: "path"
        )
    )
    var context: [String] = []

    @Option(help: ArgumentHelp("How the context lies in the REPL: auto, text, lines, json, jsonl or files."))
    var contextType: ContextTypeArgument = .auto

    @OptionGroup var models: ModelOptions
    @OptionGroup var limits: LimitOptions

    @Option(help: ArgumentHelp("Where model-written Python runs: sandbox or local (your user's rights, no isolation)."))
    var environment: REPLEnvironment = .sandbox

    @Option(help: ArgumentHelp("Requests sent ahead of the code that asks for them: only 'off' is known yet."))
    var lookAhead: String = "off"

    @Option(help: ArgumentHelp("What to stop at, such as 'depth>0 & tokens>8000'.", valueName: "rule"))
    var hold: [String] = []

    @Flag(help: "No screen: the answer alone on stdout, progress on stderr.")
    var headless = false

    @Flag(help: "With --headless: one JSON object about the run instead of the answer.")
    var json = false

    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func validate() throws {
        if question.allSatisfy(\.isWhitespace) { throw ValidationError("the question is empty") }
        if context.isEmpty { throw ValidationError("no context: give --context PATH, or --context - for stdin") }
        if lookAhead != "off" { throw ValidationError("--look-ahead \(lookAhead): this version only knows 'off'") }
        _ = try HoldOption.rules(hold)
        if context.filter({ $0 == "-" }).count > 1 { throw ValidationError("--context - can be given once") }
    }

    func run() async throws {
        let preferences = try Preferences.load()
        for warning in preferences.warnings { ErrorReport.say(warning.description) }
        let settings = preferences.settings
        let isHeadless = headless || json || !Watch.hasScreen
        var request = RunRequest(
            question: question, contexts: context, contextType: contextType.type, model: try models.root(settings),
            subModel: try models.sub(settings), limits: limits.limits(settings), environment: environment,
            sampling: try models.samplingValues(), seed: models.seed, baseURL: models.recordedBaseURL,
            price: { usage, model in settings.prices.cost(of: usage, model: model) })
        request.holdRules = try HoldOption.rules(hold)
        request.endsWhenHeld = isHeadless
        let keeper = REPLKeeper()
        request.keeper = isHeadless ? nil : keeper
        let registry = models.registry(for: request.model, settings)
        let store = try store.open()
        try await Watch(
            clients: registry,
            store: store,
            theme: theme,
            isHeadless: isHeadless,
            isJSON: json,
            keeper: keeper,
            suggestModel: { [model = request.model] in await ModelSuggestion.nearest(to: model, of: registry) }
        ) { [request] in
            try await LiveRun.start(request, in: store, clients: registry, fetch: URLFetch.fetch)
        }.run()
    }
}

/// `--context-type`, with its `auto`.
enum ContextTypeArgument: String, ExpressibleByArgument, CaseIterable {
    case auto, text, lines, json, jsonl, files

    var type: ContextType? { ContextType(rawValue: rawValue) }
}

extension REPLEnvironment: ExpressibleByArgument {}
