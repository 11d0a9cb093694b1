/// A stretch of a prompt that is out of a context.
package struct PromptSlice: Hashable, Sendable {
    /// In bytes of the message's UTF-8.
    package var range: Range<Int>
    /// Where it is from: `context[51,200:102,400] 2%`.
    package var label: String

    package init(range: Range<Int>, label: String) {
        self.range = range
        self.label = label
    }
}

/// A slice of a context as rows and sentences name it.
package enum ContextSlice {
    /// A share of a context: whole percents from one on, and never 0 or 100 for what is neither nothing nor all.
    package static func percent(_ fraction: Double) -> String {
        if fraction <= 0 { return "0%" }
        if fraction >= 1 { return "100%" }
        if fraction < 0.001 { return "<0.1%" }
        if fraction > 0.999 { return ">99.9%" }
        if fraction < 0.0995 || fraction >= 0.995 { return "\((fraction * 1000).rounded() / 10)%" }
        return "\(min(99, Int((fraction * 100).rounded())))%"
    }
}
