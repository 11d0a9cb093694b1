// The detail of a node: what was read, the document made of it, and where the pane is in it.

package import Trajectory
package import Views

/// What the detail of a node was made from.
package enum DetailContent: Sendable {
    case iteration(Completion?, [CodeBlock])
    case block(CodeBlock)
    case subcall(Completion?, [Trajectory.Message], slices: [[PromptSlice]], attempts: Int)
    case recursiveCall([Trajectory.Message], slices: [[PromptSlice]], answer: String?)
    case root([Context])
}

package struct Detail: Sendable {
    /// As it was when the detail was read.
    package var node: Node
    package var path: TreeRows.Path
    package var content: DetailContent
    package var document: Document
    package var scroll = DocumentScroll()
    /// The line a search has led to last.
    package var foundLine: Int?
    /// The heading that was jumped to last; near the end it cannot be the first line on the screen.
    package var sectionLine: Int?
    /// Folds of the document that are open.
    package var unfolded: Set<String> = []
    /// Of the cache, when it was read.
    package var generation: Int
}
