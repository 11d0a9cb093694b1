import LMClients
import Trajectory

extension CompletionResponse {
    /// The error that an answer without text is.
    func textless(model: Model) -> CompletionError {
        let code: CompletionError.Code
        let message: String
        switch finishReason {
        case "tool_calls", "function_call":
            (code, message) = (.toolCall, "the model called a tool instead of answering, and none was offered")
        case "content_filter", "safety", "SAFETY":
            (code, message) = (.contentFilter, "the answer was withheld by a content filter")
        default:
            if let reasoning, !reasoning.isBlank {
                code = .reasoningOnly
                message = "the model gave nothing but reasoning" + (isCut ? ", until the token limit cut it off" : "")
            } else {
                code = .emptyAnswer
                message = "the model gave no text" + (isCut ? " before the token limit cut it off" : "")
            }
        }
        return CompletionError(
            code: code,
            model: model.description,
            retries: retries,
            usage: usage,
            reasoning: reasoning,
            message: message
        )
    }
}

extension CompletionError {
    /// A smaller output cap to ask again with, where the one that was sent may have made the conversation too long.
    func capThatFits(below cap: Int?, prompt: [Message]) -> Int? {
        guard code == .contextOverflow, let cap, cap > Self.smallestCap else { return nil }
        if let limitTokens, let promptTokens {
            return 1..<cap ~= limitTokens - promptTokens ? limitTokens - promptTokens : nil
        }
        // Where the prompt alone is too long, no cap helps.
        if let limitTokens, TokenEstimate.likely(prompt) >= limitTokens { return nil }
        return max(Self.smallestCap, cap / 8)
    }

    private static let smallestCap = 64
}
