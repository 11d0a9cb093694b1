import ArgumentParser
import Configuration
import Foundation
import LMClients
import REPL
import TrajectoryStore

/// `rlm-tui doctor`: whether everything is there, and how to mend what is not.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check Python, the sandbox, the terminal, the store and the providers, and say how to mend them.",
        discussion: """
            Exit status 5 when something that a run needs is missing. Keys are never printed.

            EXAMPLES
              rlm-tui doctor
              rlm-tui doctor --json | jq '.[] | select(.state != "ok").remedy'
            """
    )

    @Flag(help: "A JSON array of the checks.")
    var json = false

    @OptionGroup var store: StoreOption

    /// One thing that was looked at.
    private struct Check: Encodable {
        enum State: String, Encodable { case ok, missing, optional }

        let name: String
        let state: State
        let found: String
        /// How to mend it; nil when there is nothing to mend.
        let remedy: String?

        private enum CodingKeys: String, CodingKey { case name, state, found, remedy }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(state, forKey: .state)
            try container.encode(found, forKey: .found)
            try container.encode(remedy, forKey: .remedy)
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        var checks = [python(), sandbox(), terminal(environment), locale(environment), storeCheck()]
        checks += keys(environment)
        checks += await servers(environment)
        if json {
            try JSONOutput.print(checks)
        } else {
            for check in checks {
                let mark = ["ok": "✓", "missing": "✗", "optional": "–"][check.state.rawValue] ?? ""
                let name = check.name.padding(toLength: 12, withPad: " ", startingAt: 0)
                StandardOutput.say("\(mark) \(name) \(check.found)")
                if let remedy = check.remedy { StandardOutput.say("               \(remedy)") }
            }
        }
        if checks.contains(where: { $0.state == .missing }) { throw SilentExit(status: .unavailable) }
    }

    private func python() -> Check {
        do {
            let python = try REPLProbe.python()
            return Check(name: "python", state: .ok, found: "\(python.version) at \(python.path)", remedy: nil)
        } catch {
            return Check(name: "python", state: .missing, found: "not usable", remedy: "\(error)")
        }
    }

    private func sandbox() -> Check {
        switch REPLProbe.sandbox() {
        case .success(let found): Check(name: "sandbox", state: .ok, found: "\(found) works", remedy: nil)
        case .failure(let error): Check(name: "sandbox", state: .missing, found: "not usable", remedy: error.message)
        }
    }

    private func terminal(_ environment: [String: String]) -> Check {
        let term = environment["TERM"] ?? ""
        guard !term.isEmpty, term != "dumb" else {
            return Check(
                name: "terminal",
                state: .optional,
                found: term.isEmpty ? "TERM is not set" : "TERM=dumb",
                remedy: "the explorer needs a terminal; 'run --headless', 'show' and 'snapshot' work without"
            )
        }
        let isTrueColour = ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? "")
        let colours =
            environment["NO_COLOR"].map { !$0.isEmpty } == true
            ? "no colours (NO_COLOR is set)"
            : isTrueColour ? "24-bit colours" : term.contains("256") ? "256 colours" : "colours as terminfo says"
        return Check(name: "terminal", state: .ok, found: "\(term), \(colours)", remedy: nil)
    }

    private func locale(_ environment: [String: String]) -> Check {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "C"
        let isUTF8 = name.lowercased().replacingOccurrences(of: "-", with: "").contains("utf8")
        return isUTF8
            ? Check(name: "locale", state: .ok, found: name, remedy: nil)
            : Check(
                name: "locale",
                state: .optional,
                found: "\(name) is not UTF-8; the screen uses ASCII marks",
                remedy: "export LANG=C.UTF-8"
            )
    }

    private func storeCheck() -> Check {
        do {
            let store = try TrajectoryStore(path: try store.path())
            let problems = try store.integrityCheck()
            guard problems.isEmpty else {
                return Check(
                    name: "store",
                    state: .missing,
                    found: "\(store.path) is damaged: \(problems[0])",
                    remedy: "copy it away; 'sqlite3 FILE .recover' saves what can be read"
                )
            }
            return Check(
                name: "store",
                state: .ok,
                found: "\(store.path), \(try store.runCount().counted("run"))",
                remedy: nil
            )
        } catch {
            return Check(name: "store", state: .missing, found: "not usable", remedy: "\(error)")
        }
    }

    private func keys(_ environment: [String: String]) -> [Check] {
        ClientRegistry.providers.compactMap { provider in
            guard let variable = provider.keyVariable else { return nil }
            let isSet = environment[variable]?.isEmpty == false
            // Servers on this machine seldom want one.
            guard provider.requiresKey || isSet else { return nil }
            return Check(
                name: provider.word,
                state: isSet ? .ok : .optional,
                found: "\(variable) is \(isSet ? "set" : "not set")",
                remedy: isSet ? nil : "export \(variable)=… to use \(provider.word)/ models"
            )
        }
    }

    private func servers(_ environment: [String: String]) async -> [Check] {
        let registry = ClientRegistry(environment: environment, baseURL: nil)
        let local = ClientRegistry.providers.filter(\.isLocalServer)
        return await withTaskGroup(of: (Int, Check).self) { group in
            for (index, provider) in local.enumerated() {
                group.addTask {
                    let url = registry.shownAddress(of: provider)
                    do throws(CompletionError) {
                        let models = try await registry.modelNames(of: provider)
                        return (
                            index,
                            Check(
                                name: provider.word,
                                state: .ok,
                                found: "\(models.count.counted("model")) at \(url)",
                                remedy: nil
                            )
                        )
                    } catch {
                        return (
                            index,
                            Check(
                                name: provider.word,
                                state: .optional,
                                found: "no answer at \(url)",
                                remedy: nil
                            )
                        )
                    }
                }
            }
            return await group.reduce(into: [(Int, Check)]()) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
