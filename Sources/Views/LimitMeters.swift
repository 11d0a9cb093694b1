// A meter for each limit that a run was given: how much of it is used up.

import Terminal
import Trajectory

/// How much of one limit is used.
struct LimitMeter: Hashable, Sendable {
    /// `tokens`, and `tok` where there is little room.
    let name: String
    let shortName: String
    /// As people read it: `48.3k`, `00:41`.
    let used: String
    let limit: String
    /// 0 to 1 and above; nil where nobody knows.
    let fraction: Double?
    /// What is known is only a part of what was used.
    let isAtLeast: Bool

    /// `7%`, `≥48%`, `?`.
    func percent(_ figures: Figures) -> String {
        guard let fraction, fraction.isFinite else { return figures.unknown }
        // Something is shown as something, and only the whole as whole.
        let exact = min(1, max(0, fraction)) * 100
        let whole = fraction >= 1 ? 100 : fraction > 0 ? min(99, max(1, Int(exact))) : 0
        return (isAtLeast ? figures.atLeast : "") + "\(whole)%"
    }
}

enum LimitMeters {
    /// The budget's own meter, which stands beside the cost; nil where there is none.
    static func budget(_ header: RunHeader, _ pen: Pen) -> LimitMeter? {
        let run = header.run
        guard let limit = run.settings.maxBudget, limit > 0 else { return nil }
        return LimitMeter(
            name: "budget", shortName: "budget", used: pen.figures.cost(run.usage), limit: pen.figures.cost(limit),
            fraction: run.usage.completions == 0 ? 0 : run.usage.known.cost.map { $0 / limit },
            isAtLeast: run.usage.completionsOfUnknownCost > 0)
    }

    /// Those of all other limits, the same ones in the same order for as long as the run lives.
    static func others(_ header: RunHeader, _ pen: Pen) -> [LimitMeter] {
        let run = header.run
        let settings = run.settings
        let figures = pen.figures
        func counted(_ name: String, _ short: String, _ used: Int?, _ limit: Int?, isAtLeast: Bool = false)
            -> LimitMeter?
        {
            guard let limit, limit > 0 else { return nil }
            return LimitMeter(
                name: name, shortName: short, used: figures.count(used), limit: figures.count(limit),
                fraction: used.map { Double($0) / Double(limit) }, isAtLeast: isAtLeast)
        }
        var meters: [LimitMeter?] = []
        let tokens = run.usage.completions == 0 ? 0 : run.usage.known.totalTokens
        meters.append(
            counted(
                "tokens", "tok", tokens, settings.maxTokens, isAtLeast: run.usage.completionsOfUnknownTokens > 0))
        if let limit = settings.maxTimeout, limit > 0 {
            let elapsed = header.elapsed(at: pen.now)
            meters.append(
                LimitMeter(
                    name: "time", shortName: "time", used: figures.clock(elapsed), limit: figures.clock(limit),
                    fraction: elapsed.map { $0 / limit }, isAtLeast: false))
        }
        meters.append(counted("iterations", "iter", run.iterations, settings.maxIterations))
        meters.append(counted("sub-calls", "calls", max(0, run.calls.total - 1), settings.maxSubcalls))
        meters.append(counted("errors", "err", header.errorsInARow, settings.maxErrors))
        return meters.compactMap { $0 }
    }

    /// The meters as one row of at most `room` columns, in the longest form that has all of them.
    ///
    /// - Parameter isForced: whether the shortest form is given even where it is too long; otherwise it is nothing then.
    static func spans(_ meters: [LimitMeter], room: Int, isForced: Bool, _ pen: Pen) -> [Span] {
        for form in Form.allCases {
            let spans = meters.flatMap { self.spans($0, form, pen) }
            if TextWidth.columns(of: spans) <= room || (isForced && form == .short) { return spans }
        }
        return []
    }

    private enum Form: CaseIterable {
        case long, bars, short

        var barColumns: Int {
            switch self {
            case .long: 8
            case .bars: 3
            case .short: 0
            }
        }
    }

    private static func spans(_ meter: LimitMeter, _ form: Form, _ pen: Pen) -> [Span] {
        let isNear = (meter.fraction ?? 0) >= 0.8
        let role: Role = isNear ? .notice : .text
        switch form {
        case .long:
            return [Span("  \(meter.name) ", .dim), Span("\(meter.used)/\(meter.limit) ", role)]
                + bar(meter.fraction, form.barColumns, pen)
        case .bars:
            return [Span("  \(meter.shortName) ", .dim), Span("\(meter.used)/\(meter.limit)", role)]
        case .short:
            return [Span(" \(meter.shortName) ", .dim), Span(meter.percent(pen.figures), role)]
        }
    }

    /// A bar without ends, as spans: several stand in one row.
    private static func bar(_ fraction: Double?, _ columns: Int, _ pen: Pen) -> [Span] {
        let steps = pen.glyphs.meterSteps
        let whole = columns * steps.count
        let exact = min(1, max(0, fraction ?? 0)) * Double(whole)
        let filled = (fraction ?? 0) >= 1 ? whole : (fraction ?? 0) > 0 ? min(max(1, Int(exact)), whole - 1) : 0
        var text = ""
        for column in 0..<columns {
            let part = min(max(0, filled - column * steps.count), steps.count)
            text += part > 0 ? steps[part - 1] : pen.glyphs.isASCII ? "." : "·"
        }
        return [Span(text, .meterFill)]
    }
}

extension TextWidth {
    static func columns(of spans: [Span]) -> Int { spans.reduce(0) { $0 + columns(of: $1.text) } }
}
