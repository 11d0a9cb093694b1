/// Why there is no screen: a sentence that says what is wrong and what to do.
package struct TerminalError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case notATerminal, unknownTerminal, dumbTerminal, alreadyOpen, noDescriptors
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
