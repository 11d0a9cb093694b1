import Foundation

/// Where a provider answers: a base URL such as `http://127.0.0.1:8000/v1`.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// Without a slash at the end; may hold a user and password, so it is for sending only.
    let base: String
    /// For people: without user and password.
    package let description: String

    /// Nil unless the text is an http or https URL with a host.
    package init?(_ text: String) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard var parts = URLComponents(string: trimmed), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
        else { return nil }
        parts.scheme = scheme
        parts.query = nil
        parts.fragment = nil
        while parts.path.hasSuffix("/") { parts.path.removeLast() }
        guard let base = parts.string else { return nil }
        parts.user = nil
        parts.password = nil
        self.base = base
        description = parts.string ?? "\(scheme)://\(host)"
    }

    package var customMirror: Mirror { Mirror(self, children: []) }

    /// What of the URL must not be shown.
    var secrets: [String] {
        let parts = URLComponents(string: base)
        return [parts?.password, parts?.percentEncodedPassword, parts?.user].compactMap(\.self)
    }

    func url(_ path: String) -> String { base + path }

    package var isLoopback: Bool { Self.isLoopback(base) }

    /// Whether a URL's host is this machine.
    static func isLoopback(_ url: String) -> Bool {
        guard let start = url.range(of: "://")?.upperBound else { return false }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if host.hasPrefix("[::1]") { return true }
        let name = host.prefix { $0 != ":" }.lowercased()
        if name == "localhost" { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
