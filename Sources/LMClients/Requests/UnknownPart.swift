import Foundation

/// Finds in a refusal what of the request the server does not know, so that it can be asked again without it.
struct UnknownPart {
    /// What the request had and may go without: parameters by name, and the words of `Omissions`.
    let sent: Set<String>
    /// A name that says nothing about parameters, whatever is in it.
    let model: String

    /// The word for what is to be left out; nil where the refusal is about something else.
    func word(in error: ReportedError, status: Int, text: String) -> String? {
        guard [400, 404, 405, 415, 422, 500, 501].contains(status) else { return nil }
        for detail in error.details {
            guard Self.unknown.isIn("\(detail.type) \(detail.text)".lowercased()) || detail.place.contains("role")
            else {
                continue
            }
            if let name = detail.place.last(where: { sent.contains($0) }) { return name }
        }
        let words = text.lowercased().replacingOccurrences(of: model.lowercased(), with: " ")
        if let word = roleWord(in: words, parameter: error.parameter) { return word }
        // A server that failed says many things; only the plainest is taken for a word about the request.
        let unknown = status == 500 ? Self.plainlyUnknown : Self.unknown
        guard unknown.isIn(words) || error.code.map({ Self.codes.contains($0.lowercased()) }) ?? false,
            !Self.value.isIn(words)
        else { return blamed(in: words, status: status) }
        if let parameter = error.parameter, sent.contains(parameter) { return parameter }
        return firstNamed(in: words)
    }

    private static let codes: Set<String> = [
        "unsupported_parameter", "unsupported_value", "unknown_parameter", "unrecognized_parameter", "extra_forbidden",
        "unsupported_feature", "not_supported", "not_implemented",
    ]

    private static let unknown = WordPattern(
        [
            #"unsupported|not (?:\w+ )?supported|isn'?t supported|(?:does|do|did)(?: not|n't) (?:\w+ )?(?:support|allow|accept|recognize|recognise|know|take)"#,
            #"unknown|unrecogni[sz]ed|not recogni[sz]ed|unexpected (?:keyword|field|parameter|argument|property|key|input)"#,
            #"not (?:permitted|allowed|accepted|implemented|available|enabled|known)|extra (?:fields?|inputs?|parameters?)|extra_forbidden"#,
            #"additional propert|no such (?:parameter|field|option|argument)|not a (?:valid|known|supported) (?:parameter|field|option|argument|property)"#,
            #"(?:can ?not|can't|must not) be (?:specified|used|set|provided)|disabled|only the default|invalid (?:parameter|field|argument|property) name"#,
            #"unavailable|(?:must|should|has to) be (?:set to )?false|must be verified to|deprecated|only supports? (?:non|the default)"#,
            #"(?:can ?not|can't|must not) both be|(?:can ?not|can't|unable to) stream|may only be set|only .{1,20} is (?:allowed|accepted)"#,
        ].joined(separator: "|"))

    private static let plainlyUnknown = WordPattern(
        #"unsupported|not (?:\w+ )?supported|unrecogni[sz]ed|not implemented|unexpected keyword|extra (?:fields?|inputs?)"#
    )

    /// The server knows the parameter and does not like its value.
    private static let value = WordPattern(
        [
            #"must be (?:between|at least|at most|an? |greater|less|in |one of|>|<|within|positive|non-negative)"#,
            #"out of range|above (?:the )?maximum|below (?:the )?minimum|expected an? (?!.*extra)|should be (?:an? |greater|less|between)"#,
            #"supported values|valid values|allowed values|too (?:large|small|high|low)|is not of type|invalid type"#,
        ].joined(separator: "|"))

    /// What a refusal names in whatever words, where it does not speak of its value and does not only mention streaming.
    private func blamed(in words: String, status: Int) -> String? {
        guard [400, 422].contains(status), !Self.value.isIn(words), !Self.valueLoosely.isIn(words) else { return nil }
        let name = firstNamed(in: words)
        return name == Omissions.stream && !Self.isFalse.isIn(words) ? nil : name
    }

    private static let valueLoosely = WordPattern(
        #"(?:must|should|has to|needs? to) be|expected|invalid value|value error|is invalid|valid (?:number|integer|value)|parse"#
    )
    private static let isFalse = WordPattern(#"(?:must|should|has to) be (?:set to )?false|stream ?= ?false"#)

    // MARK: Roles

    private static let alternating = WordPattern(
        #"alternat|consecutive|in a row|\bexpected (?:last )?role|roles? must (?:be )?(?:follow|interleav)|same role|different roles|(?:be )?followed by (?:an? )?(?:assistant|user)|multiple (?:user|assistant|system) messages"#
    )
    private static let systemMention = WordPattern(
        #"(?:system|developer).{0,3} (?:role|message|prompt|instruction)s?|roles?\b.{0,20}\b(?:system|developer)\b"#)
    private static let otherRolesOnly = WordPattern(
        [
            #"['"`](?:system|developer)['"`].{0,80}role|role.{0,80}['"`](?:system|developer)['"`]"#,
            #"(?:unexpected|unknown|invalid|unsupported|unrecogni[sz]ed) (?:message )?role"#,
            #"only (?:the )?['"`]?user['"`]?(?:,| and| or|/| ,) ?(?:the )?['"`]?(?:assistant|model)"#,
            #"roles?\b.{0,40}(?:must be|should be|one of|in|expected)\b.{0,20}user.{0,20}(?:assistant|model)"#,
            #"roles? other than|(?:no|without an?) (?:system|developer) role|should be ['"`]user['"`]|\brole\b.{0,20}(?:should|must) be.{0,6}user"#,
            #"first message (?:must|should|has to) (?:be )?(?:from|by|the)? ?.{0,6}user"#,
            #"(?:first|start|begin).{0,40}(?:user (?:role|message)|role.{0,4}user)|must (?:start|begin) with.{0,20}user"#,
        ].joined(separator: "|"))

    private func roleWord(in words: String, parameter: String?) -> String? {
        let hasSystem = sent.contains(Omissions.system)
        if Self.alternating.isIn(words) {
            // Templates that know no system role count it as one role too many.
            if sent.contains(Omissions.consecutiveRoles) { return Omissions.consecutiveRoles }
            return hasSystem ? Omissions.system : nil
        }
        let isAboutSystem =
            Self.otherRolesOnly.isIn(words)
            || parameter?.hasSuffix("role") ?? false || Self.systemMention.isIn(words) && Self.unknown.isIn(words)
        return hasSystem && isAboutSystem ? Omissions.system : nil
    }

    // MARK: Parameters

    /// What is named first of what was sent, as a word of its own.
    private func firstNamed(in words: String) -> String? {
        var found: (place: String.Index, length: Int, name: String)?
        for name in sent where name != Omissions.system && name != Omissions.consecutiveRoles {
            for spelling in Self.spellings(of: name) {
                guard let place = Self.place(of: spelling, in: words) else { continue }
                // Of names that begin at the same place the longer one is meant.
                let isBetter =
                    found.map { place < $0.place || place == $0.place && spelling.count > $0.length } ?? true
                if isBetter { found = (place, spelling.count, name) }
            }
        }
        return found?.name
    }

    private static func spellings(of name: String) -> [String] {
        let name = name.lowercased()
        let plain = name.replacingOccurrences(of: "_", with: " ")
        return (name == Omissions.stream ? ["streaming", "streamed", "sse", "server-sent events"] : [])
            + (plain == name ? [name] : [name, plain])
    }

    private static func place(of name: String, in words: String) -> String.Index? {
        var start = words.startIndex
        while let range = words.range(of: name, range: start..<words.endIndex) {
            let before = range.lowerBound > words.startIndex ? words[words.index(before: range.lowerBound)] : " "
            let after = range.upperBound < words.endIndex ? words[range.upperBound] : " "
            if !isPartOfAName(before), !isPartOfAName(after) { return range.lowerBound }
            start = range.upperBound
        }
        return nil
    }

    private static func isPartOfAName(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_-".contains(character)
    }
}
