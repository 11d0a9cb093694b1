// Where the stretches of a text are from.
internal import Foundation

/// Finds the slices of one context in texts.
///
/// Text and context are read as characters (Unicode scalars), with the carriage return of each CRLF left out. A *slice* is
/// a stretch of a text of at least `leastCharacters` characters that stands in one item of the context as well, and is not
/// part of a longer stretch of the text that does: so a page of a slice is not found a second time where the context
/// repeats that page. Its *places* are all places where the context has it, narrowed by `Attribution`; where more than one
/// is left it is ambiguous, and all of them count. Items are the files of a context of type `files`; what is read from
/// JSON is looked for as its strings read and as its file reads.
///
/// How it is done: samples of the text (`Gram`) are looked up in the context's index; each place found is extended left and
/// right as far as both agree, and the search goes on where a longer match could begin: shortly before the end of what was
/// found. That finds every slice, since any `Gram.reach` bytes that both have hold a sample of both.
///
/// What is bounded, so that the time is linear in text and context for contexts of repeats too:
/// - A gram that stands in more than `many` places is not followed where a rarer one near it finds a slice that holds it.
///   Lost is a slice that begins a little further left, among text repeated so often.
/// - Of a gram that the context has more than `ContextIndex.bucketLimit` times, the first so many places are followed.
/// - Once a text has cost `effort` times its size in comparisons, the first `few` places of each sample are.
///
/// In the latter two cases the slices that may be elsewhere as well are `isPartial`.
package final class SliceMatcher: Sendable {
    package static let leastCharacters = 24
    /// Bytes compared for each byte of a text, beyond which places are cut short.
    static let effort = 1024
    static let few = 8
    static let many = 1024

    private let forms: [SampledText]

    init(forms: [SampledText]) { self.forms = forms }

    /// The slices of the context in a text, in the order in which they begin.
    ///
    /// - Parameter preferred: Bytes of the context that a repeated stretch is from if it may be: what a recursive call was
    ///   given, when a text of it is looked at.
    package func slices(in text: String, preferred: ByteRanges? = nil) -> [Slice] {
        let normalised = NormalisedText(text)
        var slices = forms.flatMap { form in
            form.slices(in: normalised)
        }
        if forms.count > 1 { slices = Self.maximal(slices) }
        for index in slices.indices { slices[index].text = normalised.original(slices[index].text) }
        Attribution.narrow(&slices, preferred: preferred)
        return slices
    }

    /// Without those that are part of others; equal ones become one.
    static func maximal(_ slices: [Slice]) -> [Slice] {
        let sorted = slices.sorted {
            ($0.text.lowerBound, -$0.text.upperBound) < ($1.text.lowerBound, -$1.text.upperBound)
        }
        var result: [Slice] = []
        var isMerged = false
        for slice in sorted {
            if let last = result.last, last.text.upperBound >= slice.text.upperBound {
                guard last.text == slice.text else { continue }
                result[result.count - 1].places += slice.places
                result[result.count - 1].isPartial = last.isPartial || slice.isPartial
                isMerged = true
                continue
            }
            result.append(slice)
        }
        if isMerged {
            for index in result.indices where result[index].places.count > 1 {
                let places = Set(result[index].places)
                result[index].places = places.sorted { $0.lowerBound < $1.lowerBound }
            }
        }
        return result
    }
}
