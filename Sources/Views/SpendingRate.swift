// How fast a run spends, and how long its budget lasts at that rate.

/// The rate as it was when the cost last changed. Measured at every look it would sink between two answers and jump with
/// each of them; kept from one answer to the next, what is left runs down like a clock.
package struct SpendingRate: Hashable, Sendable {
    /// US dollars spent by then.
    package let cost: Double
    /// Seconds the run had gone on.
    package let elapsed: Double

    /// The rate after the cost is known to be `cost`; the old one where nothing was spent meanwhile.
    package static func after(_ rate: SpendingRate?, cost: Double?, elapsed: Double?) -> SpendingRate? {
        guard let cost, let elapsed, cost > 0, elapsed >= 1 else { return rate }
        if let rate, rate.cost == cost { return rate }
        return SpendingRate(cost: cost, elapsed: elapsed)
    }

    /// Seconds until the budget is used up, counted from `elapsed` seconds after the beginning.
    func left(of budget: Double, at elapsed: Double) -> Double {
        max(0, (budget - cost) / (cost / self.elapsed) - max(0, elapsed - self.elapsed))
    }

    /// `<1 min`, `4 min`, `35 min`, `3 h`, `2 days`: as coarse as it is a guess, so that it stands still.
    static func words(_ seconds: Double) -> String? {
        guard seconds.isFinite, seconds < 86_400 * 365 else { return nil }
        let minutes = Int(seconds / 60)
        switch minutes {
        case ..<1: return "<1 min"
        case ..<10: return "\(minutes) min"
        case ..<60: return "\(minutes / 5 * 5) min"
        case ..<(48 * 60): return "\(minutes / 60) h"
        default: return "\(minutes / 1_440) days"
        }
    }
}
