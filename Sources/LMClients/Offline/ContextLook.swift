/// What the planner's first block showed of the context.
struct ContextLook {
    let characters: Int
    let shape: LineShape?

    /// Nil where the output is not that of the first block: it raised, or was edited.
    init?(output: String) {
        guard let found = output.firstMatch(of: /(\d+) characters in \d+ lines, beginning:\n?/),
            let characters = Int(found.1)
        else { return nil }
        self.characters = characters
        let lines = output[found.range.upperBound...].split(separator: "\n", omittingEmptySubsequences: true)
        // The last line may be cut off in the middle.
        shape = LineShape(sample: lines.dropLast(lines.count > 3 ? 1 : 0))
    }
}
