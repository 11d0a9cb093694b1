// Lists of actions: the help of a view and the palette. Both are made from the key map, so they say what is.

import Terminal

/// One action as help and palette show it.
package struct ActionLine: Hashable, Sendable {
    package let keys: String
    package let text: String
    /// Why it cannot be done now; nil when it can.
    package let reason: String?

    package init(keys: String, text: String, reason: String? = nil) {
        self.keys = keys
        self.text = text
        self.reason = reason
    }
}

/// A titled group of lines.
package struct ActionGroup: Hashable, Sendable {
    package let title: String
    package let lines: [ActionLine]

    package init(title: String, lines: [ActionLine]) {
        self.title = title
        self.lines = lines
    }
}
