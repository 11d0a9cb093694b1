/// One cell of a surface: a character with its marks, sanitised, and what it means.
package struct Cell: Hashable, Sendable {
    /// Empty for the right half of a wide character.
    package var text: String
    /// 1, 2 for a wide character, 0 for the right half of one.
    package var width: UInt8
    package var role: Role
    /// Whether the bar of the selection lies under it.
    package var isSelected: Bool
    /// 0, or a place in the palette's gradient from 1, its beginning, to 255, its end.
    package var shade: UInt8

    package init(text: String, width: UInt8 = 1, role: Role = .text, isSelected: Bool = false, shade: UInt8 = 0) {
        self.text = text
        self.width = width
        self.role = role
        self.isSelected = isSelected
        self.shade = shade
    }
}

/// A cell as surfaces keep it: eight bytes, nothing on the heap.
struct PackedCell: Hashable, Sendable {
    /// A scalar; with the high bit set a place in the surface's list of marked characters. 0 is a right half.
    var content: UInt32 = 0x20
    var role: Role = .text
    var width: UInt8 = 1
    var isSelected = false
    var shade: UInt8 = 0

    static let clusterBit: UInt32 = 1 << 31
    static let rightHalf: UInt32 = 0

    var clusterIndex: Int? { content & Self.clusterBit == 0 ? nil : Int(content & ~Self.clusterBit) }
    var isBlank: Bool { content == 0x20 }

    mutating func makeBlank() {
        content = 0x20
        width = 1
    }
}
