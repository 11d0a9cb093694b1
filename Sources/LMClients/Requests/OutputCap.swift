/// How an output cap that the program chose by itself gives way to a server that has no room for it.
enum OutputCap {
    /// A smaller cap for a conversation that is too long only together with what was asked for as its answer; nil where
    /// the conversation alone is too long.
    static func smaller(than cap: Int, for overflow: ContextOverflow) -> Int? {
        let prompt = overflow.prompt ?? overflow.total.map { $0 - cap }
        guard let limit = overflow.limit, let prompt else {
            // Nobody says how much there is room for.
            return overflow.isAboutOutput && cap > 64 ? cap / 2 : nil
        }
        // Servers count a few tokens more than they say.
        let room = limit - prompt - 16
        return room >= 16 && room < cap ? room : nil
    }

    /// A smaller cap where a server says what the model can answer with at most.
    static func smaller(than cap: Int, refusedWith text: String) -> Int? {
        let words = text.lowercased()
        guard mention.isIn(words), let most = most.number(in: words), most > 0, most < cap else { return nil }
        return most
    }

    private static let mention = WordPattern("max_tokens|max_completion_tokens|completion tokens|output tokens")
    private static let most = WordPattern(
        #"(?:at most|less than or equal to|<=|no more than|up to|maximum (?:value )?(?:of|is|for)|between \d+ and|exceeds? (?:the )?(?:maximum|limit)(?: of)?|> )[^\d]{0,40}?(\d[\d,_]*)"#
    )
}
