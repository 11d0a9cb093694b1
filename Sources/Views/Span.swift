// A piece of a line in one role.

package import Terminal

/// Text and what it means.
package struct Span: Hashable, Sendable {
    package var text: String
    package var role: Role

    package init(_ text: String, _ role: Role = .text) {
        self.text = text
        self.role = role
    }
}
