/// A key, click or paste, as it came from the terminal.
package enum Key: Hashable, Sendable {
    case character(Character)
    /// With the letter in lower case: `.control("c")`. Space, and `@ [ \ ] ^ _` exist too where terminals send them.
    case control(Character)
    case alt(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case function(Int)
    case mouse(MouseEvent)
    /// Text pasted in one piece; untrusted.
    case paste(String)
}

/// Something the mouse did at a cell.
package struct MouseEvent: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case press, release, middlePress, rightPress, drag, wheelUp, wheelDown
    }

    package var kind: Kind
    /// From 0 at the upper left.
    package var x: Int
    package var y: Int

    package init(kind: Kind, x: Int, y: Int) {
        self.kind = kind
        self.x = x
        self.y = y
    }
}
