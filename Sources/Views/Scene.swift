// What is on the screen, before it is drawn.

/// Everything one frame shows.
package struct Scene: Sendable {
    package enum Overlay: Sendable {
        case help(title: String, groups: [ActionGroup], first: Int)
        case commands([ActionLine], selected: Int)
        case choice(ChoiceMenu)
        case map(MapPane)
    }

    package var layout: Layout
    package var focus: Pane
    package var header: RunHeader?
    /// Stands in the first line while there is no run.
    package var placeholder: String
    package var runs: RunsPane
    package var tree: TreePane?
    package var detail: DetailPane?
    package var wide: WidePane?
    package var peek: PeekView.Subject?
    package var keyLine: KeyLine
    package var overlay: Overlay?
    /// The context in one line.
    package var band: BandLine?

    package init(
        layout: Layout,
        focus: Pane,
        header: RunHeader?,
        placeholder: String,
        runs: RunsPane,
        tree: TreePane? = nil,
        detail: DetailPane? = nil,
        wide: WidePane? = nil,
        peek: PeekView.Subject? = nil,
        keyLine: KeyLine,
        overlay: Overlay? = nil,
        band: BandLine? = nil
    ) {
        self.layout = layout
        self.focus = focus
        self.header = header
        self.placeholder = placeholder
        self.runs = runs
        self.tree = tree
        self.detail = detail
        self.wide = wide
        self.peek = peek
        self.keyLine = keyLine
        self.overlay = overlay
        self.band = band
    }
}
