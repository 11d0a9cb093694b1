extension FencedBlocks {
    /// The code blocks to run. Of a response that the token limit cut off, not the one it was cut in.
    static func code(in response: String, isCut: Bool) -> [String] {
        let blocks = code(in: response)
        guard isCut, let last = all(in: response).last, !last.isClosed, last.text == blocks.last else { return blocks }
        return Array(blocks.dropLast())
    }
}
