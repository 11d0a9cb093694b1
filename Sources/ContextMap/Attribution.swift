// Which of several places a repeated stretch is from.

/// Decides between places by what stands beside them: code takes slices, and a slice is one piece.
///
/// Two stretches of a text that follow each other *fit* when the context has the second behind the first, no further on
/// than in the text and `slack` bytes more: a text gains what is put between lines and loses what is stripped from them.
/// Of the places behind a place, the nearest fits.
enum Attribution {
    /// Bytes that may be missing between two stretches of a slice.
    static let slack = 64

    /// Narrows each stretch's places, from left to right and back: to those inside `preferred`, then to those that fit a
    /// place of the stretch before, then to those that fit a place of the one behind. What would leave none changes
    /// nothing.
    static func narrow(_ slices: inout [Slice], preferred: ByteRanges? = nil) {
        if let preferred, !preferred.isEmpty {
            for index in slices.indices where slices[index].isAmbiguous {
                let inside = slices[index].places.filter { preferred.contains($0) }
                if !inside.isEmpty { keep(inside, of: &slices[index]) }
            }
        }
        guard slices.count > 1 else { return }
        for index in 1..<slices.count where slices[index].isAmbiguous {
            let before = slices[index - 1]
            let fitting = fitting(behind: before.places, slices[index].places, gap: gap(before, slices[index])).behind
            if !fitting.isEmpty { keep(fitting, of: &slices[index]) }
        }
        for index in (0..<slices.count - 1).reversed() where slices[index].isAmbiguous {
            let behind = slices[index + 1]
            let fitting = fitting(behind: slices[index].places, behind.places, gap: gap(slices[index], behind)).before
            if !fitting.isEmpty { keep(fitting, of: &slices[index]) }
        }
    }

    private static func keep(_ places: [Range<Int>], of slice: inout Slice) {
        // What fits is known, whatever else there may be.
        if places.count == 1 { slice.isPartial = false }
        slice.places = places
    }

    private static func gap(_ before: Slice, _ behind: Slice) -> Int { behind.text.lowerBound - before.text.upperBound }

    /// The pairs that fit, as the places that have part in one.
    private static func fitting(
        behind before: [Range<Int>], _ behind: [Range<Int>], gap: Int
    ) -> (before: [Range<Int>], behind: [Range<Int>]) {
        var result: (before: [Range<Int>], behind: [Range<Int>]) = ([], [])
        var next = 0
        for place in before {
            // Stretches that overlap in the text by chance overlap as much in the context at the most.
            while next < behind.count, behind[next].lowerBound - place.upperBound < min(gap, 0) { next += 1 }
            guard next < behind.count else { break }
            guard behind[next].lowerBound - place.upperBound <= max(gap, 0) + slack else { continue }
            result.before.append(place)
            if result.behind.last != behind[next] { result.behind.append(behind[next]) }
        }
        return result
    }
}
