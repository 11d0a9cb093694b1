/// A block of HTML, in which fences are text like any other (CommonMark 0.31, section 4.6, start conditions 1 to 6).
///
/// Condition 7, any other tag alone on a line, is left out: models put tags of their own making around their code, and
/// mean the fences within.
enum HTMLBlock: Equatable {
    /// Ends with the line that holds one of these.
    case until([String])
    /// Ends before a blank line.
    case untilBlank

    /// Nil when the text, behind less than four columns of blanks, opens none.
    init?(opening text: LineCursor.Bytes) {
        guard text.first == UInt8(ascii: "<") else { return nil }
        let beginning = String(decoding: text.prefix(24), as: UTF8.self).lowercased()
        if beginning.hasPrefix("<!--") {
            self = .until(["-->"])
        } else if beginning.hasPrefix("<?") {
            self = .until(["?>"])
        } else if beginning.hasPrefix("<![cdata[") {
            self = .until(["]]>"])
        } else if beginning.hasPrefix("<!"), text.dropFirst(2).first?.isASCIILetter == true {
            self = .until([">"])
        } else {
            let isClosing = beginning.hasPrefix("</")
            let tag = beginning.dropFirst(isClosing ? 2 : 1)
            let name = String(tag.prefix { $0.isASCII && ($0.isLetter || $0.isNumber) })
            let next = tag.dropFirst(name.count)
            let isDelimited = next.isEmpty || " \t>".contains(next.first ?? " ")
            if !isClosing, Self.verbatim.contains(name), isDelimited {
                self = .until(Self.verbatim.map { "</\($0)>" })
            } else if Self.blocks.contains(name), isDelimited || next.hasPrefix("/>") {
                self = .untilBlank
            } else {
                return nil
            }
        }
    }

    /// Whether it ends with this line.
    func isClosed(by line: String) -> Bool {
        guard case .until(let ends) = self else { return false }
        let line = line.lowercased()
        return ends.contains { line.contains($0) }
    }

    private static let verbatim: Set<String> = ["script", "pre", "style", "textarea"]
    private static let blocks: Set<String> = [
        "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup",
        "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form",
        "frame",
        "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li",
        "link",
        "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "search", "section",
        "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
    ]
}
