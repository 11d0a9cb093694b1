package import Trajectory

/// What the iteration view shows: the current attempt of its completion, without the history it was sent, and the
/// current attempts of its blocks in order.
package struct IterationDetail: Sendable {
    package var completion: Completion?
    package var blocks: [CodeBlock]

    package init(completion: Completion?, blocks: [CodeBlock]) {
        self.completion = completion
        self.blocks = blocks
    }
}
