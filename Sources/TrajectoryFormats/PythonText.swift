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
        for (index, line) in lines.enumerated().reversed().prefix(200) where index > 0 {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let kind = line[..<colon]
            let isName = kind.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            guard isName, endings.contains(where: { kind.hasSuffix($0) }) else { continue }
            let message = ([line[line.index(after: colon)...].drop { $0 == " " }] + lines[(index + 1)...])
            return Failure(kind: String(kind), message: message.joined(separator: "\n"))
        }
        return nil
    }

    private static let endings = ["Error", "Exception", "Exit", "Interrupt", "Iteration", "Warning", "Exhausted"]

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
