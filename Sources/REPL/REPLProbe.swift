import Glibc
import OperatingSystem

/// Whether the machine has what a REPL needs, for `doctor` and before a run.
package enum REPLProbe {
    /// The Python that a REPL would use and its version.
    ///
    /// - Throws: `REPLError` `pythonMissing` or `pythonTooOld`, with the remedy.
    package static func python() throws -> (path: String, version: String) {
        let found = try PythonInterpreter.find()
        let exact = PythonInterpreter.ask(found.path) ?? found
        return (found.path, exact.version)
    }

    /// Makes a sandbox and runs Python in it.
    ///
    /// - Returns: what makes it, for example `bubblewrap 0.8.0`; or what is missing and the remedy.
    package static func sandbox() -> Result<String, REPLError> {
        do {
            let interpreter = try PythonInterpreter.find()
            let bubblewrap = try Bubblewrap.find()
            let filter = try SystemCallFilter.descriptor()
            let options = bubblewrap.options(
                readable: interpreter.prefixes,
                contexts: [],
                space: 1 << 20,
                filter: filter == nil ? nil : 3
            )
            let said = try ChildProcess.output(
                of: bubblewrap.path,
                options + ["--", interpreter.path, "-I", "-S", "-c", "print('ready')"],
                others: filter.map { [$0] } ?? []
            )
            if said.end == .exited(0), said.stdout == "ready\n" {
                return .success("bubblewrap \(bubblewrap.version)")
            }
            return .failure(
                Bubblewrap.error(said.stderr.split(separator: "\n").last.map(String.init) ?? "no reason given")
            )
        } catch let error as REPLError {
            return .failure(error)
        } catch {
            return .failure(REPLError(code: .workerFailed, message: "The sandbox could not be tried: it \(error)."))
        }
    }
}

extension Bubblewrap {
    /// What its complaint means.
    static func error(_ said: String) -> REPLError {
        let reason = said.hasPrefix("bwrap: ") ? String(said.dropFirst(7)) : said
        let isForbidden = ["namespace", "uid map", "gid map", "ermission", "not permitted", "loopback"]
            .contains { reason.contains($0) }
        if isForbidden { return REPLError.namespacesForbidden(reason) }
        return REPLError(
            code: .workerFailed,
            message: "bubblewrap could not make the sandbox: \(reason). Run doctor, or use --environment local, which "
                + "runs the model's code with your own rights."
        )
    }
}
