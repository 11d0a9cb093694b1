import OperatingSystem

/// Python's own compiler asked about code, before the code is taken: nothing of it is run.
package enum PythonSyntax {
    /// Why code would not compile.
    package struct Problem: Hashable, Sendable {
        /// In Python's words, for example `'(' was never closed`.
        package var message: String
        /// Counted from 1; nil where the compiler names none.
        package var line: Int?
        /// In characters, counted from 1; nil where the compiler names none.
        package var column: Int?

        package init(message: String, line: Int?, column: Int?) {
            self.message = message
            self.line = line
            self.column = column
        }
    }

    /// Has the Python that a REPL would use compile a code block.
    ///
    /// - Parameter python: a Python to use instead of the system's.
    /// - Returns: nil where the code compiles.
    /// - Throws: `REPLError` where there is no Python that can be asked.
    package static func check(_ code: String, python: String? = nil) throws -> Problem? {
        let interpreter = try PythonInterpreter.find(python)
        let said: (end: ProcessEnd?, stdout: String, stderr: String)
        do {
            said = try ChildProcess.output(
                of: interpreter.path,
                ["-I", "-S", "-B", "-X", "utf8", "-c", program],
                input: try Descriptor.file(holding: code.utf8)
            )
        } catch {
            throw REPLError(code: .workerFailed, message: "Python could not be asked about the code: it \(error).")
        }
        guard said.end == .exited(0) else {
            // Code can be too much for the compiler: so deeply nested that it runs out of stack or memory.
            return Problem(message: "Python's compiler does not get through this code", line: nil, column: nil)
        }
        let lines = said.stdout.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return nil }
        return Problem(
            message: lines[2].split(separator: "\n").joined(separator: " "),
            line: Int(lines[0]),
            column: Int(lines[1]).flatMap { $0 > 0 ? $0 : nil }
        )
    }

    /// Compiles as the worker does; prints line, column and message of what is wrong, or nothing.
    private static let program = """
        import resource, sys, warnings
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        warnings.simplefilter('ignore')
        try:
            compile(sys.stdin.buffer.read().decode('utf-8', 'replace'), '<block>', 'exec', 0, True)
        except SyntaxError as error:
            sys.stdout.write('%s\\n%s\\n%s' % (error.lineno or '', error.offset or '', error.msg))
        except (ValueError, OverflowError, RecursionError, MemoryError) as error:
            sys.stdout.write('\\n\\n%s' % (error or 'the code is nested too deeply'))
        """
}
