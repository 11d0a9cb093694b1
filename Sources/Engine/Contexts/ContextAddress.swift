import Foundation

/// URLs as they may be shown and kept. A query is as likely a key as a user name's password is, so nothing stays but
/// scheme, host and path.
package enum ContextAddress {
    /// `https://me:pw@host:80/path?key=1#x` as `https://host:80/path`. What is no URL, such as a path, stays as it is; what
    /// was meant for one and is none loses the same parts.
    package static func shown(_ source: String) -> String {
        guard let end = endOfScheme(in: source) else { return isQuery(source) ? withoutQuery(source) : source }
        let scheme = source[..<end]
        let rest = withoutQuery(String(source[end...]))
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "\\" } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        // A slash in a password ends the authority too early: then what stands there is no host.
        guard isHost(host) else { return "\(scheme)…" }
        return "\(scheme)\(host)\(rest[authorityEnd...])"
    }

    /// A message about a URL, such as the transport's, with nothing in it that `shown` takes away.
    package static func withoutSecrets(of source: String, in text: String) -> String {
        let shown = shown(source)
        guard shown != source else { return text }
        var result = text.replacing(source, with: shown)
        var secrets: [Substring] = []
        if let start = source.firstIndex(where: { $0 == "?" || $0 == "#" }) {
            let tail = source[source.index(after: start)...]
            secrets.append(tail)
            secrets += tail.split { "?#&;".contains($0) }
            secrets += tail.split { "?#&;=".contains($0) }
        }
        if let end = endOfScheme(in: source) {
            let authority = source[end...].prefix { !"/?#".contains($0) }
            if let at = authority.lastIndex(of: "@") {
                secrets.append(authority[..<at])
                secrets += authority[..<at].split(separator: ":")
            }
        }
        // The longest first, and none so short that it is part of any word.
        for secret in secrets.sorted(by: { $0.count > $1.count }) where secret.count >= 4 {
            result = result.replacing(secret, with: "…")
        }
        return result
    }

    /// Whether somebody meant a URL, well formed or not.
    static func isURL(_ source: String) -> Bool { endOfScheme(in: source) != nil }

    /// After `scheme:` and its slashes.
    private static func endOfScheme(in source: String) -> String.Index? {
        if let colon = source.range(of: "://") { return colon.upperBound }
        // One slash too few, or an address typed with a space before it.
        guard let found = source.prefixMatch(of: /\s*[A-Za-z][A-Za-z0-9+.\-]+:\//) else { return nil }
        return found.range.upperBound
    }

    /// Whether a text without a scheme looks like an address with a query all the same: `host/path?key=value`.
    private static func isQuery(_ source: String) -> Bool { source.contains(/\?[^\/?=]+=/) }

    private static func withoutQuery(_ text: String) -> String { String(text.prefix { $0 != "?" && $0 != "#" }) }

    private static func isHost(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let isBracketed = text.hasPrefix("[") && text.contains("]")
        let port = isBracketed ? text.suffix(from: text.lastIndex(of: "]") ?? text.startIndex).dropFirst() : nil
        if let port { return port.isEmpty || (port.hasPrefix(":") && port.dropFirst().allSatisfy(\.isNumber)) }
        guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return false }
        return parts.dropFirst().allSatisfy { $0.allSatisfy(\.isNumber) }
            && name.allSatisfy { $0.isLetter || $0.isNumber || ".-_%".contains($0) }
    }
}
