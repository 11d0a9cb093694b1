/// The signs the screens are made of, each one column wide, with ASCII twins for terminals and fonts that lack them.
///
/// Views may draw the Unicode ones always: `Surface.text()`, `ansi` and the screens put the twin of `twins` in place
/// where a palette's set is ASCII.
package struct GlyphSet: Hashable, Sendable {
    /// Whether nothing but ASCII may be sent.
    package var isASCII: Bool

    // Status.
    package var queued: String
    package var running: String
    package var held: String
    package var succeeded: String
    package var failed: String
    package var cancelled: String
    package var limited: String
    // Origin; a live one has none.
    package var ahead: String
    package var recorded: String
    package var edited: String
    package var imported: String
    // Freshness; a fresh one has none.
    package var stale: String
    package var diverged: String
    // The frame.
    package var horizontal: String
    package var vertical: String
    package var teeRight: String
    package var teeLeft: String
    package var teeDown: String
    package var teeUp: String
    package var cross: String
    package var cursor: String
    package var expanded: String
    package var collapsed: String
    package var ellipsis: String
    package var pathSeparator: String
    package var arrow: String
    package var enter: String
    package var pause: String
    package var bullet: String
    package var dash: String
    // Meters: the ends, and a column filled from one eighth to whole.
    package var meterLeft: String
    package var meterRight: String
    package var meterSteps: [String]
    // The context map: from unread to read many times.
    package var shades: [String]
    // Sparklines: from an eighth of the height to all of it.
    package var bars: [String]

    package static let unicode = GlyphSet(
        isASCII: false,
        queued: "○",
        running: "●",
        held: "◆",
        succeeded: "✓",
        failed: "✗",
        cancelled: "∅",
        limited: "▲",
        ahead: "»",
        recorded: "=",
        edited: "Δ",
        imported: "▫",
        stale: "≈",
        diverged: "≠",
        horizontal: "─",
        vertical: "│",
        teeRight: "├",
        teeLeft: "┤",
        teeDown: "┬",
        teeUp: "┴",
        cross: "┼",
        cursor: "▌",
        expanded: "▾",
        collapsed: "▸",
        ellipsis: "…",
        pathSeparator: "›",
        arrow: "→",
        enter: "⏎",
        pause: "❚",
        bullet: "•",
        dash: "–",
        meterLeft: "▏",
        meterRight: "▏",
        meterSteps: ["▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
        shades: ["░", "▒", "▓", "█"],
        bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    )

    package static let ascii = GlyphSet(
        isASCII: true,
        queued: "o",
        running: "*",
        held: "H",
        succeeded: "+",
        failed: "x",
        cancelled: "0",
        limited: "!",
        ahead: ">",
        recorded: "=",
        edited: "D",
        imported: "i",
        stale: "~",
        diverged: "#",
        horizontal: "-",
        vertical: "|",
        teeRight: "+",
        teeLeft: "+",
        teeDown: "+",
        teeUp: "+",
        cross: "+",
        cursor: ">",
        expanded: "v",
        collapsed: ">",
        ellipsis: "~",
        pathSeparator: ">",
        arrow: ">",
        enter: "<",
        pause: "|",
        bullet: "*",
        dash: "-",
        meterLeft: "[",
        meterRight: "]",
        meterSteps: [".", ".", ":", ":", "-", "-", "=", "#"],
        shades: [".", ":", "+", "#"],
        bars: [".", ".", ":", ":", "-", "=", "+", "#"]
    )

    /// The single glyphs by the names themes give them.
    package static let named: [(name: String, path: any WritableKeyPath<GlyphSet, String> & Sendable)] = [
        ("queued", \.queued), ("running", \.running), ("held", \.held), ("succeeded", \.succeeded),
        ("failed", \.failed), ("cancelled", \.cancelled), ("limited", \.limited), ("ahead", \.ahead),
        ("recorded", \.recorded), ("edited", \.edited), ("imported", \.imported), ("stale", \.stale),
        ("diverged", \.diverged), ("horizontal", \.horizontal), ("vertical", \.vertical), ("tee_right", \.teeRight),
        ("tee_left", \.teeLeft), ("tee_down", \.teeDown), ("tee_up", \.teeUp), ("cross", \.cross),
        ("cursor", \.cursor), ("expanded", \.expanded), ("collapsed", \.collapsed), ("ellipsis", \.ellipsis),
        ("path_separator", \.pathSeparator), ("arrow", \.arrow), ("enter", \.enter), ("pause", \.pause),
        ("bullet", \.bullet), ("dash", \.dash), ("meter_left", \.meterLeft), ("meter_right", \.meterRight),
    ]

    /// The glyphs that come in rows, by the names themes give them. The number of each is fixed.
    package static let namedRows: [(name: String, path: any WritableKeyPath<GlyphSet, [String]> & Sendable)] = [
        ("meter_steps", \.meterSteps), ("shades", \.shades), ("bars", \.bars),
    ]

    /// The ASCII character drawn in place of a scalar: the twin of a glyph, a plain look-alike, otherwise `?`.
    package static func twin(of scalar: Unicode.Scalar) -> Character {
        scalar.isASCII ? Character(scalar) : twins[scalar.value] ?? "?"
    }

    private static let twins: [UInt32: Character] = {
        var twins: [UInt32: Character] = [:]
        func pair(_ glyph: String, _ twin: String) {
            if let scalar = glyph.unicodeScalars.first, let character = twin.first { twins[scalar.value] = character }
        }
        for (glyph, twin) in zip(["“", "”", "‘", "’", "—", "·", "¢", "×"], ["\"", "\"", "'", "'", "-", ".", "c", "x"]) {
            pair(glyph, twin)
        }
        for (_, path) in namedRows {
            for (glyph, twin) in zip(unicode[keyPath: path], ascii[keyPath: path]) { pair(glyph, twin) }
        }
        for (_, path) in named where unicode[keyPath: path] != unicode.meterLeft {
            pair(unicode[keyPath: path], ascii[keyPath: path])
        }
        twins[0x258F] = "|"
        return twins
    }()
}
