import ArgumentParser
import Configuration
import Engine
import Foundation
import LMClients
import Trajectory
import TrajectoryStore

/// What `rerun` and `resume` take beside what they change: where the server is, what is held, what is printed.
struct GoingOptions: ParsableArguments {
    @Option(
        name: .customLong("base-url"),
        help: ArgumentHelp("Where the model's provider is; as the run had it when not given.", valueName: "url"))
    var baseURL: String?

    @Option(help: ArgumentHelp("What to stop at; 'rlm-tui help run' says how a rule is written.", valueName: "rule"))
    var hold: [String] = []

    @Flag(help: "No screen: the answer alone on stdout, progress on stderr.")
    var headless = false

    @Flag(help: "One JSON object instead of the answer.")
    var json = false

    var isHeadless: Bool { headless || json || !Watch.hasScreen }

    func validate() throws {
        if let baseURL { try ModelOptions.check(baseURL: baseURL) }
        _ = try HoldOption.rules(hold)
    }

    func travel(
        of run: Run, in store: TrajectoryStore, retriesFailures: Bool
    ) throws -> (TimeTravel, ClientRegistry) {
        let preferences = try Preferences.load()
        for warning in preferences.warnings { ErrorReport.say(warning.description) }
        let settings = preferences.settings
        var options = TimeTravel.Options()
        options.baseURL = baseURL.map(ContextAddress.shown)
        options.holdRules = try HoldOption.rules(hold)
        options.endsWhenHeld = isHeadless
        options.retriesFailures = retriesFailures
        options.price = { usage, model in settings.prices.cost(of: usage, model: model) }
        if isHeadless, !json, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 {
            options.mayGoOn = { notices in
                notices.forEach(ErrorReport.say)
                StandardError.put("rlm-tui: go on all the same? [Y/n] ")
                return readLine().map { !$0.lowercased().hasPrefix("n") } ?? false
            }
        }
        let registry = ClientRegistry(
            environment: ProcessInfo.processInfo.environment,
            baseURL: baseURL ?? run.settings.baseURL,
            baseURLProvider: run.model.flatMap(Model.init)?.provider ?? "openai",
            settings: settings.providers
        )
        return (TimeTravel(store: store, clients: registry, options: options), registry)
    }
}

/// `--hold RULE`.
enum HoldOption {
    static func rules(_ texts: [String]) throws -> [HoldRule] {
        try texts.map { text in
            do throws(HoldRuleError) { return try HoldRule(text) } catch {
                let pointer = String(repeating: " ", count: error.column - 1) + "^"
                throw ValidationError("--hold: \(error.message) (column \(error.column))\n  \(text)\n  \(pointer)")
            }
        }
    }

    static let grammar = """
        A hold rule stops what it matches until a person lets it go on: [before-send:|before-run:|before-deliver:] FILTER. A \
        filter is made of depth and tokens compared with a number (> >= < <= =), model:NAME (* stands for anything), /regex/ \
        in the text, error, all, and of ! & | and parentheses. Without a screen the run then ends with status held, and \
        'rlm-tui resume' goes on with it.
        """
}

/// A text on the command line, or the file that holds it.
enum TextArgument {
    /// Bytes of a file beyond which it is no prompt, answer or code.
    private static let limit = 64 << 20

    /// - Parameter argument: the text itself, `@FILE`, or `@-` for stdin.
    static func text(_ argument: String) throws -> String {
        guard argument.hasPrefix("@") else { return argument }
        let path = String(argument.dropFirst())
        var descriptor = STDIN_FILENO
        if path != "-" {
            // What is no plain file may never come to an end, or wait for somebody to write into it.
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            let reason = String(cString: strerror(errno)).lowercased()
            guard descriptor >= 0 else { throw UsageError("@\(path) cannot be read: \(reason)") }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                close(descriptor)
                throw UsageError("@\(path) is no plain file; pipe a text in with @-")
            }
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: path != "-")
        guard let data = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw UsageError("@\(path) cannot be read to its end")
        }
        guard data.count <= limit else {
            throw UsageError("@\(path) is longer than 64 MB: that is a context, and no text")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw UsageError("@\(path) is no text in UTF-8")
        }
        return text
    }
}
