// What the bottom line says.

package enum KeyLine: Hashable, Sendable {
    package struct Hint: Hashable, Sendable {
        package let key: String
        package let label: String

        package init(key: String, label: String) {
            self.key = key
            self.label = label
        }
    }

    case keys([Hint])
    /// Something a person should know; stays until the next key.
    case notice(String)
    /// An error; stays until the next key.
    case error(String)
    /// Waits for one of a few keys.
    case question(String)
    /// Something small, said in passing; stays until the next key.
    case quiet(String)
    /// A line being typed.
    case input(prompt: String, InputLine)
    /// A line that was refused: at which character, from 0, and why.
    case refusedInput(prompt: String, InputLine, at: Int, reason: String)
}
