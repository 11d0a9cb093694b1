/// Words as the offline model sees them: lower case, stems, the common ones left out.
enum Words {
    /// Words that tell nothing of what a question is about.
    static let common: Set<String> = Set(
        """
        a about above after all am an and any are as at be been before being below between both but by can could did \
        do does doing down during each every few find for from further give had has have having he her here hers him \
        his how i if in into is it its itself just know least list made make many may me might more most much must my \
        name no nor not of off often on once one only or other our out over own please said same say says see shall \
        she should show so some state such tell text than that the their them then there these they this those through \
        to too under until up us use used very was we were what when where which while who whom whose why will with \
        would you your answer question context according given
        """.split(separator: " ").map(String.init)
    )

    /// The words of a text in order, in lower case: runs of letters and digits. Scripts written without blanks
    /// give pairs of characters.
    static func all(in text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var last: Unicode.Scalar?
        func end() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in text.lowercased().unicodeScalars {
            if isUnspaced(scalar) {
                end()
                if let last { words.append(String(String.UnicodeScalarView([last, scalar]))) }
                last = scalar
                continue
            }
            last = nil
            if isWordPart(scalar) { word.append(scalar) } else { end() }
        }
        end()
        return words
    }

    /// What is searched for: the words that are not common, as stems, each once, in order.
    static func telling(in text: some StringProtocol) -> [String] {
        var seen: Set<String> = []
        return all(in: text).filter { !common.contains($0) }.map(stem).filter { seen.insert($0).inserted }
    }

    /// A word without its commonest English endings, so that `codes` is found by `code`. Always a beginning of the
    /// word, which lets stems be searched for as they are.
    static func stem(_ word: String) -> String {
        for ending in ["ies", "ing", "ed", "es", "s"] where word.hasSuffix(ending) {
            let rest = String(word.dropLast(ending.count))
            guard rest.count >= 3, ending != "s" || !rest.hasSuffix("s") else { continue }
            // `es` belongs to the ending only after a hiss: boxes, but codes.
            if ending == "es", !["s", "x", "z", "ch", "sh"].contains(where: rest.hasSuffix) { continue }
            return rest
        }
        return word
    }

    /// Whether a word of a text is the one that a stem stands for.
    static func matches(_ word: String, stem: String) -> Bool {
        word == stem || (word.hasPrefix(stem) && word.utf8.count <= stem.utf8.count + 4 && Words.stem(word) == stem)
            || (word.hasPrefix(stem) && word.utf8.count <= stem.utf8.count + 1 && stem.utf8.count >= 4)
    }

    private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || scalar.properties.generalCategory == .nonspacingMark
    }

    /// Han, Hiragana, Katakana and Hangul.
    private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x3040 else { return false }
        switch scalar.value {
        case 0x3040...0x30ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7af, 0x20000...0x2fa1f: return true
        default: return false
        }
    }
}
