/// A stretch of a text that is out of a context.
package struct Slice: Hashable, Sendable {
    /// In bytes of the text's UTF-8, half-open.
    package var text: Range<Int>
    /// Where the context has it, in bytes of the stored context's UTF-8, half-open, ascending. One, unless it is repeated
    /// and nothing says which was meant.
    package var places: [Range<Int>]
    /// Whether the context may have it in more places than were followed.
    package var isPartial = false

    package init(text: Range<Int>, places: [Range<Int>], isPartial: Bool = false) {
        self.text = text
        self.places = places
        self.isPartial = isPartial
    }

    package var isAmbiguous: Bool { places.count > 1 || isPartial }
}
