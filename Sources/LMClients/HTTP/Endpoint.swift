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
        if host.hasPrefix("[") { return isLoopback(address6: String(host.dropFirst().prefix { $0 != "]" })) }
        var name = host.prefix { $0 != ":" }.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" || name.hasSuffix(".localhost") { return true }
        // As the system reads it: 127.1 is an address, too. 0.0.0.0 leads to this machine.
        var address = in_addr()
        guard inet_aton(name, &address) != 0 else { return false }
        let number = UInt32(bigEndian: address.s_addr)
        return number >> 24 == 127 || number == 0
    }

    private static func isLoopback(address6 text: String) -> Bool {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return false }
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        // An address of version 4, written as one of version 6.
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]) { return bytes[12] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] <= 1
    }
}
