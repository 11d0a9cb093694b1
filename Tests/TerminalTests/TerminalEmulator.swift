import CNCurses
import Foundation

/// As much of a terminal as ncurses makes use of with `xterm-256color`, and strict: a sequence that it does not know is
/// kept as a violation. So a test sees what a person would, and that nothing else was sent.
struct TerminalEmulator {
    struct Cell: Equatable {
        /// Empty for the right half of a wide character.
        var text = " "
        var rendition = ""
    }

    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var cells: [[Cell]]
    private(set) var modes: Set<String> = ["?25"]
    private(set) var violations: [String] = []
    private(set) var x = 0
    private(set) var y = 0
    private var rendition = ""
    private var pending: [UInt8] = []
    private var region: ClosedRange<Int>
    /// In the last column after a character there: the next one wraps.
    private var isAtMargin = false

    init(columns: Int, rows: Int) {
        Self.useUTF8
        self.columns = columns
        self.rows = rows
        region = 0...(rows - 1)
        cells = Array(repeating: Array(repeating: Cell(), count: columns), count: rows)
    }

    /// The C library's widths are those of the locale.
    private static let useUTF8: Void = {
        setlocale(LC_CTYPE, "C.UTF-8")
    }()

    /// Rows joined, blanks at their ends cut.
    var text: String {
        cells.map { row in
            var line = row.map(\.text).joined()
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }

    mutating func resize(columns: Int, rows: Int) {
        cells = (0..<rows).map { y in
            (0..<columns).map { x in y < self.rows && x < self.columns ? cells[y][x] : Cell() }
        }
        self.columns = columns
        self.rows = rows
        region = 0...(rows - 1)
        x = min(x, columns - 1)
        y = min(y, rows - 1)
        isAtMargin = false
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        pending += bytes
        var index = 0
        while index < pending.count, let length = step(at: index) { index += length }
        pending.removeFirst(index)
    }

    /// Bytes taken; nil where more are needed.
    private mutating func step(at index: Int) -> Int? {
        let byte = pending[index]
        switch byte {
        case 0x1B: return escape(at: index)
        case 8: (x, isAtMargin) = (max(0, x - 1), false)
        case 9: (x, isAtMargin) = (min(columns - 1, (x / 8 + 1) * 8), false)
        case 10: lineFeed()
        case 13: (x, isAtMargin) = (0, false)
        case 0..<0x20, 0x7F: violations.append("control \(byte)")
        default: return character(at: index)
        }
        return 1
    }

    private mutating func lineFeed() {
        if y == region.upperBound { scroll(up: 1) } else { y = min(y + 1, rows - 1) }
    }

    private mutating func scroll(up count: Int) {
        for _ in 0..<count {
            cells.remove(at: region.lowerBound)
            cells.insert(Array(repeating: Cell(), count: columns), at: region.upperBound)
        }
    }

    private mutating func scroll(down count: Int) {
        for _ in 0..<count {
            cells.remove(at: region.upperBound)
            cells.insert(Array(repeating: Cell(), count: columns), at: region.lowerBound)
        }
    }

    private mutating func character(at index: Int) -> Int? {
        let byte = pending[index]
        let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        guard index + length <= pending.count else { return nil }
        let text = String(decoding: pending[index..<(index + length)], as: UTF8.self)
        for scalar in text.unicodeScalars { put(scalar) }
        return length
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        if (0x80..<0xA0).contains(scalar.value) { violations.append("C1 U+\(String(scalar.value, radix: 16))") }
        let width = Int(rlm_width(wchar_t(scalar.value)))
        guard width > 0 else {
            if width < 0 { violations.append("unprintable U+\(String(scalar.value, radix: 16))") }
            var place = isAtMargin ? x : max(0, x - 1)
            if cells[y][place].text.isEmpty { place -= 1 }
            cells[y][place].text.unicodeScalars.append(scalar)
            return
        }
        if isAtMargin || x + width > columns {
            x = 0
            isAtMargin = false
            lineFeed()
        }
        for place in x..<min(x + width, columns) { release(place) }
        cells[y][x] = Cell(text: String(scalar), rendition: rendition)
        if width == 2, x + 1 < columns { cells[y][x + 1] = Cell(text: "", rendition: rendition) }
        x += width
        if x >= columns {
            x = columns - 1
            isAtMargin = true
        }
    }

    /// Blanks the other half of a wide character.
    private mutating func release(_ place: Int) {
        if cells[y][place].text.isEmpty, place > 0 { cells[y][place - 1].text = " " }
        if place + 1 < columns, cells[y][place + 1].text.isEmpty { cells[y][place + 1].text = " " }
    }

    private mutating func escape(at index: Int) -> Int? {
        guard index + 1 < pending.count else { return nil }
        switch pending[index + 1] {
        case UInt8(ascii: "["):
            var end = index + 2
            while end < pending.count, (0x20...0x3F).contains(pending[end]) { end += 1 }
            guard end < pending.count else { return nil }
            let body = String(decoding: pending[(index + 2)..<end], as: UTF8.self)
            control(body, final: Character(Unicode.Scalar(pending[end])))
            return end - index + 1
        case UInt8(ascii: "("), UInt8(ascii: ")"):
            guard index + 2 < pending.count else { return nil }
            if pending[index + 2] != UInt8(ascii: "B") { violations.append("character set") }
            return 3
        case UInt8(ascii: "]"):
            // Colours as they were, which ncurses sends when it leaves; no other command for the system.
            let reset = Array("\u{1B}]104\u{7}".utf8)
            let head = pending[index...].prefix(reset.count)
            if head.elementsEqual(reset) { return reset.count }
            if reset.starts(with: head) { return nil }
            violations.append("OSC")
            return 2
        case UInt8(ascii: "="), UInt8(ascii: ">"): return 2
        case UInt8(ascii: "M"):
            if y == region.lowerBound { scroll(down: 1) } else { y -= 1 }
            return 2
        default:
            violations.append("ESC \(pending[index + 1])")
            return 2
        }
    }

    private mutating func control(_ body: String, final: Character) {
        let numbers = body.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let count = max(1, numbers.first ?? 1)
        if final != "m" && final != "b" { isAtMargin = false }
        switch final {
        case "m":
            if body.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ";" || $0 == ":") }) {
                rendition = body.isEmpty || body == "0" ? "" : rendition + ";" + body
            } else {
                violations.append("CSI \(body)m")
            }
        case "H":
            y = min(max(0, (numbers.first ?? 1) - 1), rows - 1)
            x = min(max(0, (numbers.count > 1 ? numbers[1] : 1) - 1), columns - 1)
        case "A": y = max(0, y - count)
        case "B": y = min(rows - 1, y + count)
        case "C": x = min(columns - 1, x + count)
        case "D": x = max(0, x - count)
        case "G": x = min(columns, count) - 1
        case "d": y = min(rows, count) - 1
        case "J": clearDisplay(numbers.first ?? 0)
        case "K":
            let range = (numbers.first ?? 0) == 1 ? 0...x : x...(columns - 1)
            for place in range { cells[y][place] = Cell(rendition: rendition) }
        case "X": for place in x..<min(columns, x + count) { cells[y][place] = Cell(rendition: rendition) }
        case "P":
            cells[y].removeSubrange(x..<min(columns, x + count))
            while cells[y].count < columns { cells[y].append(Cell()) }
        case "@":
            cells[y].insert(contentsOf: Array(repeating: Cell(), count: count), at: x)
            cells[y].removeLast(cells[y].count - columns)
        case "L":
            for _ in 0..<count {
                cells.remove(at: region.upperBound)
                cells.insert(Array(repeating: Cell(), count: columns), at: y)
            }
        case "M":
            for _ in 0..<count {
                cells.remove(at: y)
                cells.insert(Array(repeating: Cell(), count: columns), at: region.upperBound)
            }
        case "S": scroll(up: count)
        case "T": scroll(down: count)
        case "b":
            if let last = (isAtMargin ? cells[y][x] : cells[y][max(0, x - 1)]).text.unicodeScalars.first {
                for _ in 0..<count { put(last) }
            }
        case "r":
            let lower = max(1, numbers.first ?? 1) - 1
            let upper = min(rows, numbers.count > 1 ? numbers[1] : rows) - 1
            if lower < upper { region = lower...upper }
            (x, y) = (0, 0)
        case "h", "l":
            let known = ["?1", "?12", "?25", "?1049", "?1002", "?1006", "?2004", "4", "?7"]
            for mode in Self.modes(body) {
                if !known.contains(mode) { violations.append("mode \(mode)") }
                if final == "h" { modes.insert(mode) } else { modes.remove(mode) }
            }
        case "t" where body == "22;0;0" || body == "23;0;0": break
        default: violations.append("CSI \(body)\(final)")
        }
    }

    private static func modes(_ body: String) -> [String] {
        guard body.first == "?" else { return body.split(separator: ";").map(String.init) }
        return body.dropFirst().split(separator: ";").map { "?\($0)" }
    }

    private mutating func clearDisplay(_ part: Int) {
        for row in 0..<rows {
            for column in 0..<columns {
                let isAfter = row > y || row == y && column >= x
                if part == 2 || part == 0 && isAfter || part == 1 && !isAfter {
                    cells[row][column] = Cell(rendition: rendition)
                }
            }
        }
    }
}
