import Foundation

/// The body of an answer that is an error, in the shapes that OpenAI-compatible servers give it.
struct ErrorBody {
    private struct Shape: Decodable {
        var error: ReportedError?
        var detail: String?
        var message: String?

        private enum CodingKeys: String, CodingKey { case error, detail, message }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            error = try? fields.decodeIfPresent(ReportedError.self, forKey: .error)
            detail = try? fields.decodeIfPresent(String.self, forKey: .detail)
            message = try? fields.decodeIfPresent(String.self, forKey: .message)
        }
    }

    var message: String?
    var code: String?

    /// Nil where the body is not JSON or says nothing.
    init?(_ body: [UInt8]) {
        guard let shape = try? JSONDecoder().decode(Shape.self, from: Data(body)) else { return nil }
        message = shape.error?.message ?? shape.detail ?? shape.message
        code = shape.error?.code ?? shape.error?.type
        if message == nil, code == nil { return nil }
    }

    /// The body as it is, for servers that answer in prose; nil where it is empty.
    static func plainText(_ body: [UInt8]) -> String? {
        let text = String(decoding: body.prefix(20_000), as: UTF8.self)
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }
}
