/// A question as the offline model understands it: what kind of work it asks for, and the words to look for.
struct Question: Hashable {
    enum Kind { case finding, counting, summarising }

    /// What the things counted have in common.
    enum Target: Hashable {
        /// A label, field or tag that is exactly this.
        case label(String)
        /// A word that they hold.
        case word(String)
        /// Each occurrence of a word counts.
        case occurrences(String)
    }

    let text: String
    /// Stems of the telling words, in order.
    let words: [String]
    let kind: Kind
    /// Nil where everything is to be counted by its label.
    let target: Target?

    init(_ text: String) {
        let short = String(text.prefix(2000)).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        self.text = short
        words = Words.telling(in: short)
        kind = Self.kind(short)
        target = kind == .counting ? Self.target(short) : nil
    }

    /// What to search a text for: pairs of neighbouring words first, since they are rarest, then the words.
    var terms: [String] {
        var seen: Set<String> = []
        let plain = Words.all(in: text)
        let pairs = zip(plain, plain.dropFirst())
            .filter { !Words.common.contains($0) && !Words.common.contains($1) }
            .map { "\($0) \($1)" }
        return (sentenceStarts + pairs + words).filter { seen.insert($0).inserted }
    }

    /// How an answer would begin: `What is the vault code?` is answered by `The vault code is`.
    private var sentenceStarts: [String] {
        let asked =
            /^(?:what|who|where|when|which)(?: (is|are|was|were)|'s) (?:the |an? )?(.{3,60}?)[?.! ]*$/.ignoresCase()
        guard let found = text.firstMatch(of: asked) else { return [] }
        let subject = found.2.lowercased()
        return ["\(subject) \(found.1?.lowercased() ?? "is")", "\(subject):", "\(subject) ="]
    }

    /// Whether the commonest or the rarest label is asked for, rather than all.
    var asksForMost: Bool { text.contains(/\b(most|commonest|highest|largest)\b/.ignoresCase()) }
    var asksForLeast: Bool { text.contains(/\b(least|rarest|lowest|fewest)\b/.ignoresCase()) }

    private static func kind(_ text: String) -> Kind {
        let counted =
            /\b(how many (?:\S+ ){0,3}?(?:lines?|rows?|records?|entries|messages?|e?mails?|items?|tickets?|reviews?|questions?|files?|times|labels?|words?|paragraphs?|documents?|logs?|events?|requests?|errors?|warnings?)\b|how often|count (?:of|the|all|how|per|by|lines|every|each)|number of (?:\S+ )?(?:lines|rows|records|entries|messages|e?mails|items|tickets|reviews|files|occurrences|times)|(?:per|by|for each|of each|each) (?:label|category|class|tag|topic|type|status)|tally|frequency|distribution|(?:most|least) (?:common|frequent)|(?:how many|which) \S+ .*(?:labell?ed|tagged|marked|flagged|classified))\b/
            .ignoresCase()
        if text.contains(counted) { return .counting }
        let summarised =
            /\b(summari[sz]e|summary|overview|gist|outline|main (?:points?|ideas?|topics?|themes?))\b|\bwhat (?:is|are|was|were) .*\babout\b|\bdescribe the (?:context|text|document|book|report|files?)\b/
            .ignoresCase()
        return text.contains(summarised) ? .summarising : .finding
    }

    private static func target(_ text: String) -> Target? {
        let quoted = text.firstMatch(of: /["“'`‘]([^"”'`’]{1,60})["”'`’]/).map { String($0.1) }
        let labelled = /\b(?:labell?ed|marked|tagged|classified|categori[sz]ed|flagged)\b(?: (?:as|with|by|under))?/
            .ignoresCase()
        if text.contains(/\b(?:times|occurrences?|how often)\b/.ignoresCase()) {
            if let quoted { return .occurrences(quoted) }
            let word =
                /\b(?:times|occurrences|often) (?:of|does|do|is|are|was|did)? ?(?:the )?(?:words? )?(?:of )?([\p{L}\p{N}_-]+)/
                .ignoresCase()
            if let found = text.firstMatch(of: word) { return .occurrences(String(found.1)) }
        }
        if text.contains(labelled) {
            if let quoted { return .label(quoted) }
            let word =
                /\b(?:labell?ed|marked|tagged|classified|categori[sz]ed|flagged)(?: (?:as|with|by|under))? (?:an? )?([\p{L}\p{N}_-]+)/
                .ignoresCase()
            if let found = text.firstMatch(of: word), !Words.common.contains(found.1.lowercased()) {
                return .label(String(found.1))
            }
        }
        let named =
            /\b(?:label|category|class|tag|status|type)(?: is| of|:|=)? ?["“'`]?([\p{L}\p{N}_-]+)/
            .ignoresCase()
        if let found = text.firstMatch(of: named), !Words.common.contains(found.1.lowercased()),
            !text.contains(/\b(?:per|by|each|which) (?:label|category|class|tag|status|type)/.ignoresCase())
        {
            return .label(String(found.1))
        }
        if let quoted { return .word(quoted) }
        let holding =
            /\b(?:contain|contains|containing|mention|mentions|mentioning|hold|holds|holding|include|includes|including)(?: the)?(?: words?)? ([\p{L}\p{N}_-]+)/
            .ignoresCase()
        if let found = text.firstMatch(of: holding) { return .word(String(found.1)) }
        let before =
            /\bhow many (?:of the )?([\p{L}\p{N}_-]+) (?:lines?|rows?|records?|entries|messages?|e?mails?|items?|tickets?|reviews?|events?|logs?|requests?)\b/
            .ignoresCase()
        if let found = text.firstMatch(of: before), !Words.common.contains(found.1.lowercased()) {
            return .label(String(found.1))
        }
        return nil
    }
}
