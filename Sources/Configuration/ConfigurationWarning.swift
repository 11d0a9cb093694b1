/// Something in a settings or theme file that was passed over: where it stands and what is wrong. The program goes on
/// with what it would have had without the line.
package struct ConfigurationWarning: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// From 1; nil when it is about the file as a whole.
    package let line: Int?
    package let message: String

    package init(file: String, line: Int?, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `FILE:LINE: what is wrong`, as compilers write it.
    package var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(message)" }
}
