import CNCurses

/// What terminfo and the environment say about a terminal, checked before ncurses takes it.
struct TerminalDescription {
    /// The entry of terminfo to use.
    let name: String
    /// Mouse and bracketed paste on; empty where the terminal knows neither.
    let enteringBytes: [UInt8]
    /// The same off.
    let leavingBytes: [UInt8]
    /// All that gives the terminal back without ncurses.
    let restoration: [UInt8]

    /// Throws `TerminalError`: no `TERM`, an unknown one, or one that cannot move its cursor.
    init(environment: [String: String], output: Int32) throws(TerminalError) {
        guard let term = environment["TERM"], !term.isEmpty else {
            throw TerminalError(
                code: .unknownTerminal,
                message: "TERM is not set, so how to draw on this terminal is unknown: set it, for example "
                    + "TERM=xterm-256color, or run headless"
            )
        }
        guard let name = Self.firstKnown(Self.candidates(term, environment: environment), output: output) else {
            throw TerminalError(
                code: .unknownTerminal,
                message: "the terminal '\(TextCells.sanitise(term))' (TERM) is not in this system's terminfo: "
                    + "set TERM=xterm-256color, or install the terminal's entry"
            )
        }
        guard Self.string("cup") != nil, Self.string("clear") != nil else {
            throw TerminalError(
                code: .dumbTerminal,
                message: "the terminal '\(TextCells.sanitise(term))' (TERM) cannot move its cursor: "
                    + "use another terminal, or run headless"
            )
        }
        self.name = name
        let hasMouse = Self.string("kmous") != nil
        enteringBytes = hasMouse ? Array("\u{1B}[?1002h\u{1B}[?1006h\u{1B}[?2004h".utf8) : []
        leavingBytes = hasMouse ? Array("\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?2004l".utf8) : []
        restoration =
            leavingBytes
            + ["sgr0", "rmkx", "cnorm", "rmcup"].flatMap { Self.string($0).map(Self.withoutPadding) ?? [] }
    }

    /// Where the terminal says that it has all colours, the entry that says so too comes first.
    private static func candidates(_ term: String, environment: [String: String]) -> [String] {
        guard ["truecolor", "24bit"].contains(environment["COLORTERM"] ?? ""), !term.hasSuffix("-direct") else {
            return [term]
        }
        let base = term.hasSuffix("-256color") ? String(term.dropLast("-256color".count)) : term
        return [base + "-direct", term]
    }

    private static func firstKnown(_ names: [String], output: Int32) -> String? {
        for name in names {
            var result: Int32 = 0
            if setupterm(name, output, &result) == OK { return name }
        }
        return nil
    }

    private static func string(_ capability: String) -> String? {
        // -1 stands for a capability that is no string.
        guard let value = tigetstr(capability), Int(bitPattern: value) != -1 else { return nil }
        return String(cString: value)
    }

    /// Without `$<5>`, the pauses that old terminals needed.
    private static func withoutPadding(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.first {
            if rest.starts(with: Array("$<".utf8)), let end = rest.firstIndex(of: UInt8(ascii: ">")) {
                rest = rest[(end + 1)...]
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
