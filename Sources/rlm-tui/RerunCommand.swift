import ArgumentParser
import Configuration
import Engine
import Foundation
import LMClients
import REPL
import Trajectory
import TrajectoryStore

/// `rlm-tui rerun`: runs a node again, alone or with all that follows from it.
struct RerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Run a node again with something changed: alone, or going on from there as a fork.",
        discussion: """
            Alone, it is another attempt beside the first (i2.c4@2): nothing else moves, and one request at most is sent. With \
            --continue the run goes on from the change as a run of its own. What was answered before is served from the store; \
            only what really changes is asked of a model. The original is never changed.

            A sub-call takes --prompt, --response, --model and --sampling; an iteration --response, --model and --sampling; a \
            code block --code; root --prompt (the question), --system and --model. Without any of them the node is run again as it was.

            EXAMPLES
              rlm-tui rerun latest i1                                    the same again, to compare
              rlm-tui rerun latest i1.c8 --prompt @asked.txt             another prompt
              rlm-tui rerun latest i1.c8 --response 3 --continue         what if it had said 3?
              rlm-tui rerun latest i2.b1 --code @block.py --continue --dry-run
              rlm-tui diff latest:i1.c8@1 latest:i1.c8@2

            Exit status: as that of 'run'; 1 also where a node ran alone and failed.
            """
    )

    @Argument(help: ArgumentHelp("An id, a unique beginning of one, 'latest', or a file.", valueName: "run"))
    var target: String

    @Argument(help: ArgumentHelp("A node: i2, i2.b1, i2.c4, root."))
    var address: String

    @Option(help: ArgumentHelp("What is asked instead; @FILE reads it from a file, @- from stdin.", valueName: "text"))
    var prompt: String?

    @Option(help: ArgumentHelp("What stands in for the model's answer; nothing is sent for it.", valueName: "text"))
    var response: String?

    @Option(help: ArgumentHelp("The Python that runs instead.", valueName: "text"))
    var code: String?

    @Option(help: ArgumentHelp("The model that is asked.", valueName: "provider/name"))
    var model: String?

    @Option(help: ArgumentHelp("A sampling parameter such as temperature=0.2.", valueName: "key=value"))
    var sampling: [String] = []

    @Option(help: ArgumentHelp("Of root: the system prompt.", valueName: "text"))
    var system: String?

    @Flag(name: .customLong("continue"), help: "Go on from there: a fork, in which all that follows is done again.")
    var isForked = false

    @Flag(help: "Say what it would take, and send nothing.")
    var dryRun = false

    @Flag(help: "Ask again what had failed, instead of failing again.")
    var retryFailed = false

    @Option(help: ArgumentHelp("What to call the fork.", valueName: "text"))
    var name: String?

    @OptionGroup var going: GoingOptions
    @OptionGroup var theme: ThemeOption
    @OptionGroup var store: StoreOption

    func validate() throws {
        if name != nil, !isForked { throw ValidationError("--name is for a fork: add --continue") }
        if retryFailed, !isForked { throw ValidationError("--retry-failed is for a fork: add --continue") }
        if !going.hold.isEmpty, !isForked { throw ValidationError("--hold is for a fork: add --continue") }
        if let model, Model(model) == nil {
            throw ValidationError("--model \(model): expected PROVIDER/NAME, for example openai/gpt-5")
        }
        if response != nil, prompt != nil || model != nil || !sampling.isEmpty {
            throw ValidationError("--response stands in for asking: leave out --prompt, --model and --sampling")
        }
        if [prompt, response, code, system].count(where: { $0 == "@-" }) > 1 {
            throw ValidationError("stdin can be read once")
        }
    }

    func run() async throws {
        let change = Change(
            prompt: try prompt.map(TextArgument.text), response: try response.map(TextArgument.text),
            code: try code.map(TextArgument.text), model: model,
            sampling: sampling.isEmpty ? nil : try ModelOptions.values(sampling),
            system: try system.map(TextArgument.text))
        let store = try store.open()
        let run = try await RunArgument(target).resolve(in: store)
        let node: Address
        do throws(Address.ParseError) { node = try Address(address) } catch { throw UsageError(error.description) }
        let (travel, registry) = try going.travel(of: run, in: store, retriesFailures: retryFailed)
        if let code = change.code, let problem = try PythonSyntax.check(code) {
            throw UsageError("--code is no Python: \(problem.message)\(problem.line.map { " (line \($0))" } ?? "")")
        }
        if dryRun {
            let forecast =
                isForked
                ? try travel.forecast(run, at: node, change) : try travel.forecastAlone(run, at: node, change)
            return going.json ? try JSONOutput.print(ForecastJSON(forecast: forecast)) : ForecastText.say(forecast)
        }
        guard isForked else {
            let interrupts = Interrupts()
            defer { interrupts.stop() }
            let alone = Task { try await travel.rerun(run, at: node, change) }
            interrupts.watch(alone)
            let attempt = try await alone.value
            try store.close()
            return try report(attempt, of: run, registry)
        }
        if !going.json {
            let forecast = try travel.forecast(run, at: node, change)
            ErrorReport.say("going on from \(node): \(ForecastText.line(forecast))")
        }
        try await Watch(
            clients: registry, store: store, theme: theme, isHeadless: going.isHeadless, isJSON: going.json,
            isPlain: false
        ) {
            try await travel.fork(run, at: node, change, name: name)
        }.run()
    }

    private func report(_ attempt: Attempt, of run: Run, _ registry: ClientRegistry) throws {
        registry.takeNotices().forEach(ErrorReport.say)
        attempt.notices.forEach(ErrorReport.say)
        if going.json {
            try JSONOutput.print(AttemptJSON(run: run.id, attempt: attempt))
        } else {
            for text in [attempt.answer, attempt.output?.stdout].compactMap({ $0 }) where !text.isEmpty {
                let isScreen = isatty(STDOUT_FILENO) == 1
                StandardOutput.print(isScreen ? TerminalText.plain(text, keepingLines: true) : text)
            }
            if let stderr = attempt.output?.stderr, !stderr.isEmpty {
                StandardError.put(TerminalText.plain(stderr, keepingLines: true))
            }
            ErrorReport.say("kept as \(attempt.address) of run \(run.id)")
        }
        guard attempt.status != .succeeded else { return }
        if let failure = attempt.failure { ErrorReport.say("\(attempt.address): \(failure)") }
        throw SilentExit(
            status: attempt.status == .cancelled ? .cancelled : attempt.isUnavailable ? .unavailable : .runFailed)
    }
}

/// An attempt as `rerun --json` prints it.
private struct AttemptJSON: Encodable {
    let run: RunID
    let attempt: Attempt

    private enum CodingKeys: String, CodingKey {
        case run, address, status, answer, output, errors, failure, live_calls, recorded_calls, diverged, usage, seconds
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run.rawValue, forKey: .run)
        try container.encode(attempt.address.description, forKey: .address)
        try container.encode(attempt.status, forKey: .status)
        try container.encode(attempt.answer, forKey: .answer)
        try container.encode(attempt.output?.stdout, forKey: .output)
        try container.encode(attempt.output?.stderr, forKey: .errors)
        try container.encode(attempt.failure, forKey: .failure)
        try container.encode(attempt.liveCalls, forKey: .live_calls)
        try container.encode(attempt.recordedCalls, forKey: .recorded_calls)
        try container.encode(attempt.diverged.map(\.description), forKey: .diverged)
        try container.encode(UsageJSON(usage: attempt.usage), forKey: .usage)
        try container.encode(attempt.seconds, forKey: .seconds)
    }
}
