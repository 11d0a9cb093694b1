import Foundation
import TOMLKit

/// A TOML file as plain values, with the lines they stand in. A line that is no TOML is passed over with a warning, the
/// rest of the file still counts.
struct TOMLDocument {
    indirect enum Value {
        case string(String)
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case array([Value])
        case table([String: Value])
        /// Dates and times, which no setting uses.
        case other

        /// For people: `a string`.
        var kind: String {
            switch self {
            case .string: "a string"
            case .integer: "a whole number"
            case .number: "a number"
            case .boolean: "true or false"
            case .array: "an array"
            case .table: "a table"
            case .other: "a date or time"
            }
        }
    }

    let file: String
    let root: [String: Value]
    private let lines: TOMLLines
    private(set) var warnings: [ConfigurationWarning] = []

    private static let wrongLineLimit = 20

    /// - Parameter file: the name warnings give.
    init(text: String, file: String) {
        self.file = file
        lines = TOMLLines(text)
        var rows = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Self.wrongLineLimit {
            do {
                root = Self.values(of: try TOMLTable(string: rows.joined(separator: "\n")))
                return
            } catch let error as TOMLParseError {
                let line = min(max(1, error.source.begin.line), rows.count)
                warnings.append(ConfigurationWarning(file: file, line: line, message: "no TOML: \(error.description)"))
                // The parser may complain where the next line begins.
                if rows[line - 1].isEmpty, line > 1 { rows[line - 2] = "" }
                rows[line - 1] = ""
            } catch {
                warnings.append(ConfigurationWarning(file: file, line: nil, message: "no TOML: \(error)"))
                break
            }
        }
        root = [:]
        warnings.append(
            ConfigurationWarning(file: file, line: nil, message: "too much of it is no TOML; it is not used")
        )
    }

    /// The line that sets the value at a path, or the nearest table around it.
    func line(of path: [String]) -> Int? { lines.line(of: path) }

    private static func values(of table: TOMLTable) -> [String: Value] {
        var result: [String: Value] = [:]
        for (key, value) in table { result[key] = convert(value) }
        return result
    }

    private static func convert(_ value: any TOMLValueConvertible) -> Value {
        switch value.type {
        case .string: value.string.map { .string($0) } ?? .other
        case .int: value.int.map { .integer($0) } ?? .other
        case .double: value.double.map { .number($0) } ?? .other
        case .bool: value.bool.map { .boolean($0) } ?? .other
        case .array: value.array.map { .array($0.map { convert($0) }) } ?? .other
        case .table: value.table.map { .table(values(of: $0)) } ?? .other
        case .date, .time, .dateTime: .other
        }
    }
}
