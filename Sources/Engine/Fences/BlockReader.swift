/// Reads lines by CommonMark's block structure as far as fences depend on it: which containers a line goes on in, which
/// it ends, and what it begins (CommonMark 0.31, appendix, phase 1).
struct BlockReader {
    private enum Container {
        case quote
        /// Columns that a line needs before it to go on in the item, and whether anything is in it yet.
        case item(columns: Int, isEmpty: Bool)
    }

    /// What the lines go into.
    private enum Leaf {
        case none
        case paragraph
        case indentedCode
        case html(HTMLBlock)
        case fence(Fence)
    }

    private var containers: [Container] = []
    private var leaf = Leaf.none
    /// The lines of the open fence.
    private var text = ""
    private var blocks: [FencedBlocks.Block] = []

    /// The blocks, once there are no more lines.
    func finished() -> [FencedBlocks.Block] {
        guard case .fence(let fence) = leaf else { return blocks }
        return blocks + [FencedBlocks.Block(language: fence.language, text: text, isClosed: false)]
    }

    mutating func read(_ line: LineCursor) {
        var line = line
        let matched = goOn(&line)
        if matched == containers.count {
            // Lines of code and HTML begin nothing.
            switch leaf {
            case .fence(let fence): return read(line, in: fence)
            case .html(let html) where !(html == .untilBlank && line.isBlank):
                if html.isClosed(by: line.rest) { leaf = .none }
                return
            case .indentedCode where line.isBlank || line.indentation >= 4: return
            case .html, .indentedCode: leaf = .none
            case .none, .paragraph: break
            }
        }
        begin(line, matched: matched)
    }

    /// Takes off the line what its containers put there. Gives how many of them it goes on in.
    private func goOn(_ line: inout LineCursor) -> Int {
        for (index, container) in containers.enumerated() {
            switch container {
            case .quote:
                guard line.indentation <= 3, line.text.first == UInt8(ascii: ">") else { return index }
                Self.skipQuoteMark(&line)
            case .item(let columns, let isEmpty):
                // An item may begin with one blank line, no more.
                if line.isBlank, isEmpty { return index }
                if line.indentation >= columns {
                    line.skipBlanks(columns: columns)
                } else if line.isBlank {
                    line.skipIndentation()
                } else {
                    return index
                }
            }
        }
        return containers.count
    }

    private mutating func read(_ line: LineCursor, in fence: Fence) {
        var line = line
        if line.indentation <= 3, fence.isClosed(by: line.text) { return endLeaf() }
        line.skipBlanks(columns: fence.indentation)
        text += line.rest + "\n"
    }

    /// Begins what the line begins, behind the containers that it goes on in.
    private mutating func begin(_ line: LineCursor, matched: Int) {
        var line = line
        var isNew = false
        var mayBeLazy = if case .paragraph = leaf { true } else { false }
        while !line.isBlank {
            // A paragraph only counts where the line goes on in all that is around it.
            let isInParagraph = mayBeLazy && matched == containers.count && !isNew
            let indentation = line.indentation
            let text = line.text
            if indentation >= 4 {
                // Never interrupts a paragraph.
                if mayBeLazy { break }
                end(after: matched, isNew)
                return open(.indentedCode)
            }
            if text.first == UInt8(ascii: ">") {
                end(after: matched, isNew)
                Self.skipQuoteMark(&line)
                open(.quote)
            } else if SingleLine.isHeading(text) || isInParagraph && SingleLine.isUnderline(text) {
                end(after: matched, isNew)
                return open(.none)
            } else if let fence = Fence(opening: text, indentation: indentation) {
                end(after: matched, isNew)
                return open(.fence(fence))
            } else if let html = HTMLBlock(opening: text) {
                end(after: matched, isNew)
                return open(html.isClosed(by: line.rest) ? .none : .html(html))
            } else if SingleLine.isThematicBreak(text) {
                end(after: matched, isNew)
                return open(.none)
            } else if let marker = ListMarker(text, interruptsParagraph: isInParagraph) {
                end(after: matched, isNew)
                line.skipIndentation()
                line.skip(marker.length)
                open(.item(columns: indentation + marker.length + Self.skipPadding(&line), isEmpty: true))
            } else {
                break
            }
            isNew = true
            mayBeLazy = false
        }
        if line.isBlank {
            end(after: matched, isNew)
        } else if mayBeLazy {
            // The text of a paragraph, also where the line lacks what its containers put before it.
        } else {
            end(after: matched, isNew)
            open(.paragraph)
        }
    }

    /// Ends what the line does not go on in, before something new is begun for the first time.
    private mutating func end(after matched: Int, _ isNew: Bool) {
        guard !isNew else { return }
        endLeaf()
        containers.removeSubrange(matched...)
    }

    private mutating func endLeaf() {
        if case .fence(let fence) = leaf {
            blocks.append(FencedBlocks.Block(language: fence.language, text: text, isClosed: true))
            text = ""
        }
        leaf = .none
    }

    private mutating func open(_ container: Container) {
        fillItem()
        containers.append(container)
    }

    private mutating func open(_ leaf: Leaf) {
        fillItem()
        self.leaf = leaf
    }

    private mutating func fillItem() {
        if case .item(let columns, true) = containers.last {
            containers[containers.count - 1] = .item(columns: columns, isEmpty: false)
        }
    }

    /// Goes over `>`, what is before it, and one column behind it.
    private static func skipQuoteMark(_ line: inout LineCursor) {
        line.skipIndentation()
        line.skip(1)
        line.skipBlanks(columns: 1)
    }

    /// Goes over the blanks behind a list marker that belong to the item's indentation: one to four, or one where there
    /// are more, which then begin indented code, and where nothing follows. Gives the columns it counts for.
    private static func skipPadding(_ line: inout LineCursor) -> Int {
        let blanks = line.indentation
        guard !line.isBlank, 1...4 ~= blanks else {
            line.skipBlanks(columns: 1)
            return 1
        }
        return line.skipBlanks(columns: blanks)
    }
}
