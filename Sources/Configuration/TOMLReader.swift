/// Takes values out of a document and remembers what was wrong: other kinds than wanted, and keys nobody asked for.
final class TOMLReader {
    let document: TOMLDocument
    private(set) var warnings: [ConfigurationWarning]

    init(_ document: TOMLDocument) {
        self.document = document
        warnings = document.warnings
    }

    func warn(_ path: [String], _ message: String) {
        warnings.append(ConfigurationWarning(file: document.file, line: document.line(of: path), message: message))
    }

    var root: Section { Section(reader: self, path: [], values: document.root) }

    /// A table of the document. `finish` warns of the keys that were not asked for.
    struct Section {
        let reader: TOMLReader
        let path: [String]
        private(set) var values: [String: TOMLDocument.Value]

        init(reader: TOMLReader, path: [String], values: [String: TOMLDocument.Value]) {
            self.reader = reader
            self.path = path
            self.values = values
        }

        var keys: [String] { values.keys.sorted() }

        mutating func string(_ key: String) -> String? {
            guard let value = values.removeValue(forKey: key) else { return nil }
            if case .string(let text) = value { return text }
            return wrongKind(key, value, wanted: "a string")
        }

        /// A whole number of at least `minimum`.
        mutating func integer(_ key: String, minimum: Int) -> Int? {
            guard let value = values.removeValue(forKey: key) else { return nil }
            guard case .integer(let number) = value else { return wrongKind(key, value, wanted: "a whole number") }
            guard number >= minimum else {
                warn(key, "'\(key)' must be at least \(minimum), not \(number)")
                return nil
            }
            return number
        }

        /// A finite number of at least 0.
        mutating func number(_ key: String) -> Double? {
            guard let value = values.removeValue(forKey: key) else { return nil }
            let number: Double
            switch value {
            case .integer(let whole): number = Double(whole)
            case .number(let fraction): number = fraction
            default: return wrongKind(key, value, wanted: "a number")
            }
            guard number.isFinite, number >= 0 else {
                warn(key, "'\(key)' must be a number of at least 0, not \(number)")
                return nil
            }
            return number
        }

        /// One string or several.
        mutating func strings(_ key: String) -> [String]? {
            guard let value = values.removeValue(forKey: key) else { return nil }
            if case .string(let text) = value { return [text] }
            guard case .array(let items) = value else { return wrongKind(key, value, wanted: "strings in brackets") }
            var result: [String] = []
            for item in items {
                guard case .string(let text) = item else { return wrongKind(key, item, wanted: "strings in brackets") }
                result.append(text)
            }
            return result
        }

        mutating func section(_ key: String) -> Section? {
            guard let value = values.removeValue(forKey: key) else { return nil }
            guard case .table(let table) = value else { return wrongKind(key, value, wanted: "a table") }
            return Section(reader: reader, path: path + [key], values: table)
        }

        /// The value as it is, for keys of several kinds.
        mutating func value(_ key: String) -> TOMLDocument.Value? { values.removeValue(forKey: key) }

        /// Warns of what is left; `known` helps to see what was meant.
        func finish(known: [String] = []) {
            for key in keys {
                let hint = known.isEmpty ? "" : "; known are \(known.joined(separator: ", "))"
                warn(key, "'\(key)' is unknown\(hint)")
            }
        }

        func warn(_ key: String, _ message: String) { reader.warn(path + [key], message) }

        private func wrongKind<Wanted>(_ key: String, _ value: TOMLDocument.Value, wanted: String) -> Wanted? {
            warn(key, "'\(key)' must be \(wanted), not \(value.kind)")
            return nil
        }
    }
}
