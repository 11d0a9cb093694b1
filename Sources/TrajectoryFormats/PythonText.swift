// What Python programs write as text: dates, exceptions.
internal import Foundation
internal import Trajectory

enum PythonText {
    /// A date of `datetime.isoformat()`; without an offset it is in local time.
    static func date(_ text: String) -> Date? {
        var numbers: [Int] = []
        var digits = ""
        var fraction = 0.0
        var offset: Int?
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            guard let number = Int(digits) else { return nil }
            numbers.append(number)
            digits = ""
            if character == "." || character == "," {
                let parts = rest.prefix { $0.isASCII && $0.isNumber }
                fraction = Double("0.\(parts)") ?? 0
                rest = rest.dropFirst(parts.count)
                if let next = rest.first { offset = seconds(ofZone: next, rest.dropFirst()) }
                break
            }
            if numbers.count == 6 || character == "Z" || character == "+" {
                offset = seconds(ofZone: character, rest)
                break
            }
        }
        if let number = Int(digits) { numbers.append(number) }
        guard numbers.count >= 3, numbers[0] > 0, numbers[0] < 10_000 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = offset.flatMap(TimeZone.init(secondsFromGMT:)) ?? .current
        let parts = numbers + Array(repeating: 0, count: max(0, 6 - numbers.count))
        let date = calendar.date(
            from: DateComponents(
                year: parts[0],
                month: parts[1],
                day: parts[2],
                hour: parts[3],
                minute: parts[4],
                second: parts[5]
            )
        )
        return date?.addingTimeInterval(fraction)
    }

    /// A date as `datetime.isoformat()` writes it, in local time and without an offset.
    static func text(of date: Date) -> String {
        let micros = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let seconds = (micros / 1_000_000).rounded(.down)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: seconds)
        )
        func padded(_ number: Int?, _ width: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let day = "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
        let time = "\(padded(parts.hour, 2)):\(padded(parts.minute, 2)):\(padded(parts.second, 2))"
        return "\(day)T\(time).\(padded(Int(micros - seconds * 1_000_000), 6))"
    }

    private static func seconds(ofZone sign: Character, _ text: Substring) -> Int? {
        if sign == "Z" { return 0 }
        let digits = text.filter(\.isNumber)
        guard sign == "+" || sign == "-", digits.count >= 4, let hours = Int(digits.prefix(2)),
            let minutes = Int(digits.dropFirst(2).prefix(2))
        else { return nil }
        return (hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1)
    }

    /// The exception at the end of a block's stderr. `rlms` appends it as `\nKind: message` without a line end, which
    /// tells it from what the code itself printed.
    static func exception(endOf stderr: String) -> Failure? {
        guard !stderr.isEmpty, !stderr.hasSuffix("\n") else { return nil }
        let lines = stderr.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 1 else { return nil }
        func failure(_ index: Int, _ colon: Substring.Index) -> Failure {
            let line = lines[index]
            let message = ([line[line.index(after: colon)...].drop { $0 == " " }] + lines[(index + 1)...])
            // A traceback names the module too.
            let kind = line[..<colon].split(separator: ".").last ?? ""
            return Failure(kind: String(kind), message: message.joined(separator: "\n"))
        }
        for (index, line) in lines.enumerated().reversed().prefix(200) where index > 0 {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let kind = line[..<colon]
            guard isName(kind), endings.contains(where: { kind.hasSuffix($0) }) else { continue }
            return failure(index, colon)
        }
        // Exceptions of other names show by the traceback before them, whose lines are indented.
        guard let traceback = lines.lastIndex(where: { $0 == "Traceback (most recent call last):" }),
            let index = lines[(traceback + 1)...].firstIndex(where: { !$0.hasPrefix(" ") }),
            let colon = lines[index].firstIndex(of: ":"), isName(lines[index][..<colon])
        else { return nil }
        return failure(index, colon)
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    }

    private static let endings = [
        "Error", "Exception", "Exit", "Interrupt", "Iteration", "Warning", "Exhausted", "LimitReached",
    ]

    /// The text that a `repr` of a `str` shows, which may be cut off at its end.
    static func unquoted(_ repr: String) -> String {
        guard let quote = repr.first, quote == "'" || quote == "\"" else { return repr }
        var text = ""
        var rest = repr.dropFirst()
        if rest.last == quote { rest.removeLast() }
        while let character = rest.popFirst() {
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            case "\\": text.append("\\")
            case "'": text.append("'")
            case "\"": text.append("\"")
            case let other?: text += "\\\(other)"
            case nil: break
            }
        }
        return text
    }

    /// An URL without user, password and query; nil where it cannot be told apart.
    static func withoutSecrets(_ url: String) -> String? {
        guard var parts = URLComponents(string: url), parts.scheme != nil else { return nil }
        parts.user = nil
        parts.password = nil
        parts.query = nil
        parts.fragment = nil
        return parts.string
    }
}
