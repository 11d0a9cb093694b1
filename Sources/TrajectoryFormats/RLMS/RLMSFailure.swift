// How `rlms` logs tell of failures: those of blocks at the end of stderr, those of sub-calls in `error`.
internal import Foundation
internal import Trajectory

enum RLMSFailure {
    // MARK: Blocks

    /// The exception that a limit of the run raises in the REPL.
    private static let limit = "LimitReached"

    /// The stderr of a block with the exception that ended it at its end, as `PythonText.exception` finds it. Most end
    /// with a traceback that names it already, but for the line end.
    static func stderr(of block: CodeBlock) -> String {
        let text = block.output.stderr
        guard let failure = failure(of: block) else {
            return PythonText.exception(endOf: text) == nil ? text : text + "\n"
        }
        let message = String(failure.message.reversed().drop(while: \.isNewline).reversed())
        let exception = Failure(kind: exceptionName(failure.kind), message: message)
        let traceback = text.hasSuffix("\n") ? String(text.dropLast()) : text
        // The message may differ: that of a syntax error has its line, a very long one is cut.
        if let told = PythonText.exception(endOf: traceback), told.kind == exception.kind { return traceback }
        let told = text + "\n\(exception.kind): \(message)"
        return PythonText.exception(endOf: told) == nil ? text + "\nRuntimeError: \(exception.kind): \(message)" : told
    }

    private static func failure(of block: CodeBlock) -> Failure? {
        if let failure = block.failure { return failure }
        return block.status == .succeeded
            ? nil : Failure(kind: "KeyboardInterrupt", message: "the block was not run to its end")
    }

    /// What the status of a block with such an exception is.
    static func status(ofException kind: String) -> Status { kind == limit ? .limited : .failed }

    /// The name of an exception for a kind of failure: `timeout` is no name that Python has.
    private static func exceptionName(_ kind: String) -> String {
        switch kind {
        case "limit": return limit
        case "cancelled": return "KeyboardInterrupt"
        case "timeout": return "TimeoutError"
        case "": return "RuntimeError"
        default:
            guard kind.first?.isLowercase == true, !kind.contains(".") else { return kind }
            return kind.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Error"
        }
    }

    // MARK: Calls

    /// Why a call has no answer; nil where it has one.
    static func failure(of call: Node, answer: String?) -> Failure? {
        if let failure = call.failure, call.status != .succeeded, call.status != .limited || answer == nil {
            return failure
        }
        switch call.status {
        case .succeeded: return nil
        case .limited where answer != nil: return nil
        case .limited: return Failure(kind: "limit", message: "a limit of the run was reached")
        case .failed: return Failure(kind: unknownKind, message: "the call failed")
        case .queued, .held, .running, .cancelled:
            return Failure(kind: "cancelled", message: "the call was not answered")
        }
    }

    /// The word for failures of unknown kind.
    private static let unknownKind = "failed"

    /// The text of `error`: the kind and the message, or the message alone where the kind says nothing.
    static func error(_ failure: Failure) -> String {
        let plain = failure.message
        return failure.kind == unknownKind && self.failure(ofError: plain) == failure ? plain : failure.description
    }

    /// Reads a text of `error`.
    static func failure(ofError text: String) -> Failure {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix(": ") else {
            return Failure(kind: unknownKind, message: text)
        }
        let kind = text[..<colon]
        let isKind =
            kind.first?.isLetter == true && kind.count <= 40 && kind != "Error"
            && kind.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isKind else { return Failure(kind: unknownKind, message: text) }
        return Failure(kind: String(kind), message: String(text[colon...].dropFirst(2)))
    }

    /// What the status of a call with such a failure is.
    static func status(of failure: Failure) -> Status {
        switch failure.kind {
        case "limit": .limited
        case "cancelled", "interrupted": .cancelled
        default: .failed
        }
    }
}
