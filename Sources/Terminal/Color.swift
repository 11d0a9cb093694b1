#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A colour of a theme: full red, green and blue with the nearest of the sixteen where a person chose it, or one of
/// the sixteen itself (0–7 dark, 8–15 bright).
package enum Color: Hashable, Sendable {
    case rgb(UInt8, UInt8, UInt8, ansi16: UInt8?)
    case ansi(UInt8)

    /// Red, green and blue; those of xterm for the sixteen.
    package var components: (red: UInt8, green: UInt8, blue: UInt8) {
        switch self {
        case .rgb(let red, let green, let blue, _): (red, green, blue)
        case .ansi(let index): Self.sixteen[Int(index & 15)]
        }
    }

    /// Its place among the sixteen: as chosen, otherwise the nearest.
    package var nearest16: UInt8 {
        switch self {
        case .ansi(let index): index & 15
        case .rgb(_, _, _, .some(let index)): index & 15
        case .rgb: nearest(among: 0..<16) { Self.sixteen[$0] }
        }
    }

    /// Its place in xterm's 256: of the cube and greys, as people change the first sixteen.
    package var nearest256: UInt8 {
        if case .ansi(let index) = self { return index & 15 }
        return nearest(among: 16..<256) { Self.color256($0) }
    }

    private func nearest(among indices: Range<Int>, _ color: (Int) -> (red: UInt8, green: UInt8, blue: UInt8)) -> UInt8
    {
        let own = components
        var best = indices.lowerBound
        var least = Int.max
        for index in indices {
            let other = color(index)
            let red = Int(own.red) - Int(other.red)
            let green = Int(own.green) - Int(other.green)
            let blue = Int(own.blue) - Int(other.blue)
            // The eye tells greens apart best and blues worst.
            let distance = 3 * red * red + 4 * green * green + 2 * blue * blue
            if distance < least {
                least = distance
                best = index
            }
        }
        return UInt8(best)
    }

    /// WCAG 2 relative luminance, 0 black to 1 white.
    package var luminance: Double {
        func linear(_ value: UInt8) -> Double {
            let part = Double(value) / 255
            guard part > 0.04045 else { return part / 12.92 }
            return pow((part + 0.055) / 1.055, 2.4)
        }
        let own = components
        return 0.2126 * linear(own.red) + 0.7152 * linear(own.green) + 0.0722 * linear(own.blue)
    }

    /// WCAG 2 contrast ratio, 1 to 21; text wants 4.5.
    package func contrast(with other: Color) -> Double {
        let one = luminance
        let two = other.luminance
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// The colour `fraction` (0–1) of the way to another.
    package func mixed(with other: Color, fraction: Double) -> Color {
        let part = min(1, max(0, fraction))
        func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
            UInt8((Double(one) + (Double(two) - Double(one)) * part).rounded())
        }
        let one = components
        let two = other.components
        let nearer = part < 0.5 ? self : other
        return .rgb(
            mix(one.red, two.red),
            mix(one.green, two.green),
            mix(one.blue, two.blue),
            ansi16: nearer.nearest16
        )
    }

    private static func color256(_ index: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        if index >= 232 {
            let grey = UInt8(8 + (index - 232) * 10)
            return (grey, grey, grey)
        }
        let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
        let cube = index - 16
        return (steps[cube / 36], steps[cube / 6 % 6], steps[cube % 6])
    }

    private static let sixteen: [(red: UInt8, green: UInt8, blue: UInt8)] = [
        (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
        (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
        (255, 255, 255),
    ]
}
