/// Text as cells: what of untrusted text may reach a terminal, and as how many columns.
///
/// Control characters become their pictures (`␛`), invisible formatting such as bidi overrides becomes `·`, and what
/// no terminal agrees about (C1, private use, unassigned) becomes `�`. A tab is four blanks. Zero-width joiners and a
/// variation selector are left out after the character they belong to, so that the parts of an emoji sequence stand
/// side by side in every terminal; skin tones after an emoji likewise. Regional indicators become their letters. At
/// most four marks are kept on a character.
package enum TextCells {
    /// Columns of a tab.
    package static let tabColumns = 4

    /// Text with nothing in it that a terminal would obey. One line: line ends are shown, not obeyed.
    package static func sanitise(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        var clusters = ClusterIterator(text)
        while let cluster = clusters.next() { cluster.append(to: &result) }
        return result
    }

    /// Tabs as blanks up to the next multiple of `columns`, counted from the beginning of each line; the rest
    /// unchanged.
    package static func expandingTabs(_ text: String, columns: Int = 8) -> String {
        guard columns > 0, text.utf8.contains(9) else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var result = ""
            var used = 0
            for part in line.split(separator: "\t", omittingEmptySubsequences: false) {
                if !result.isEmpty || part.startIndex != line.startIndex {
                    let blanks = columns - used % columns
                    result += String(repeating: " ", count: blanks)
                    used += blanks
                }
                result += part
                used += TextWidth.columns(of: String(part))
            }
            return result
        }.joined(separator: "\n")
    }
}

/// What fills one cell, or two when wide: a spacing scalar with up to four marks.
struct Cluster {
    var base: UInt32
    var width: Int
    /// The scalar it was made from, before any stand-in took its place.
    var source: UInt32
    var marks: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    var markCount = 0

    init(base: UInt32, width: Int, source: UInt32) {
        self.base = base
        self.width = width
        self.source = source
    }

    mutating func add(mark: UInt32) {
        switch markCount {
        case 0: marks.0 = mark
        case 1: marks.1 = mark
        case 2: marks.2 = mark
        case 3: marks.3 = mark
        default: return
        }
        markCount += 1
    }

    func append(to text: inout String) {
        if base == TextCells.tab {
            text += String(repeating: " ", count: width)
            return
        }
        text.unicodeScalars.append(scalar(base))
        for index in 0..<markCount { text.unicodeScalars.append(scalar(mark(index))) }
    }

    func mark(_ index: Int) -> UInt32 {
        switch index {
        case 0: marks.0
        case 1: marks.1
        case 2: marks.2
        default: marks.3
        }
    }

    private func scalar(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }
}

extension TextCells {
    /// Stands for a tab in `Cluster.base`; the only one with more columns than two.
    static let tab: UInt32 = 9

    static let hiddenStandIn: UInt32 = 0xB7
    static let illegalStandIn: UInt32 = 0xFFFD
    static let lonelyMarkBase: UInt32 = 0x25CC
}

/// Reads text cluster by cluster, already sanitised. Costs no memory, and no more time than what is read.
struct ClusterIterator {
    private var scalars: String.UnicodeScalarView.Iterator
    private var ahead: UInt32?

    init(_ text: String) {
        scalars = text.unicodeScalars.makeIterator()
        ahead = scalars.next()?.value
    }

    /// Whether nothing is left.
    var isAtEnd: Bool { ahead == nil }

    mutating func next() -> Cluster? {
        guard let scalar = ahead else { return nil }
        ahead = scalars.next()?.value
        if scalar >= 0x20 && scalar < 0x7F, let following = ahead, following < 0x80 {
            return Cluster(base: scalar, width: 1, source: scalar)
        }
        var cluster = first(scalar)
        // A mark after a control character has no character to join.
        if scalar >= 0x20 && scalar != 0x7F { takeFollowers(of: scalar, into: &cluster) }
        return cluster
    }

    private func first(_ scalar: UInt32) -> Cluster {
        switch WidthTable.class(of: scalar) {
        case .narrow: return Cluster(base: scalar, width: 1, source: scalar)
        case .wide, .modifier: return Cluster(base: scalar, width: 2, source: scalar)
        case .hidden, .selector: return Cluster(base: TextCells.hiddenStandIn, width: 1, source: scalar)
        case .illegal: return Cluster(base: TextCells.illegalStandIn, width: 1, source: scalar)
        case .control:
            if scalar == TextCells.tab {
                return Cluster(base: TextCells.tab, width: TextCells.tabColumns, source: scalar)
            }
            return Cluster(base: scalar == 0x7F ? 0x2421 : 0x2400 + scalar, width: 1, source: scalar)
        case .regional: return Cluster(base: scalar - 0x1F1E6 + 0x41, width: 1, source: scalar)
        case .mark:
            var cluster = Cluster(base: TextCells.lonelyMarkBase, width: 1, source: scalar)
            cluster.add(mark: scalar)
            return cluster
        }
    }

    /// Marks join the cell; a selector, joiner or skin tone that belongs to the character is left out.
    private mutating func takeFollowers(of base: UInt32, into cluster: inout Cluster) {
        // After a stand-in for something hidden each further one is shown too.
        let isStandIn = cluster.base == TextCells.hiddenStandIn || cluster.base == TextCells.illegalStandIn
        var hasSelector = isStandIn
        var hasJoiner = isStandIn
        while let scalar = ahead, scalar >= 0x300 {
            switch WidthTable.class(of: scalar) {
            case .mark:
                cluster.add(mark: scalar)
            case .selector:
                // A joiner inside an ASCII word, or a row of selectors, hides something: it is shown.
                if scalar == 0x200D {
                    guard base >= 0x80, !hasJoiner else { return }
                    hasJoiner = true
                } else {
                    guard !hasSelector else { return }
                    hasSelector = true
                }
            case .modifier:
                guard takesSkinTone(base) else { return }
            default:
                return
            }
            ahead = scalars.next()?.value
        }
    }

    private func takesSkinTone(_ base: UInt32) -> Bool {
        (0x261D...0x270D).contains(base) || (0x1F385...0x1FAFF).contains(base) && !(0x1F3FB...0x1F3FF).contains(base)
    }
}
