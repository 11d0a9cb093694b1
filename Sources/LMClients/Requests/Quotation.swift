import Foundation

/// Text from a server, made fit to be quoted in an error: on one line, without keys and control characters, short.
struct Quotation {
    /// Secrets that must not show, longest first.
    private let secrets: [String]
    static let limit = 300

    init(secrets: [String]) {
        self.secrets = secrets.filter { $0.count >= 4 }.sorted { $0.count > $1.count }
    }

    func callAsFunction(_ text: String) -> String {
        // What is cut off in the end need not be searched, as long as no secret is cut in two before it is found.
        var clean = String(text.prefix(20_000))
        for secret in secrets { clean = clean.replacingOccurrences(of: secret, with: "[key]") }
        clean = clean.replacingOccurrences(
            of: #"(?i)(\bsk-|\bbearer\s+)[A-Za-z0-9_\-\.\*]{6,}"#,
            with: "[key]",
            options: .regularExpression
        )
        let words = clean.unicodeScalars
            .map { Self.isControl($0) ? " " : Character($0) }
            .split(separator: " ").map { String($0) }
        let line = words.joined(separator: " ")
        return line.count > Self.limit ? line.prefix(Self.limit - 1) + "…" : line
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
        default: false
        }
    }
}
