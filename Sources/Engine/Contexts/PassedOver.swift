import Trajectory

/// What of a folder or pattern did not become part of a context, and why.
struct PassedOver {
    enum Reason: Int, CaseIterable {
        case notUTF8, utf16, binary, unreadable, tooLarge, circle, brokenLink, link, pipe, socket, device, folder, empty
        case hidden

        /// As it follows a number: `2 binary`.
        func words(_ count: Int) -> String {
            switch self {
            case .notUTF8: "not UTF-8"
            case .utf16: "UTF-16"
            case .binary: "binary"
            case .unreadable: "unreadable"
            case .tooLarge: "over \(ContextLoader.largestPart >> 20) MB"
            case .circle: count == 1 ? "link in a circle" : "links in a circle"
            case .brokenLink: count == 1 ? "link to nothing" : "links to nothing"
            case .link: count == 1 ? "link, not followed" : "links, not followed"
            case .pipe: count == 1 ? "FIFO" : "FIFOs"
            case .socket: count == 1 ? "socket" : "sockets"
            case .device: count == 1 ? "device" : "devices"
            case .folder: count == 1 ? "folder" : "folders"
            case .empty: "empty"
            case .hidden: "hidden"
            }
        }

        init(_ problem: TextProblem) {
            switch problem {
            case .empty: self = .empty
            case .binary: self = .binary
            case .utf16: self = .utf16
            case .notUTF8: self = .notUTF8
            }
        }
    }

    /// Names of a reason that are written; the others are counted.
    private static let namesWritten = 40

    private var names: [Reason: [String]] = [:]
    private(set) var count = 0

    mutating func add(_ name: String, _ reason: Reason) {
        names[reason, default: []].append(name)
        count += 1
    }

    func count(of reason: Reason) -> Int { names[reason]?.count ?? 0 }

    /// One line with everything: `3 passed over in notes: 1 not UTF-8 (a.txt), 2 binary (b.png, c.png)`; nil for
    /// nothing.
    func line(of source: String) -> String? {
        guard count > 0 else { return nil }
        let groups = Reason.allCases.compactMap { reason -> String? in
            guard let names = names[reason]?.sorted() else { return nil }
            var shown = names.prefix(Self.namesWritten).map(ShownName.plain)
            if names.count > shown.count { shown.append("and \((names.count - shown.count).grouped) more") }
            return "\(names.count.grouped) \(reason.words(names.count)) (\(shown.joined(separator: ", ")))"
        }
        return "\(count.grouped) passed over in \(ShownName.plain(source)): \(groups.joined(separator: ", "))"
    }
}

/// Names of files and addresses as one line can hold them.
enum ShownName {
    /// The same name; where it has line ends, escape sequences or other marks that a terminal may obey, those are
    /// written as Swift writes them in a string.
    static func plain(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                result += scalar.escaped(asASCII: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A file's name from its bytes, which need not be UTF-8: what is not is written as Python writes it, `\xe9`, so
    /// that no two names become one.
    static func text(of bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var result = ""
        var rest = bytes[...]
        while let first = rest.first {
            let length = (1...4).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
            if let length, let text = String(validating: rest.prefix(length), as: UTF8.self) {
                result += text
                rest = rest.dropFirst(length)
            } else {
                result += "\\x" + first.hexadecimal(digits: 2)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
