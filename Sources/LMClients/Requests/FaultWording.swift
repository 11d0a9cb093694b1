import Foundation
import Trajectory

/// Words the failures of requests to one model at one address.
struct FaultWording {
    let provider: String
    /// Without the provider; empty when the request was not about a model.
    let model: String
    let endpoint: Endpoint
    let hasKey: Bool
    let keyVariable: String?
    let quote: Quotation
    /// Finds what of the request the server does not know; nil where nothing of it can be left out.
    var unknown: UnknownPart?
    /// The output cap that the program put into the request by itself.
    var outputCap: Int?

    /// A failure below HTTP.
    func fault(_ failure: TransportError, limits: HTTPLimits) -> CompletionError {
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

    var brokenOff: CompletionError {
        fault(.badResponse, .anotherTry, "the answer of \(endpoint) broke off in the middle: try again")
    }

    var empty: CompletionError {
        fault(.badResponse, .anotherTry, "\(endpoint) answered with nothing at all: try again, or check --base-url")
    }

    /// An answer with a status other than 2xx.
    func fault(_ head: HTTPHead, body: [UInt8]) -> CompletionError {
        let isHTML = Self.isHTML(head, body)
        let reported = isHTML ? nil : ErrorBody(body)?.error
        let words = isHTML ? nil : reported?.message ?? ErrorBody.plainText(body)
        var fault = fault(status: head.status, error: reported, isHTML: isHTML, words: words)
        if (300..<400).contains(head.status) {
            let place = head.location.map { " to \(quote($0))" } ?? ""
            fault.message =
                "\(endpoint) redirects\(place), which is not followed, for the key's sake: "
                + "give the final address as --base-url"
        }
        fault.retryAfter = head.retryAfterSeconds()
        return fault
    }

    /// An error that came inside a 200, as some servers send it, whole or in the middle of a stream.
    func fault(_ error: ReportedError) -> CompletionError {
        let told = error.status.flatMap { (400..<600).contains($0) ? $0 : nil }
        let kind = [error.code, error.type].compactMap { $0?.lowercased() }.joined(separator: " ")
        let meant =
            kind.contains("rate_limit")
            ? 429 : kind.contains("invalid_request") || kind.contains("bad_request") ? 400 : 500
        return fault(status: told ?? meant, error: error, isHTML: false, words: error.message)
    }

    /// A 200 that is no completion.
    func notACompletion(_ head: HTTPHead, body: [UInt8]) -> CompletionError {
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

    /// A turn without a text, by what it had instead.
    func textless(_ code: CompletionError.Code, finishReason: String?, refusal: String) -> CompletionError {
        let message =
            switch code {
            case .modelRefused: "\(name) refused to answer\(refusal.isEmpty ? "" : ": \(quote(refusal))")"
            case .toolCall: "\(name) called a tool instead of answering, and was offered none: try another model"
            case .contentFilter: "the provider's filter held back the answer of \(name): word it differently"
            case .reasoningOnly where FinishReason.isCut(finishReason):
                "\(name) used up its output tokens before it answered: raise max_tokens with --sampling, "
                    + "or lower its reasoning effort"
            case .reasoningOnly: "\(name) reasoned and gave no answer: try again, or another model"
            default: "\(name) answered without a text: try again, or another model"
            }
        return fault(code, .none, message)
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

    var name: String { model.isEmpty ? provider : "\(provider)/\(model)" }

    func fault(_ code: CompletionError.Code, _ remedy: Remedy, _ message: String) -> CompletionError {
        CompletionError(code: code, model: name, remedy: remedy, message: message)
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
