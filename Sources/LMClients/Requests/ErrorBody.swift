import Foundation

/// The body of an answer that is an error, in the shapes that servers give it.
struct ErrorBody {
    private(set) var error: ReportedError

    private struct Shape: Decodable {
        var error: ReportedError?
        var own: ReportedError?

        private enum CodingKeys: String, CodingKey { case error }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            error = fields.lenient(ReportedError.self, .error)
            own = try? ReportedError(from: decoder)
        }
    }

    /// Nil where the body is not JSON or says nothing.
    init?(_ body: [UInt8]) {
        let data = Data(body)
        let decoder = JSONDecoder()
        // Some wrap the object in a list.
        guard
            let shape = (try? decoder.decode(Shape.self, from: data))
                ?? (try? decoder.decode([Shape].self, from: data))?.first
        else { return nil }
        guard var error = shape.error ?? shape.own else { return nil }
        // Some have only a title in `error` and say more beside it.
        if let own = shape.own, shape.error != nil {
            if let more = own.message, more != error.message {
                error.message = error.message.map { "\($0): \(more)" } ?? more
            }
            error.details += own.details
        }
        guard error.message != nil || error.code != nil || !error.details.isEmpty else { return nil }
        if error.message == nil { error.message = error.details.first?.text }
        self.error = error
    }

    /// The body as it is, for servers that answer in prose; nil where it is empty.
    static func plainText(_ body: [UInt8]) -> String? {
        let text = String(decoding: body.prefix(20_000), as: UTF8.self)
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }
}

/// An error as servers word it: an object with a message, or a plain string.
struct ReportedError: Decodable {
    var message: String?
    var code: String?
    var type: String?
    /// What of the request it is about, such as `seed` or `messages[0].role`.
    var parameter: String?
    /// Some put the HTTP status here, in a stream that began with 200.
    var status: Int?
    /// Tokens of the prompt and of the model's context, which llama.cpp tells.
    var promptTokens: Int?
    var limitTokens: Int?
    /// Faults of single fields, as pydantic lists them.
    var details: [Detail] = []

    /// `{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"}`.
    struct Detail: Decodable {
        var place: [String]
        var text: String
        var type: String

        private enum CodingKeys: String, CodingKey { case loc, msg, type }

        private struct Step: Decodable {
            var text: String
            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                text = try (try? value.decode(String.self)) ?? String(value.decode(Int.self))
            }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            place = fields.lenient([Step].self, .loc)?.map(\.text) ?? []
            text = try fields.decode(String.self, forKey: .msg)
            type = fields.lenient(String.self, .type) ?? ""
        }
    }

    private enum CodingKeys: String, CodingKey {
        case message, msg, detail, reason, code, type, param, status, metadata
        case description = "error_description"
        case promptTokens = "n_prompt_tokens"
        case limitTokens = "n_ctx"
    }

    init(message: String?) { self.message = message }

    /// OpenRouter puts what the provider behind it said into `metadata.raw`.
    private struct Metadata: Decodable { var raw: String? }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            message = text
            return
        }
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        message =
            fields.lenient(String.self, .message) ?? fields.lenient(String.self, .msg)
            ?? fields.lenient(String.self, .detail) ?? fields.lenient(String.self, .description)
            ?? fields.lenient(String.self, .reason)
        for key in [CodingKeys.detail, .message, .msg] {
            details += fields.lenient([Detail].self, key) ?? []
            // Mistral: {"message": {"detail": [...]}}.
            if let inner = try? fields.nestedContainer(keyedBy: CodingKeys.self, forKey: key) {
                details += inner.lenient([Detail].self, .detail) ?? []
                if message == nil {
                    message = inner.lenient(String.self, .message) ?? inner.lenient(String.self, .detail)
                }
            }
        }
        if message == nil, !details.isEmpty {
            message = details.map { "\($0.place.joined(separator: ".")): \($0.text)" }.joined(separator: "; ")
        }
        if let raw = fields.lenient(Metadata.self, .metadata)?.raw {
            message = message.map { "\($0): \(raw)" } ?? raw
        }
        code = fields.lenient(String.self, .code)
        type = fields.lenient(String.self, .type)
        parameter = fields.lenient(String.self, .param)
        status = fields.lenient(Int.self, .status) ?? fields.lenient(Int.self, .code) ?? code.flatMap { Int($0) }
        promptTokens = fields.count(.promptTokens)
        limitTokens = fields.count(.limitTokens)
    }
}
