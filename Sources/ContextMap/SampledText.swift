// One form of a context with its index, in which texts are looked up.

/// The bytes of a context, as stored or decoded, and the index over them.
final class SampledText: Sendable {
    let context: MappedFile
    let index: ContextIndex
    /// Where items begin in the stored context, ascending; empty where it is one.
    private let items: [Int]

    init(context: MappedFile, index: ContextIndex, items: [Int]) {
        self.context = context
        self.index = index
        self.items = items
    }

    var bytes: UnsafeRawBufferPointer { index.head.form == .decoded ? index.decoded : context.bytes }

    /// The slices of this form in a text, in the order in which they begin; `text` in normalised bytes.
    func slices(in text: NormalisedText) -> [Slice] {
        guard text.bytes.count >= Gram.reach, let context = bytes.bindMemory(to: UInt8.self).baseAddress else {
            return []
        }
        return text.bytes.withUnsafeBufferPointer { textBytes in
            guard let base = textBytes.baseAddress else { return [] }
            let alignment = Alignment(
                context: context, contextCount: bytes.count, text: base, textCount: textBytes.count,
                isStrict: text.hasReturns)
            return withExtendedLifetime(self) {
                SliceSearch.slices(in: self, alignment).map { slice in
                    var slice = slice
                    slice.places = slice.places.map(stored)
                    return slice
                }
            }
        }
    }

    /// A stretch of this form in the stored context.
    func stored(_ range: Range<Int>) -> Range<Int> { index.stored(range.lowerBound)..<index.stored(range.upperBound) }

    /// The item that a byte is in.
    @inline(__always)
    func item(of place: Int) -> Range<Int> {
        items.isEmpty ? 0..<bytes.count : itemAmongMany(place)
    }

    private func itemAmongMany(_ place: Int) -> Range<Int> {
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle] <= place { low = middle + 1 } else { high = middle }
        }
        return (low > 0 ? items[low - 1] : 0)..<(low < items.count ? items[low] : bytes.count)
    }
}
