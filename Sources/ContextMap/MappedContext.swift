// A context made ready to be looked for in texts.
package import Trajectory

/// A context's file, mapped, with the index over it.
///
/// For example:
///
///     let context = try MappedContext(context, path: store.contextPath(context.hash))
///     for slice in context.matcher.slices(in: prompt) { print(slice.text, slice.places) }
package final class MappedContext: Sendable {
    package let context: Context
    package let file: MappedFile
    package let matcher: SliceMatcher
    let forms: [SampledText]

    /// From this size on an index is kept; below, making it again is as fast as reading it.
    static let leastKept = 1 << 16

    /// Maps a context and its index. The index lies beside the context's file (`HASH.map`, for decoded JSON
    /// `HASH.decoded.map`); where there is none, or it is damaged, of another version or not of this context, it is made.
    /// Throws `MapError`.
    package init(_ context: Context, path: String) throws {
        self.context = context
        file = try MappedFile(path: path)
        guard file.bytes.count == context.byteCount else {
            throw MapError.wrongSize(path, expected: context.byteCount, found: file.bytes.count)
        }
        guard file.bytes.count < Int(UInt32.max) else { throw MapError.tooLarge(path) }
        let isJSON = context.type == .json || context.type == .jsonl
        let items = context.type == .files ? context.parts.map(\.start).sorted() : []
        var forms = [SampledText(context: file, index: try Self.index(of: file, path, .stored), items: items)]
        if isJSON, DecodedJSON.isNeeded(file.bytes) {
            forms.append(SampledText(context: file, index: try Self.index(of: file, path, .decoded), items: []))
        }
        self.forms = forms
        matcher = SliceMatcher(forms: forms)
    }

    private static func index(
        of file: MappedFile, _ path: String, _ form: ContextIndex.Form
    ) throws -> ContextIndex {
        let building = IndexBuilding(context: file, form: form)
        guard file.bytes.count >= leastKept else { return try building.index(at: nil) }
        let indexPath = path + (form == .stored ? ".map" : ".decoded.map")
        if let kept = try? MappedFile(path: indexPath),
            let index = ContextIndex(kept, contextByteCount: file.bytes.count, form: form)
        {
            return index
        }
        return try building.index(at: indexPath)
    }

    /// Characters of some stretches, as Python counts them.
    package func characters(in ranges: ByteRanges) -> Int {
        var count = 0
        for range in ranges.ranges {
            let part = UnsafeRawBufferPointer(rebasing: file.bytes[range.clamped(to: 0..<file.bytes.count)])
            count += part.reduce(into: 0) { count, byte in count &+= (byte & 0xC0) == 0x80 ? 0 : 1 }
        }
        return withExtendedLifetime(file) { count }
    }
}
