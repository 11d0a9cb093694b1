extension Surface {
    /// Draws a meter `▏███▌   ▏` of `width` columns, its ends included, full by `fraction` (0–1; more is full, nil
    /// leaves it empty). The filled part runs through the palette's gradient.
    package mutating func putMeter(_ fraction: Double?, x: Int, y: Int, width: Int, glyphs: GlyphSet = .unicode) {
        guard width >= 3 else { return }
        put(glyphs.meterLeft, x: x, y: y, width: 1, role: .meterEmpty)
        fill(Rect(x: x + 1, y: y, width: width - 2, height: 1), role: .meterEmpty)
        put(glyphs.meterRight, x: x + width - 1, y: y, width: 1, role: .meterEmpty)
        guard let fraction, fraction > 0 else { return }
        let inner = width - 2
        let steps = glyphs.meterSteps.count
        // More than nothing is never drawn as empty, and less than all never as full.
        let whole = inner * steps
        let exact = min(1, fraction) * Double(whole)
        let filled = fraction >= 1 ? whole : min(max(1, Int(exact)), whole - 1)
        for column in 0..<inner {
            let part = min(filled - column * steps, steps)
            guard part > 0 else { break }
            let shade = inner == 1 ? 255 : UInt8(1 + column * 254 / (inner - 1))
            put(glyphs.meterSteps[part - 1], x: x + 1 + column, y: y, width: 1, role: .meterFill, shade: shade)
        }
    }
}
