// What can be changed about a node.

package import Trajectory

/// A part of a node that a person can change.
package enum EditedPart: String, Hashable, Sendable {
    case prompt, question, answer, response, code, model

    /// The key that chooses it.
    var key: Character {
        switch self {
        case .prompt: "p"
        case .question: "q"
        case .answer: "a"
        case .response: "r"
        case .code: "c"
        case .model: "m"
        }
    }

    /// What the editor is told the text is.
    var fileName: String {
        switch self {
        case .code: "code.py"
        case .answer, .response: "answer.md"
        case .prompt, .question, .model: "\(rawValue).txt"
        }
    }
}

/// The parts of a node that can be changed, as they are now.
package struct EditableTexts: Hashable, Sendable {
    package let address: Address
    package let parts: [Part]

    package struct Part: Hashable, Sendable {
        package let part: EditedPart
        /// What is changed: of an iteration's code, the block.
        package let address: Address
        package let text: String
    }

    package init(_ address: Address, _ parts: [Part]) {
        self.address = Address(steps: address.steps)
        self.parts = parts
    }
}

extension NodeEdit {
    subscript(part: EditedPart) -> String? {
        get {
            switch part {
            case .prompt, .question: prompt
            case .answer, .response: response
            case .code: code
            case .model: model
            }
        }
        set {
            switch part {
            case .prompt, .question: prompt = newValue
            case .answer, .response: response = newValue
            case .code: code = newValue
            case .model: model = newValue
            }
        }
    }
}
