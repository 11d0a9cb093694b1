import Trajectory

/// What a server refused, by its status and its words.
extension FaultWording {
    func fault(status: Int, error: ReportedError?, isHTML: Bool, words: String?) -> CompletionError {
        let said = words.map { ". It said: \(quote($0))" } ?? ""
        let code = error?.code ?? error?.type
        if !isHTML || status == 413, (400..<502).contains(status), ![401, 402, 403, 429].contains(status),
            let overflow = ContextOverflow(error ?? ReportedError(message: words), status: status, text: words ?? "")
        {
            return self.overflow(overflow, status: status, said: said)
        }
        if !isHTML, let words, let unknown,
            let word = unknown.word(in: error ?? ReportedError(message: words), status: status, text: words)
        {
            var fault = self.fault(
                .refused, .none, "\(provider) does not take \(Self.inWords(word)) (\(status))\(said)")
            fault.httpStatus = status
            fault.unknownPart = word
            return fault
        }
        let htmlHint = isHTML ? ". It answered HTML, not JSON: is the base URL right? it usually ends in /v1" : ""
        let tail = said + htmlHint
        var fault: CompletionError
        switch status {
        case 401, 403:
            let word = keyVariable ?? "its key"
            fault = self.fault(
                .unauthorized,
                .none,
                hasKey
                    ? "\(provider) does not accept the key (\(status)): check \(word)\(tail)"
                    : "\(provider) wants a key (\(status)): set \(word), or use --model offline/lexical\(tail)"
            )
        case 404 where model.isEmpty:
            fault = self.fault(.badResponse, .none, "\(endpoint) has no list of models (404): check --base-url\(tail)")
        case 404:
            fault = self.fault(
                .modelNotFound,
                .none,
                "\(endpoint) has no model \"\(quote(model))\" (404): `rlm-tui models` lists what there is; "
                    + "else check --base-url, which usually ends in /v1\(said)"
            )
        case 429 where code == "insufficient_quota":
            fault = self.fault(
                .rateLimited,
                .none,
                "the account at \(provider) has no credit left (429): add some, or use another\(tail)"
            )
        case 429 where Self.neverFits.isIn((words ?? "").lowercased()), 413:
            fault = self.fault(
                .rateLimited,
                .none,
                "\(provider) takes no request as large as this in a minute (\(status)): send less at a time\(tail)"
            )
        case 429:
            fault = self.fault(
                .rateLimited,
                .anotherTry,
                "\(provider) limits the rate of requests (429): wait, or lower --max-concurrent-subcalls\(tail)"
            )
        case 408, 409:
            fault = self.fault(.serverError, .anotherTry, "\(provider) could not take the request (\(status))\(tail)")
        case 500...:
            fault = self.fault(
                .serverError,
                .anotherTry,
                "\(provider) failed (\(status)): try again later\(tail)"
            )
        case 400..<500:
            fault = self.fault(
                .refused,
                .none,
                "\(provider) refused the request (\(status)): check the model's name, the prompt's length "
                    + "and --sampling\(tail)"
            )
        default:
            fault = self.fault(
                .badResponse,
                .none,
                "\(endpoint) answered with status \(status): check --base-url\(tail)"
            )
        }
        fault.httpStatus = status
        if let outputCap, let words, let smaller = OutputCap.smaller(than: outputCap, refusedWith: words) {
            fault.remedy = .adaptedTry
            fault.adaptedOutputTokens = smaller
        }
        return fault
    }

    /// What is said once when a server turns out not to know something.
    func notice(without word: String) -> String {
        "\(provider) at \(endpoint) does not take \(Self.inWords(word)): requests go without from now on"
    }

    private static func inWords(_ word: String) -> String {
        switch word {
        case Omissions.system: "the system role (its text goes into the first message of the user)"
        case Omissions.consecutiveRoles: "messages in a row of one role (they are sent as one)"
        case RequestBody.capNames[0]: "max_tokens (it is sent as max_completion_tokens)"
        case RequestBody.capNames[1]: "max_completion_tokens (it is sent as max_tokens)"
        default: word
        }
    }

    private static let neverFits = WordPattern("request too large|too large for .{1,80}tokens per min")

    private func overflow(_ overflow: ContextOverflow, status: Int, said: String) -> CompletionError {
        let numbers =
            switch (overflow.prompt, overflow.limit) {
            case (let prompt?, let limit?): " (\(prompt) tokens, and it takes \(limit))"
            case (nil, let limit?): " (it takes \(limit) tokens)"
            case (let prompt?, nil): " (\(prompt) tokens)"
            case (nil, nil): ""
            }
        var fault = fault(
            .contextOverflow, .none,
            "the conversation is too long for \(name)\(numbers): send less at a time, or use a model that takes more\(said)"
        )
        fault.httpStatus = status
        fault.limitTokens = overflow.limit
        fault.promptTokens = overflow.prompt
        if let outputCap, let smaller = OutputCap.smaller(than: outputCap, for: overflow) {
            fault.remedy = .adaptedTry
            fault.adaptedOutputTokens = smaller
        }
        return fault
    }
}
