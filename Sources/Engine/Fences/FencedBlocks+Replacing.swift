import Foundation

extension FencedBlocks {
    /// The response with other code in one of its blocks to run, counted from 1; nil where it has no such block.
    ///
    /// The words around it stay, where the block lies in the response as it is; else, as in a quotation with a mark before
    /// each line, the blocks alone are written anew.
    static func replacing(_ number: Int, of response: String, isCut: Bool, with code: String) -> String? {
        var blocks = Self.code(in: response, isCut: isCut)
        guard blocks.indices.contains(number - 1) else { return nil }
        let old = blocks[number - 1]
        blocks[number - 1] = code.hasSuffix("\n") ? code : code + "\n"
        var rest = response.startIndex..<response.endIndex
        while let found = response.range(of: old, options: .literal, range: rest) {
            let changed = response.replacingCharacters(in: found, with: blocks[number - 1])
            if Self.code(in: changed, isCut: isCut) == blocks { return changed }
            rest = found.upperBound..<response.endIndex
        }
        return blocks.map(fenced).joined(separator: "\n\n")
    }

    /// Code in a fence that is longer than any within.
    private static func fenced(_ code: String) -> String {
        var longest = 2
        var length = 0
        for character in code.utf8 {
            length = character == UInt8(ascii: "`") ? length + 1 : 0
            longest = max(longest, length)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)repl\n\(code)\(fence)"
    }
}
