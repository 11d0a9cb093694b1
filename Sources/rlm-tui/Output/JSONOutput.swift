import Engine
import Foundation
import Trajectory

/// Writes a value as JSON to stdout: sorted keys, nulls written out.
enum JSONOutput {
    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        var data = try encoder.encode(value)
        data.append(0x0A)
        StandardOutput.put(data)
    }
}

/// Usage as commands print it. Unknown is null.
struct UsageJSON: Encodable {
    let usage: Usage

    private enum CodingKeys: String, CodingKey {
        case input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(usage.inputTokens, forKey: .input_tokens)
        try container.encode(usage.outputTokens, forKey: .output_tokens)
        try container.encode(usage.cachedTokens, forKey: .cached_tokens)
        try container.encode(usage.reasoningTokens, forKey: .reasoning_tokens)
        try container.encode(usage.cost, forKey: .cost_usd)
    }
}
