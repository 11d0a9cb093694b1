// What a pane says when it has nothing to show: what would stand there, and how to get it.

package import Terminal

/// A heading and a few lines of help.
package struct EmptyState: Hashable, Sendable {
    package let title: String
    package let lines: [String]

    package init(title: String, lines: [String]) {
        self.title = title
        self.lines = lines
    }

    package static let noRuns = EmptyState(
        title: "No runs yet.",
        lines: [
            "A run is one question, answered by a model that works on a long context",
            "in a Python REPL. To start one:",
            "",
            "  rlm-tui demo                        a live run, no key and no network",
            "  rlm-tui run \"WHAT?\" --context FILE  ask about a file of your own",
            "  rlm-tui import FILE                 runs of other tools",
            "",
            "Whatever writes to this store shows up here at once.",
        ]
    )

    package static let noRunOpen = EmptyState(
        title: "No run is open.",
        lines: ["Press 1 for the list of runs, then Enter on one of them."]
    )

    package func draw(into surface: inout Surface, rect: Rect) {
        guard rect.height > 0, rect.width > 6 else { return }
        surface.put(title, x: rect.x + 3, y: rect.y, width: rect.width - 4, role: .heading)
        var y = rect.y + 2
        for line in lines {
            let rows = line.isEmpty ? [""] : TextWidth.wrap(line, columns: rect.width - 6)
            for row in rows where y < rect.maxY {
                surface.put(row, x: rect.x + 3, y: y, width: rect.width - 4, role: .dim)
                y += 1
            }
        }
    }
}
