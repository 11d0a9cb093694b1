// What can be changed about a node.

import Foundation
package import Trajectory

/// A part of a node that a person can change.
package enum EditedPart: String, Hashable, Sendable {
    case prompt, question, answer, response, code, model, parameters

    /// The key that chooses it.
    var key: Character {
        switch self {
        case .prompt: "p"
        case .question: "q"
        case .answer: "a"
        case .response: "r"
        case .code: "c"
        case .model: "m"
        case .parameters: "s"
        }
    }

    /// What the editor is told the text is.
    var fileName: String {
        switch self {
        case .code: "code.py"
        case .answer, .response: "answer.md"
        case .prompt, .question, .model, .parameters: "\(rawValue).txt"
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
            case .parameters: sampling.map(SamplingText.line)
            }
        }
        set {
            switch part {
            case .prompt, .question: prompt = newValue
            case .answer, .response: response = newValue
            case .code: code = newValue
            case .model: model = newValue
            case .parameters: sampling = newValue.flatMap(SamplingText.values)
            }
        }
    }
}

/// Sampling parameters as a person types them: `temperature=0.2 top_p=0.9`.
enum SamplingText {
    static func line(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    /// Nil where a part of it is no `KEY=VALUE`.
    static func values(_ line: String) -> [String: String]? {
        var values: [String: String] = [:]
        for part in line.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
            guard let equals = part.firstIndex(of: "="), equals != part.startIndex else { return nil }
            values[String(part[..<equals])] = String(part[part.index(after: equals)...])
        }
        return values
    }

    /// Of a completion's parameters as they are kept; those that are no plain values are left out.
    static func line(json: String?) -> String {
        guard let json, let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
            return ""
        }
        var values: [String: String] = [:]
        for (key, value) in object where value is NSNumber || value is String { values[key] = "\(value)" }
        return line(values)
    }
}
