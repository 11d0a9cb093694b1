import Foundation
import Trajectory

/// What one try came to when it failed, and whether another may help.
struct Fault: Error {
    enum Remedy { case none, anotherTry, quickTry, patientTry }

    var error: CompletionError
    var remedy: Remedy
    /// What the server said, whole, where it refused the request.
    var words: String?
}

/// Words the failures of requests to one model at one address.
struct FaultWording {
    let provider: String
    /// Without the provider; empty when the request was not about a model.
    let model: String
    let endpoint: Endpoint
    let hasKey: Bool
    let keyVariable: String?
    let quote: Quotation

    /// A failure below HTTP.
    func fault(_ failure: TransportError, limits: HTTPLimits) -> Fault {
        switch failure.kind {
        case .cancelled:
            return fault(.cancelled, .none, "cancelled")
        case .refused:
            return fault(
                .connection,
                .quickTry,
                "nothing listens at \(endpoint): start the server, or check --base-url"
            )
        case .unknownHost:
            return fault(
                .connection,
                .quickTry,
                "cannot find the host of \(endpoint): check the address and the network"
            )
        case .tls:
            return fault(.connection, .none, "no safe connection to \(endpoint): \(quote(failure.detail))")
        case .unusableURL:
            return fault(.connection, .none, "\(endpoint) cannot be used as a base URL: \(quote(failure.detail))")
        case .connectTimeout:
            return fault(
                .timeout,
                .anotherTry,
                "no connection to \(endpoint) within \(seconds(limits.connect)): check the address and the network"
            )
        case .firstByteTimeout:
            return fault(
                .timeout,
                .patientTry,
                "\(endpoint) sent nothing within \(seconds(limits.firstByte)): try again, or a faster model"
            )
        case .idleTimeout:
            return fault(
                .timeout,
                .patientTry,
                "\(endpoint) fell silent for \(seconds(limits.idle)) in the middle of its answer: try again"
            )
        case .totalTimeout:
            return fault(
                .timeout,
                .none,
                "\(endpoint) did not end its answer within \(seconds(limits.total)): ask for less at a time"
            )
        case .tooLarge:
            return fault(
                .badResponse,
                .none,
                "\(endpoint) answered more than \(limits.bytes >> 20) MB, which no completion is: check --base-url"
            )
        case .notHTTP:
            return fault(
                .badResponse,
                .none,
                "what listens at \(endpoint) does not speak HTTP: is it the right port?"
            )
        case .broken:
            return fault(
                .connection,
                .anotherTry,
                "the connection to \(endpoint) broke: \(quote(failure.detail))"
            )
        case .brokenOff:
            return brokenOff
        }
    }

    var brokenOff: Fault {
        fault(.badResponse, .anotherTry, "the answer of \(endpoint) broke off in the middle: try again")
    }

    var empty: Fault {
        fault(.badResponse, .anotherTry, "\(endpoint) answered with nothing at all: try again, or check --base-url")
    }

    /// An answer with a status other than 2xx.
    func fault(_ head: HTTPHead, body: [UInt8], retryAfter: Double?) -> Fault {
        let isHTML = Self.isHTML(head, body)
        let reported = isHTML ? nil : ErrorBody(body)
        let words = isHTML ? nil : reported?.message ?? ErrorBody.plainText(body)
        var fault = fault(
            status: head.status,
            code: reported?.code,
            isHTML: isHTML,
            said: words.map { ". It said: \(quote($0))" } ?? ""
        )
        if (300..<400).contains(head.status) {
            let place = head.location.map { " to \(quote($0))" } ?? ""
            fault.error.message =
                "\(endpoint) redirects\(place), which is not followed, for the key's sake: "
                + "give the final address as --base-url"
        }
        fault.error.retryAfter = retryAfter
        if let overflow = overflow(status: head.status, code: reported?.code, words: words ?? "") { return overflow }
        fault.words = words
        return fault
    }

    /// A prompt that is too long, in whatever words the server says it.
    private func overflow(status: Int, code: String?, words: String) -> Fault? {
        guard let overflow = ContextOverflow(status: status, code: code, message: words) else { return nil }
        var fault = fault(
            .contextOverflow,
            .none,
            "the prompt is too long for \(name)\(overflow.inWords): send less at a time. It said: \(quote(words))"
        )
        fault.error.limitTokens = overflow.limitTokens
        fault.error.promptTokens = overflow.promptTokens
        fault.error.httpStatus = status
        return fault
    }

    /// An error that came inside a 200, as some servers send it, whole or in the middle of a stream.
    func fault(_ error: ReportedError) -> Fault {
        let status = error.status.flatMap { (400..<600).contains($0) ? $0 : nil } ?? 500
        if let overflow = overflow(status: status, code: error.code ?? error.type, words: error.message ?? "") {
            return overflow
        }
        return fault(
            status: status,
            code: error.code ?? error.type,
            isHTML: false,
            said: error.message.map { ". It said: \(quote($0))" } ?? ""
        )
    }

    /// A 200 that is no completion.
    func notACompletion(_ head: HTTPHead, body: [UInt8]) -> Fault {
        if body.allSatisfy({ $0 <= 0x20 }) { return empty }
        if Self.isHTML(head, body) {
            return fault(
                .badResponse,
                .none,
                "\(endpoint) answered HTML, not JSON: is the base URL right? it usually ends in /v1"
            )
        }
        let start = quote(String(decoding: body.prefix(2000), as: UTF8.self))
        return fault(
            .badResponse,
            .none,
            "\(endpoint) answered, but not with a completion: is it an OpenAI-compatible server? It said: \(start)"
        )
    }

    func refusal(_ text: String) -> Fault {
        fault(.modelRefused, .none, "\(name) refused to answer: \(quote(text))")
    }

    /// A completion without a text.
    func noText(finishReason: String?, hasToolCalls: Bool, hasReasoning: Bool) -> Fault {
        if hasToolCalls || ["tool_calls", "function_call"].contains(finishReason) {
            return fault(
                .toolCall,
                .none,
                "\(name) called a tool instead of answering, and was offered none: try another model"
            )
        }
        if ["content_filter", "safety", "SAFETY"].contains(finishReason) {
            return fault(
                .contentFilter,
                .none,
                "the provider's filter held back the answer of \(name): word it differently"
            )
        }
        let isCut = FinishReason.isCut(finishReason)
        if hasReasoning || isCut {
            let cause = isCut ? "used up its output tokens" : "only reasoned"
            return fault(
                .reasoningOnly,
                .none,
                "\(name) \(cause) before it answered: raise max_tokens with --sampling, or lower its reasoning effort"
            )
        }
        return fault(.emptyAnswer, .none, "\(name) answered without a text: try again, or another model")
    }

    var noKey: CompletionError {
        let word = keyVariable ?? "the key's environment variable"
        return CompletionError(
            code: .noKey,
            model: name,
            message: "no key: set \(word), or use --model offline/lexical"
        )
    }

    // MARK: Pieces

    private var name: String { model.isEmpty ? provider : "\(provider)/\(model)" }

    private func fault(_ code: CompletionError.Code, _ remedy: Fault.Remedy, _ message: String) -> Fault {
        Fault(error: CompletionError(code: code, model: name, message: message), remedy: remedy)
    }

    private func fault(status: Int, code: String?, isHTML: Bool, said: String) -> Fault {
        let htmlHint = isHTML ? ". It answered HTML, not JSON: is the base URL right? it usually ends in /v1" : ""
        let tail = said + htmlHint
        var fault: Fault
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
        fault.error.httpStatus = status
        return fault
    }

    private func seconds(_ time: Double) -> String {
        time == time.rounded() ? "\(Int(time)) s" : "\((time * 100).rounded() / 100) s"
    }

    private static func isHTML(_ head: HTTPHead, _ body: [UInt8]) -> Bool {
        let start = String(decoding: body.prefix(200), as: UTF8.self).drop { $0.isWhitespace }.lowercased()
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") { return true }
        return head.contentType?.hasPrefix("text/html") ?? false
    }
}
