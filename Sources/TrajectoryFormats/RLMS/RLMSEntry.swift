// A line of an `rlms` log, as far as it is kept.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

/// The first line, and the configuration of a recursive child.
struct RLMSMetadata {
    var timestamp: Date?
    var rootModel: String?
    var backend: String?
    var environment: String?
    var maxDepth: Int?
    var maxIterations: Int?
    var baseURL: String?
    var hasOtherBackends = false

    /// A model as `PROVIDER/NAME`. The provider of another name is not recorded where there are several backends.
    func model(_ name: String?) -> String? {
        guard let name, !name.isEmpty else { return nil }
        guard let backend, !hasOtherBackends || name == rootModel else { return name }
        return "\(backend)/\(name)"
    }
}

struct RLMSIteration {
    var number: Int?
    var timestamp: Date?
    var prompt: [Message] = []
    var response: String?
    var blocks: [RLMSBlock] = []
    var finalAnswer: String?
    var seconds: Double?

    /// The answer that is asked for when the iterations are used up: no code, and no time.
    var isLastResort: Bool { blocks.isEmpty && seconds == nil && finalAnswer != nil && finalAnswer == response }
}

struct RLMSBlock {
    var code = ""
    var stdout = ""
    var stderr = ""
    var seconds: Double?
    /// The list of sub-calls, in the line: one is read at a time, since there may be a million. Well formed as far as
    /// `RLMSParser.calls` reads it.
    var calls: JSONSlice?
    /// The bytes of `locals`, in the line.
    var locals: JSONSlice?
}

struct RLMSCall {
    var model: String?
    var prompt: [Message] = []
    var response: String?
    var usage = Usage.unknown
    var hasUsage = false
    var seconds: Double?
    var error: String?
    /// The bytes of a recursive child's trajectory, in the line.
    var child: JSONSlice?

    /// Why it failed. `rlms` gives some failures as an answer that begins with "Error: "; such an answer has no usage,
    /// since no model was heard.
    var failure: Failure? {
        if let error { return RLMSFailure.failure(ofError: error) }
        guard !hasUsage, child == nil, let response, response.hasPrefix("Error: ") else { return nil }
        return Failure(kind: "failed", message: String(response.dropFirst("Error: ".count)))
    }
}
