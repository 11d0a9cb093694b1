extension Sequence<UInt8> {
    /// Lower-case hexadecimal, two digits a byte.
    package var hexadecimal: String {
        reduce(into: "") { $0 += $1.hexadecimal(digits: 2) }
    }
}

extension BinaryInteger {
    /// Lower-case hexadecimal, with zeros in front up to so many digits.
    package func hexadecimal(digits: Int) -> String {
        let text = String(self, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
