/// How much a worker may say at once. The worker keeps to it and tells the code what is too long; the host refuses what is
/// over it by the head of a frame, before it holds the rest: whatever runs in the worker, the host's memory is bounded.
extension WorkerFrame {
    /// Bytes of one prompt's UTF-8.
    static let promptLimit = 32 << 20
    /// Bytes of all prompts of one request.
    static let requestLimit = 64 << 20
    static let promptCountLimit = 100_000
    /// Bytes of a final answer.
    static let answerLimit = 32 << 20
    static let variableCountLimit = 1000
    /// Characters of a variable's name, type and preview, and of an exception's name.
    static let nameLimit = 200
    /// Characters of an exception's message.
    static let messageLimit = 2000
    /// Fields of any frame: of the largest request a prompt has three at least.
    static let fieldLimit = 1 << 20
    /// Bytes of requests that are being answered, and of answers on their way to the worker, from which on nothing more is
    /// read from it.
    static let pendingLimit = 32 << 20

    /// Bytes that a frame of this kind, and its number of fields, may have.
    static func limits(of kind: ArraySlice<UInt8>) -> (bytes: Int, fields: Int) {
        switch kind {
        case Array("ask".utf8)[...]: (requestLimit + 4 * fieldLimit + 4096, fieldLimit)
        case Array("done".utf8)[...]:
            (answerLimit + 32 * nameLimit * variableCountLimit, 8 + 5 * variableCountLimit)
        default: (1 << 16, 16)
        }
    }

    /// The part of a worker's settings that has it keep to the limits.
    static var limitSettings: [String] {
        [promptLimit, requestLimit, promptCountLimit, answerLimit, fieldLimit - 16].map(String.init)
    }
}
