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
        var data = Data(Self.withoutControls(String(decoding: try encoder.encode(value), as: UTF8.self)).utf8)
        data.append(0x0A)
        StandardOutput.put(data)
    }
}

extension JSONOutput {
    /// The same JSON with what a terminal may obey written as escapes: C1 controls, marks of direction, line separators.
    /// They stand within strings only, where `\u` says the same.
    static func withoutControls(_ json: String) -> String {
        func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
            default: false
            }
        }
        guard json.unicodeScalars.contains(where: isUnsafe) else { return json }
        var result = String.UnicodeScalarView()
        for scalar in json.unicodeScalars {
            if isUnsafe(scalar) {
                result += "\\u\(scalar.value.hexadecimal(digits: 4))".unicodeScalars
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}

/// Usage as commands print it. Unknown is null.
struct UsageJSON: Encodable {
    let usage: Usage

    private enum CodingKeys: String, CodingKey {
        case input_tokens, output_tokens, cached_tokens, reasoning_tokens, cost_usd
    }

    /// Sums of fractions end in digits that nobody paid: 0.1 and 0.2 is 0.3. Nine decimals are a thousandth of what a
    /// token costs.
    private static func rounded(_ cost: Double) -> Double {
        let billionths = (cost * 1e9).rounded()
        return billionths.isFinite && abs(billionths) < 9e15 ? billionths / 1e9 : cost
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(usage.inputTokens, forKey: .input_tokens)
        try container.encode(usage.outputTokens, forKey: .output_tokens)
        try container.encode(usage.cachedTokens, forKey: .cached_tokens)
        try container.encode(usage.reasoningTokens, forKey: .reasoning_tokens)
        try container.encode(usage.cost.map(Self.rounded), forKey: .cost_usd)
    }
}
