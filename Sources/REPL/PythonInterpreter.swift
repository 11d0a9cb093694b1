import Foundation
import Glibc
import OperatingSystem
import Synchronization

/// A Python that can run the worker.
struct PythonInterpreter: Sendable {
    /// Absolute, never a shim.
    let path: String
    /// `3.11` or `3.11.2`.
    let version: String
    /// Folders outside `/usr` that it needs.
    let prefixes: [String]

    var isNewEnough: Bool {
        let parts = version.split(separator: ".").compactMap { Int($0) }
        return parts.count > 1 && (parts[0], parts[1]) >= (3, 9)
    }

    /// The system's Python where it is in `PATH` and new enough, else the first in `PATH` that is.
    ///
    /// - Parameter wanted: a path to use instead.
    /// - Throws: `REPLError` `pythonMissing` or `pythonTooOld`.
    static func find(_ wanted: String? = nil) throws -> PythonInterpreter {
        let folders = SearchPath.folders
        let system = folders.filter { $0 == "/usr/bin" }.prefix(1) + folders.filter { $0 != "/usr/bin" }
        let candidates = wanted.map { [$0] } ?? system.map { $0 + "/python3" }
        var tooOld: PythonInterpreter?
        for candidate in candidates where access(candidate, X_OK) == 0 {
            guard let found = look(at: candidate) else { continue }
            if found.isNewEnough { return found }
            tooOld = tooOld ?? found
        }
        if let tooOld { throw REPLError.pythonTooOld(tooOld.path, tooOld.version) }
        throw REPLError.pythonMissing
    }

    private static let known = Mutex<[String: PythonInterpreter]>([:])

    private static func look(at path: String) -> PythonInterpreter? {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let name = real.split(separator: "/").last ?? ""
        // The system's own says its version by its name, and starting it to ask would cost a start.
        if real.hasPrefix("/usr/bin/python3."), name.dropFirst("python3.".count).allSatisfy(\.isNumber) {
            return PythonInterpreter(path: real, version: String(name.dropFirst("python".count)), prefixes: [])
        }
        if let found = known.withLock({ $0[path] }) { return found }
        guard let found = ask(path) else { return nil }
        known.withLock { $0[path] = found }
        return found
    }

    /// Starts it and has it tell about itself.
    static func ask(_ path: String) -> PythonInterpreter? {
        let code =
            "import sys;v=sys.version_info;print('%d.%d.%d'%(v[0],v[1],v[2]));print(sys.executable);print(sys.prefix);"
            + "print(sys.base_prefix)"
        // A shim finds its way by these.
        let environment = ["PATH", "HOME"].compactMap { name in
            ProcessInfo.processInfo.environment[name].map { "\(name)=\($0)" }
        }
        guard let said = try? ChildProcess.output(of: path, ["-I", "-S", "-c", code], environment: environment),
            said.end == .exited(0)
        else { return nil }
        let lines = said.stdout.split(separator: "\n").map(String.init)
        guard lines.count == 4, lines[1].hasPrefix("/") else { return nil }
        let real = URL(fileURLWithPath: lines[1]).resolvingSymlinksInPath().deletingLastPathComponent()
        let home = NSHomeDirectory()
        var prefixes: [String] = []
        for folder in [lines[2], lines[3], real.deletingLastPathComponent().path] {
            let isSystem = folder == "/" || folder == "/usr" || folder.hasPrefix("/usr/")
            // A prefix that holds the whole home would undo the sandbox.
            let holdsHome = home == folder || home.hasPrefix(folder + "/")
            if !isSystem, !holdsHome, !prefixes.contains(folder) { prefixes.append(folder) }
        }
        return PythonInterpreter(path: lines[1], version: lines[0], prefixes: prefixes)
    }
}
