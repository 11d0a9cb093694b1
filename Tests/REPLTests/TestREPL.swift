// What the tests of the REPL share: making one, a handler that answers by closure, and contexts in a private folder.
import Foundation
import Synchronization
import Testing
import Trajectory

@testable import REPL

/// Answers each prompt by a closure over its last message, and remembers what was asked.
final class ClosureHandler: SubcallHandler {
    let requests = Mutex<[SubcallRequest]>([])
    private let closure: @Sendable (String) async -> SubcallOutcome

    init(_ closure: @escaping @Sendable (String) async -> SubcallOutcome = { .answer("re: " + $0) }) {
        self.closure = closure
    }

    func answer(_ request: SubcallRequest) async -> [SubcallOutcome] {
        requests.withLock { $0.append(request) }
        var outcomes: [SubcallOutcome] = []
        for prompt in request.prompts { outcomes.append(await closure(prompt.last?.content ?? "")) }
        return outcomes
    }
}

/// A folder that goes away with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "REPLTests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path) }

    func write(_ name: String, _ data: Data) throws -> String {
        try data.write(to: URL(fileURLWithPath: path + "/" + name))
        return path + "/" + name
    }
}

func mounted(
    _ text: String,
    _ type: ContextType = .text,
    name: String = "context_0",
    parts: [Context.Part] = [],
    in folder: Folder
) throws -> MountedContext {
    let path = try folder.write(name, Data(text.utf8))
    let context = Context(
        name: name,
        hash: "00",
        byteCount: text.utf8.count,
        type: type,
        parts: parts,
        source: "test"
    )
    return MountedContext(context: context, path: path)
}

/// Runs the body with a REPL and closes it.
func withREPL<Value>(
    _ environment: REPLEnvironment = .local,
    contexts: [MountedContext] = [],
    history: [String] = [],
    limits: REPLLimits = REPLLimits(),
    seeds: REPLSeeds = REPLSeeds(),
    handler: any SubcallHandler = ClosureHandler(),
    python: String? = nil,
    _ body: (REPL) async throws -> Value
) async throws -> Value {
    let repl = try await REPL(
        environment: environment,
        contexts: contexts,
        history: history,
        limits: limits,
        seeds: seeds,
        handler: handler,
        python: python
    )
    do {
        let value = try await body(repl)
        await repl.close()
        return value
    } catch {
        await repl.close()
        throw error
    }
}

/// Why the sandbox cannot be tested here; nil where it can.
let sandboxProblem: String? = {
    if case .failure(let error) = REPLProbe.sandbox() { return error.message }
    return nil
}()

/// Whether tests of the sandbox fail where there is none, instead of being left out: nobody would notice in CI.
let isSandboxRequired: Bool = {
    let environment = ProcessInfo.processInfo.environment
    return environment["RLM_TUI_REQUIRE_SANDBOX"] == "1" || !(environment["CI"] ?? "").isEmpty
}()

let isSandboxTested = sandboxProblem == nil || isSandboxRequired

/// The environments that are tested here; `EscapeTests` reports why the sandbox is not.
let environments: [REPLEnvironment] = isSandboxTested ? REPLEnvironment.allCases : [.local]

/// Waits until something holds, for at most `seconds`.
func until(_ seconds: Double = 5, _ holds: () -> Bool) async -> Bool {
    let end = Clock.now + seconds
    while !holds() {
        if Clock.now > end { return false }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return true
}
