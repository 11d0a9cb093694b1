import CNCurses

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Puts cells into ncurses: attributes and colour pairs for what they mean, characters as this system's C library
/// counts their columns.
struct CursesPainter {
    let depth: ColorDepth
    /// Whether the locale is UTF-8; otherwise ASCII alone is sent.
    let isUTF8: Bool
    private let pairLimit: Int32

    private var palette = Palette.plain
    /// By role, selection and shade; filled as they come. -1 is not filled.
    private var looks: [(attributes: attr_t, pair: Int32)]
    private var pairs: [Colors: Int32] = [:]

    /// Cells on their way, kept for their memory.
    private var run: [cchar_t] = []

    private struct Colors: Hashable {
        let foreground: Int32
        let background: Int32
    }

    /// After `start_color`.
    init(isUTF8: Bool) {
        self.isUTF8 = isUTF8
        let colors = has_colors() ? Int(rlm_colors()) : 0
        depth =
            switch colors {
            case 0x100_0000...: .full
            case 256...: .ansi256
            case 16...: .ansi16
            case 8...: .ansi8
            default: .none
            }
        pairLimit = min(rlm_color_pairs(), 32_000)
        looks = []
        use(.plain)
    }

    /// Whether cells drawn before look otherwise now.
    mutating func use(_ palette: Palette) {
        self.palette = palette
        if depth == .none { self.palette.hasColor = false }
        looks = Array(repeating: (0, -1), count: Role.allCases.count * 512)
    }

    /// Puts the cells of one row of a surface from column x on; the run begins with a whole character.
    mutating func put(_ cells: some Sequence<PackedCell>, of surface: Surface, x: Int, y: Int) {
        run.removeAll(keepingCapacity: true)
        for cell in cells where cell.width > 0 { add(cell, of: surface) }
        // A row at a time, as ncurses checks much for each call.
        mvadd_wchnstr(Int32(y), Int32(x), run, Int32(run.count))
    }

    private mutating func add(_ cell: PackedCell, of surface: Surface) {
        let look = look(of: cell)
        var made = cchar_t()
        if isUTF8 && !palette.glyphs.isASCII {
            let result: Int32
            if cell.clusterIndex == nil {
                // Other columns than ours would displace the rest of the row; then a stand-in is drawn.
                result = rlm_make_character(
                    &made,
                    wchar_t(cell.content),
                    Int32(cell.width),
                    look.attributes,
                    look.pair
                )
            } else {
                result = rlm_make_cell(&made, characters(of: cell, in: surface), look.attributes, look.pair)
            }
            if result == OK {
                run.append(made)
                return
            }
        }
        for byte in surface.asciiText(of: cell).utf8 {
            _ = rlm_make_character(&made, wchar_t(byte), 1, look.attributes, look.pair)
            run.append(made)
        }
    }

    /// A character and its marks as the C library counts them, ended by 0; just a 0 where it counts other columns.
    private func characters(of cell: PackedCell, in surface: Surface) -> [wchar_t] {
        var result: [wchar_t] = []
        for scalar in surface.text(of: cell).unicodeScalars {
            let character = wchar_t(scalar.value)
            let width = rlm_width(character)
            if result.isEmpty {
                guard width == Int32(cell.width) else { return [0] }
                result.append(character)
            } else if width == 0 {
                result.append(character)
            }
        }
        return result + [0]
    }

    private mutating func look(of cell: PackedCell) -> (attributes: attr_t, pair: Int32) {
        let index = (cell.role.index * 2 + (cell.isSelected ? 1 : 0)) * 256 + Int(cell.shade)
        if looks[index].pair >= 0 { return looks[index] }
        var style = palette.style(role: cell.role, isSelected: cell.isSelected, shade: cell.shade)
        var colors = Colors(foreground: -1, background: -1)
        if depth > .none {
            if depth == .ansi8, let foreground = style.foreground?.nearest16, foreground > 7 {
                // Eight colours have no bright ones: bold stands for them, dim white for grey.
                style.attributes.insert(foreground == 8 ? .dim : .bold)
                style.foreground = .ansi(foreground == 8 ? 7 : foreground - 8)
            }
            colors = Colors(foreground: number(style.foreground), background: number(style.background))
            // Where the bar of the selection has no colour of its own among so few, it is reversed.
            if cell.isSelected, colors.background == number(palette.style(role: cell.role).background) {
                style.attributes.insert(.reverse)
            }
            if colors.foreground == colors.background, colors.foreground >= 0 {
                colors = Colors(foreground: colors.background & 7 == 7 ? 0 : 7, background: colors.background)
            }
        }
        looks[index] = (Self.attributes(style.attributes), pair(colors))
        return looks[index]
    }

    private func number(_ color: Color?) -> Int32 {
        guard let color else { return -1 }
        switch depth {
        case .none: return -1
        case .ansi8: return Int32(color.nearest16 & 7)
        case .ansi16: return Int32(color.nearest16)
        case .ansi256: return Int32(color.nearest256)
        case .full:
            if case .ansi(let index) = color, index < 8 { return Int32(index) }
            let (red, green, blue) = color.components
            // Below 8 the number would mean one of the eight.
            return max(8, Int32(red) << 16 | Int32(green) << 8 | Int32(blue))
        }
    }

    /// Pairs are made as they are needed; where a terminal has no more, colours are left out.
    private mutating func pair(_ colors: Colors) -> Int32 {
        if colors.foreground < 0 && colors.background < 0 { return 0 }
        if let pair = pairs[colors] { return pair }
        let pair = Int32(pairs.count + 1)
        guard pair < pairLimit, init_extended_pair(pair, colors.foreground, colors.background) == OK else { return 0 }
        pairs[colors] = pair
        return pair
    }

    private static func attributes(_ attributes: Style.Attributes) -> attr_t {
        var result: attr_t = 0
        if attributes.contains(.bold) { result |= rlm_bold() }
        if attributes.contains(.dim) { result |= rlm_dim() }
        if attributes.contains(.italic) { result |= rlm_italic() }
        if attributes.contains(.underline) { result |= rlm_underline() }
        if attributes.contains(.reverse) { result |= rlm_reverse() }
        return result
    }
}
