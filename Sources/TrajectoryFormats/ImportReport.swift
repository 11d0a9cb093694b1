package import Trajectory

/// What came of reading one run of a file.
package struct ImportReport: Sendable, Hashable {
    package var file: String
    package var run: RunID
    /// A word for the format, for example `rlms`.
    package var format: String
    /// Iterations of the root call.
    package var iterations: Int
    /// Every call of the tree, the root's included.
    package var calls: Int
    /// Sentences for people; each names its line where there is one.
    package var warnings: [String]
    /// Whether the file had been imported before, so that this is the run of then.
    package var wasKnown: Bool

    package init(
        file: String, run: RunID, format: String, iterations: Int, calls: Int, warnings: [String],
        wasKnown: Bool = false
    ) {
        self.file = file
        self.run = run
        self.format = format
        self.iterations = iterations
        self.calls = calls
        self.warnings = warnings
        self.wasKnown = wasKnown
    }
}
