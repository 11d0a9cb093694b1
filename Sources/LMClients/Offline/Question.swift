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
        kind =
            QuestionPatterns.counting.contains { $0.matches(short) }
            ? .counting : QuestionPatterns.summarising.matches(short) ? .summarising : .finding
        target = kind == .counting ? Self.target(short) : nil
    }

    /// What to search a text for: first how an answer would begin, then pairs of neighbouring words, both rare,
    /// then the words.
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
        guard let found = QuestionPatterns.whatIs.first(in: text) else { return [] }
        let subject = found[1].lowercased()
        return ["\(subject) \(found.groups[0]?.lowercased() ?? "is")", "\(subject):", "\(subject) ="]
    }

    /// Whether the commonest or the rarest label is asked for, rather than all.
    var asksForMost: Bool { QuestionPatterns.most.matches(text) }
    var asksForLeast: Bool { QuestionPatterns.least.matches(text) }
    /// Whether an answer would hold a number, or a name.
    var asksForNumber: Bool { QuestionPatterns.number.matches(text) }
    var asksForName: Bool { QuestionPatterns.name.matches(text) }

    private static func target(_ text: String) -> Target? {
        let quoted = QuestionPatterns.quoted.first(in: text)?[0]
        if QuestionPatterns.occurrences.matches(text) {
            if let quoted { return .occurrences(quoted) }
            if let word = QuestionPatterns.occurringWord.first(in: text)?[0] { return .occurrences(word) }
        }
        if QuestionPatterns.labelled.matches(text) {
            if let quoted { return .label(quoted) }
            if let word = telling(QuestionPatterns.labelledWord.first(in: text)) { return .label(word) }
        }
        if !QuestionPatterns.perLabel.matches(text), let word = telling(QuestionPatterns.namedLabel.first(in: text)) {
            return .label(word)
        }
        if let quoted { return .word(quoted) }
        if let word = QuestionPatterns.heldWord.first(in: text)?[0] { return .word(word) }
        return telling(QuestionPatterns.wordBeforeUnit.first(in: text)).map { .label($0) }
    }

    private static func telling(_ match: Pattern.Match?) -> String? {
        match.flatMap { Words.common.contains($0[0].lowercased()) ? nil : $0[0] }
    }
}

/// How questions are worded. English only.
enum QuestionPatterns {
    private static let units =
        "(?:lines?|rows?|records?|entries|messages?|e?mails?|items?|tickets?|reviews?|files?|words?|paragraphs?"
        + "|documents?|logs?|events?|requests?|errors?|warnings?|labels?|questions?|times|occurrences?)"
    private static let labelling = "(?:labell?ed|marked|tagged|classified|categori[sz]ed|flagged)"
    private static let labels = "(?:label|category|class|tag|topic|type|status)"
    private static let word = #"([\p{L}\p{N}_-]+)"#

    static let counting = [
        Pattern(#"\bhow many (?:\S+ ){0,3}?\#(units)\b"#),
        Pattern(#"\b(?:how many|which) \S+ .*\#(labelling)\b"#),
        Pattern(#"\bhow often\b|\b(?:tally|frequency|distribution)\b|\b(?:most|least) (?:common|frequent)\b"#),
        Pattern(#"\bcount (?:of|the|all|how|per|by|every|each|lines)\b"#),
        Pattern(#"\bnumber of (?:\S+ )?\#(units)\b"#),
        Pattern(#"\b(?:per|by|for each|of each|each) \#(labels)\b"#),
    ]
    static let summarising = Pattern(
        #"\b(?:summari[sz]e|summary|overview|gist|outline|main (?:points?|ideas?|topics?|themes?))\b"#
            + #"|\bwhat (?:is|are|was|were) .*\babout\b"#
            + #"|\bdescribe the (?:context|text|document|book|report|files?)\b"#
    )
    static let whatIs = Pattern(
        #"^(?:what|who|where|when|which)(?: (is|are|was|were)|'s) (?:the |an? )?(.{3,60}?)[?.! ]*$"#
    )
    static let most = Pattern(#"\b(?:most|commonest|highest|largest)\b"#)
    static let least = Pattern(#"\b(?:least|rarest|lowest|fewest)\b"#)
    static let number = Pattern(
        #"\b(?:when|what (?:date|year|day|time)|how (?:much|many|old|long|far|tall|big)|number|code|price|cost|revenue"#
            + #"|amount|percent|total|password|pin|key|phone|version|id|port|age|size|rate)\b"#
    )
    static let name = Pattern(
        #"\b(?:who|whose|whom|where|which (?:city|country|person|place|town|company))\b"#
    )

    static let quoted = Pattern(#"["“'`‘]([^"”'`’]{1,60})["”'`’]"#)
    static let occurrences = Pattern(#"\b(?:times|occurrences?|how often)\b"#)
    static let occurringWord = Pattern(
        #"\b(?:times|occurrences|often) (?:(?:of|does|do|is|are|was|did) )?(?:the )?(?:words? )?(?:of )?\#(word)"#
    )
    static let labelled = Pattern(#"\b\#(labelling)\b"#)
    static let labelledWord = Pattern(#"\b\#(labelling)(?: (?:as|with|by|under))? (?:an? )?\#(word)"#)
    static let namedLabel = Pattern(#"\b\#(labels)(?: is| of|:|=)? ?["“'`]?\#(word)"#)
    static let perLabel = Pattern(#"\b(?:per|by|each|which) \#(labels)"#)
    static let heldWord = Pattern(
        #"\b(?:contain|contains|containing|mention|mentions|mentioning|hold|holds|holding|include|includes|including)"#
            + #"(?: the)?(?: words?)? \#(word)"#
    )
    static let wordBeforeUnit = Pattern(#"\bhow many (?:of the )?\#(word) \#(units)\b"#)
}
