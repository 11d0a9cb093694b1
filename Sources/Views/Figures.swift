// Numbers as every screen writes them: short, with units, honest about what is not known. Nothing here asks the
// locale or the clock, so the same run is written the same way everywhere.

package import Trajectory

/// Writes counts, costs and times. `?` is unknown, `–` is nothing, `≥` is known in part.
package struct Figures: Sendable {
    /// Whether only ASCII may be written.
    package let isASCII: Bool

    package init(isASCII: Bool = false) { self.isASCII = isASCII }

    package var unknown: String { "?" }
    package var nothing: String { isASCII ? "-" : "–" }
    package var atLeast: String { isASCII ? ">" : "≥" }
    package var dash: String { isASCII ? "-" : "–" }
    package var times: String { isASCII ? "x" : "×" }
    package var separator: String { isASCII ? " - " : " · " }
    private var cent: String { isASCII ? "c" : "¢" }

    // MARK: Counts

    /// `612`, `45.2k`, `412k`, `1.2M`; nil is `?`.
    package func count(_ count: Int?) -> String {
        guard let count else { return unknown }
        switch count {
        case ..<0: return "-" + self.count(count == .min ? .max : -count)
        case ..<1_000: return String(count)
        case ..<99_950: return Self.decimal(count, unit: 1_000) + "k"
        case ..<999_500: return "\((count + 500) / 1_000)k"
        case ..<99_950_000: return Self.decimal(count, unit: 1_000_000) + "M"
        case ..<999_500_000: return "\((count + 500_000) / 1_000_000)M"
        default: return Self.decimal(count, unit: 1_000_000_000) + "G"
        }
    }

    /// One decimal, dropped when it is zero.
    private static func decimal(_ count: Int, unit: Int) -> String {
        let (half, overflow) = count.addingReportingOverflow(unit / 20)
        let tenths = (overflow ? count : half) / (unit / 10)
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }

    /// `1,234,567`.
    package func grouped(_ count: Int) -> String { count.grouped }

    /// `512 B`, `3.1 kB`, `2 MB`.
    package func bytes(_ count: Int?) -> String {
        guard let count else { return unknown }
        if count < 1_000 { return "\(count) B" }
        let text = self.count(count)
        let unit = text.last == "k" ? "kB" : text.last.map { "\($0)B" } ?? ""
        return "\(text.dropLast()) \(unit)"
    }

    // MARK: Usage

    /// Input and output tokens of a total together.
    package func tokens(_ total: UsageTotal) -> String {
        partly(total.known.totalTokens, of: total, unknown: total.completionsOfUnknownTokens) { count($0) }
    }

    /// One field of the tokens of a total, for example `\.inputTokens`.
    package func tokens(_ total: UsageTotal, _ field: KeyPath<Usage, Int?>) -> String {
        partly(total.known[keyPath: field], of: total, unknown: total.completionsOfUnknownTokens) { count($0) }
    }

    /// The cost of a total: `$0.0101`, `$1.23`, `≥$0.0101`, and `>$0` where what is known of it is next to nothing.
    package func cost(_ total: UsageTotal) -> String {
        // "At least less than a hundredth of a cent" says nothing; that it is more than nothing is true.
        if total.completionsOfUnknownCost > 0, let known = total.known.cost, known > 0, known < Self.smallestCost {
            return ">$0"
        }
        return partly(total.known.cost, of: total, unknown: total.completionsOfUnknownCost) { cost($0) }
    }

    private func partly<Value>(
        _ known: Value?,
        of total: UsageTotal,
        unknown unknownCount: Int,
        _ write: (Value) -> String
    ) -> String {
        guard total.completions > 0 else { return nothing }
        guard let known else { return unknown }
        return unknownCount > 0 ? atLeast + write(known) : write(known)
    }

    /// Half of what the last decimal stands for, in US dollars.
    private static let smallestCost = 0.000_05

    /// US dollars as every screen writes them, so that a row and the header above it agree: `$0`, `<$0.0001`,
    /// `$0.0123`, `$1.23`, `$123`; nil is `?`.
    package func cost(_ dollars: Double?) -> String {
        guard let dollars, dollars.isFinite else { return unknown }
        switch dollars {
        case ...0: return "$0"
        case ..<Self.smallestCost: return "<$0.0001"
        case ..<0.999_95: return "$" + Self.fixed(dollars, decimals: 4)
        case ..<99.995: return "$" + Self.fixed(dollars, decimals: 2)
        case ..<1e12: return "$" + grouped(Int(dollars.rounded()))
        default: return "$" + String(dollars)
        }
    }

    /// Cost a minute: `1.8¢/min`. Nothing within the first second, when it would say nothing either.
    package func burn(dollars: Double, seconds: Double) -> String {
        guard seconds >= 1, dollars.isFinite else { return nothing }
        let cents = dollars * 100 / (seconds / 60)
        guard cents.isFinite, cents < 1e12 else { return nothing }
        return cents >= 99.5 ? "\(cost(cents / 100))/min" : "\(Self.fixed(cents, decimals: 1))\(cent)/min"
    }

    // MARK: Times

    /// `0.4ms`, `12ms`, `3.2s`, `02:11`, `1:02:11`; nil is `?`.
    package func duration(_ seconds: Double?) -> String {
        guard let seconds, seconds >= 0, seconds < 1e12 else { return unknown }
        if seconds > 0, seconds < 0.000_95 { return Self.fixed(max(0.1, seconds * 1_000), decimals: 1) + "ms" }
        if seconds < 0.099_5 { return "\(max(0, Int((seconds * 1_000).rounded())))ms" }
        if seconds < 59.95 { return Self.fixed(seconds, decimals: 1) + "s" }
        return clock(seconds)
    }

    /// `00:41`, `1:02:11`, `2d 03:10`.
    package func clock(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite, seconds < 1e12 else { return unknown }
        let whole = max(0, Int(seconds.rounded(.down)))
        let (minutes, rest) = (whole / 60, whole % 60)
        if minutes < 60 { return Self.padded(minutes, digits: 2) + ":" + Self.padded(rest, digits: 2) }
        if minutes < 60 * 24 {
            return "\(minutes / 60):" + Self.padded(minutes % 60, digits: 2) + ":" + Self.padded(rest, digits: 2)
        }
        return "\(minutes / 1_440)d " + Self.padded(minutes / 60 % 24, digits: 2) + ":"
            + Self.padded(minutes % 60, digits: 2)
    }

    /// How long ago: `now`, `5m`, `3h`, `2d`, `6w`, `2y`.
    package func age(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return unknown }
        switch Int(max(0, seconds)) {
        case ..<60: return "now"
        case let seconds where seconds < 3_600: return "\(seconds / 60)m"
        case let seconds where seconds < 86_400: return "\(seconds / 3_600)h"
        case let seconds where seconds < 14 * 86_400: return "\(seconds / 86_400)d"
        case let seconds where seconds < 365 * 86_400: return "\(seconds / (7 * 86_400))w"
        case let seconds: return "\(seconds / (365 * 86_400))y"
        }
    }

    // MARK: Digits

    static func padded(_ number: Int, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// A number below 10^12 with that many decimals, rounded, with a point whatever the locale.
    static func fixed(_ number: Double, decimals: Int) -> String {
        var unit = 1
        for _ in 0..<decimals { unit *= 10 }
        let scaled = Int((number * Double(unit)).rounded())
        guard decimals > 0 else { return String(scaled) }
        let sign = scaled < 0 ? "-" : ""
        return sign + "\(abs(scaled) / unit)." + padded(abs(scaled) % unit, digits: decimals)
    }
}
