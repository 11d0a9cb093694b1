/// A place in a line that is being taken apart, counted in bytes and in columns: a tab goes on to the next multiple of
/// four, and may be taken in part (CommonMark 0.31, section 2.2).
struct LineCursor {
    typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private let bytes: Bytes
    private var index: Int
    private(set) var column = 0
    /// Columns of the tab at `index` that have been taken.
    private var takenOfTab = 0

    init(_ bytes: Bytes) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    /// What comes behind spaces and tabs.
    var text: Bytes { bytes[index...].drop { $0 == .space || $0 == .tab } }

    var isBlank: Bool { text.isEmpty }
    var isAtEnd: Bool { index == bytes.endIndex }

    /// Columns of spaces and tabs from here on.
    var indentation: Int {
        var columns = -takenOfTab
        var at = column - takenOfTab
        for byte in bytes[index...] {
            if byte == .space {
                columns += 1
                at += 1
            } else if byte == .tab {
                columns += 4 - at % 4
                at += 4 - at % 4
            } else {
                break
            }
        }
        return columns
    }

    /// Goes over spaces and tabs, so many columns at most. Gives how many there were.
    @discardableResult
    mutating func skipBlanks(columns: Int) -> Int {
        let start = column
        while column - start < columns, index < bytes.endIndex {
            if bytes[index] == .space {
                index += 1
                column += 1
            } else if bytes[index] == .tab {
                column += 1
                takenOfTab += 1
                if column % 4 == 0 {
                    index += 1
                    takenOfTab = 0
                }
            } else {
                break
            }
        }
        return column - start
    }

    mutating func skipIndentation() { skipBlanks(columns: .max) }

    /// Goes over bytes that are no tabs.
    mutating func skip(_ count: Int) {
        index += count
        column += count
    }

    /// The rest of the line; what is left of a tab taken in part becomes spaces.
    var rest: String {
        guard takenOfTab > 0 else { return String(decoding: bytes[index...], as: UTF8.self) }
        return String(repeating: " ", count: 4 - column % 4) + String(decoding: bytes[(index + 1)...], as: UTF8.self)
    }
}

extension UInt8 {
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")

    var isASCIIDigit: Bool { self &- 0x30 < 10 }
    var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
