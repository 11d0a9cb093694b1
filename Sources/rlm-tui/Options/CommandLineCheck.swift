import ArgumentParser
import Foundation

/// Says of a command line that the parser refused what is wrong with it first: a word that is no command, then an option
/// there is not. The parser itself names what is missing before that.
struct CommandLineCheck {
    /// Without the program's name.
    let words: [String]

    private static var commands: [any ParsableCommand.Type] { RLMTUI.configuration.subcommands }

    /// The command meant; the explorer where there is none.
    private var command: any ParsableCommand.Type {
        Self.commands.first { $0._commandName == words.first } ?? ExploreCommand.self
    }

    /// Throws `UsageError` for a first word that is no command, which would be taken for an argument of the explorer. The
    /// same for what help is asked about.
    func checkCommand() throws {
        var words = words[...]
        if words.first == "help" { words = words.dropFirst() }
        guard let word = words.first, !word.hasPrefix("-") else { return }
        let names = Self.commands.map { $0._commandName } + ["help"]
        guard !names.contains(word) else { return }
        let shown = Self.commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName } + ["help"]
        throw UsageError(
            "there is no command '\(word)'; "
                + Suggestion.sentence(for: word, among: shown, otherwise: "'rlm-tui --help' lists the commands"))
    }

    /// Whether a word begins as an option does and is more than a word.
    var hasTextLikeOption: Bool { words.contains { $0.hasPrefix("-") && $0.contains(where: \.isWhitespace) } }

    /// Throws `UsageError` for the first option that the command does not have.
    func checkOptions() throws {
        guard let shape = CommandShape(of: command) else { return }
        var rest = words[...]
        if rest.first == command._commandName { rest = rest.dropFirst() }
        while let word = rest.popFirst() {
            if word == "--" { return }
            guard word.hasPrefix("-"), word != "-", Double(word) == nil else { continue }
            let name = word.hasPrefix("--") ? String(word.prefix { $0 != "=" }) : String(word.prefix(2))
            guard let option = shape.option(named: name) else {
                let known = shape.options.flatMap(\.names)
                let help = command == ExploreCommand.self ? "rlm-tui --help" : "rlm-tui \(command._commandName) --help"
                let isText = word.contains(where: \.isWhitespace)
                throw UsageError(
                    isText
                        ? "a text that begins with '-' goes after '--': '\(word)' was taken for an option"
                        : "there is no option '\(name)'; "
                            + Suggestion.sentence(for: name, among: known, otherwise: "'\(help)' lists the options"))
            }
            let hasValue = word.hasPrefix("--") ? word.contains("=") : word.count > 2
            if option.takesValue, !hasValue, rest.first?.hasPrefix("--") != true { rest = rest.dropFirst() }
        }
    }
}

/// The options of a command, as the parser describes them.
struct CommandShape {
    struct Option {
        /// `--json`, `-o`.
        var names: [String]
        var takesValue: Bool
    }

    let options: [Option]

    func option(named name: String) -> Option? { options.first { $0.names.contains(name) } }

    init?(of command: any ParsableCommand.Type) {
        guard let tool = try? JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)) else { return nil }
        options = (tool.command.arguments ?? []).compactMap { argument in
            guard let names = argument.names else { return nil }
            return Option(
                names: names.map { $0.kind == "long" ? "--\($0.name)" : "-\($0.name)" },
                takesValue: argument.kind == "option")
        }
    }

    private struct Tool: Decodable {
        struct Command: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable {
                    var kind: String
                    var name: String
                }

                var kind: String
                var names: [Name]?
            }

            var arguments: [Argument]?
        }

        var command: Command
    }
}
