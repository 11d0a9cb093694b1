// A surface as text: what `snapshot` prints and golden files keep.

extension Surface {
    /// The rows joined by line feeds; blanks at the ends of rows are cut, rows at the bottom are kept.
    package func text() -> String { text(isASCII: false) }

    /// The same in ASCII alone where the palette's glyphs are.
    package func text(isASCII: Bool) -> String {
        var result = ""
        result.reserveCapacity(cells.count + size.rows)
        for y in 0..<size.rows {
            if y > 0 { result += "\n" }
            append(row: y, to: &result, isASCII: isASCII)
        }
        return result
    }

    private func append(row: Int, to result: inout String, isASCII: Bool) {
        let start = row * size.columns
        var end = start + size.columns
        while end > start, cells[end - 1].isBlank { end -= 1 }
        for index in start..<end { append(cells[index], to: &result, isASCII: isASCII) }
    }

    private func append(_ cell: PackedCell, to result: inout String, isASCII: Bool) {
        guard cell.width > 0 else { return }
        if isASCII {
            result += asciiText(of: cell)
        } else if cell.clusterIndex == nil, let scalar = Unicode.Scalar(cell.content) {
            result.unicodeScalars.append(scalar)
        } else {
            result += text(of: cell)
        }
    }

    /// The cell in ASCII, as many columns wide as it is.
    func asciiText(of cell: PackedCell) -> String {
        guard let scalar = text(of: cell).unicodeScalars.first else { return "" }
        let twin = String(GlyphSet.twin(of: scalar))
        return cell.width == 2 ? twin + " " : twin
    }

    /// The rows with SGR colours, each ended by a reset. Blanks at the ends of rows are kept, as they have a
    /// background.
    package func ansi(palette: Palette, depth: ColorDepth = .full) -> String {
        var result = ""
        for y in 0..<size.rows {
            if y > 0 { result += "\n" }
            var current: Style?
            for index in (y * size.columns)..<((y + 1) * size.columns) {
                let cell = cells[index]
                let style = palette.style(role: cell.role, isSelected: cell.isSelected, shade: cell.shade)
                if style != current {
                    result += style.selectGraphicRendition(depth: depth)
                    current = style
                }
                append(cell, to: &result, isASCII: palette.glyphs.isASCII)
            }
            if current != nil { result += "\u{1B}[0m" }
        }
        return result
    }
}

extension Style {
    /// The control sequence that sets it, beginning with a reset.
    func selectGraphicRendition(depth: ColorDepth) -> String {
        var parameters = ["0"]
        let codes: [(Attributes, String)] = [
            (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
        ]
        for (attribute, code) in codes where attributes.contains(attribute) { parameters.append(code) }
        if let foreground { parameters += foreground.parameters(depth: depth, isBackground: false) }
        if let background { parameters += background.parameters(depth: depth, isBackground: true) }
        return "\u{1B}[\(parameters.joined(separator: ";"))m"
    }
}

extension Color {
    fileprivate func parameters(depth: ColorDepth, isBackground: Bool) -> [String] {
        func sixteen(_ index: UInt8) -> [String] {
            let code = Int(index & 7) + (isBackground ? 40 : 30) + (index >= 8 ? 60 : 0)
            return ["\(code)"]
        }
        let lead = isBackground ? "48" : "38"
        switch (depth, self) {
        case (.none, _): return []
        case (.ansi8, _): return sixteen(nearest16 & 7)
        case (.ansi16, _), (_, .ansi): return sixteen(nearest16)
        case (.ansi256, _): return [lead, "5", "\(nearest256)"]
        case (.full, .rgb(let red, let green, let blue, _)): return [lead, "2", "\(red)", "\(green)", "\(blue)"]
        }
    }
}
