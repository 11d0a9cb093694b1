// A host of one REPL as a process of its own, so that a test can measure what a host takes: runs the code of standard input
// as a block and says how it ended and the most memory that this process had.
import Foundation
import REPL
import Trajectory

/// Answers each prompt with the number of its bytes, or with as many as it asks for.
struct EchoHandler: SubcallHandler {
    func answer(_ request: SubcallRequest) async -> [SubcallOutcome] {
        request.prompts.map { prompt in
            let text = prompt.last?.content ?? ""
            return .answer(Int(text.prefix(12)).map { String(repeating: "x", count: $0) } ?? String(text.utf8.count))
        }
    }
}

@main struct REPLHost {
    static func main() async throws {
        let code = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        let environment = CommandLine.arguments.dropFirst().first.flatMap(REPLEnvironment.init) ?? .local
        let repl = try await REPL(environment: environment, contexts: [], handler: EchoHandler())
        let result = await repl.run(code)
        let after = await repl.run("1 + 1")
        await repl.close()
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        print(peak?.split(whereSeparator: \.isWhitespace)[1] ?? "?")
        print(String(describing: result.outcome).prefix(1000))
        print(result.output.stdout.utf8.count + result.output.stderr.utf8.count, after.output.stdout)
        print(result.output.stdout.prefix(1000))
    }
}
