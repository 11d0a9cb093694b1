// Texts that leave the explorer: to the clipboard, the pager, the editor.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    /// Reads what can be copied or shown of what is under the cursor; which of it is asked when it is known.
    mutating func readTexts(for use: TextUse) -> [Command] {
        if focus == .runs { return runs.selectedRun.map { take(NodeTexts.run($0), use) } ?? [] }
        guard let open, let node = open.selectedNode else { return [] }
        return [.readTexts(node, open.id, use)]
    }

    /// Asks which of a node's texts is meant, where there are several.
    mutating func take(_ texts: NodeTexts, _ use: TextUse) -> [Command] {
        guard let only = texts.parts.first else {
            notice = .notice("\(texts.address) has no text yet.")
            return []
        }
        if texts.parts.count == 1 { return [command(use, only.text, name: only.name)] }
        let figures = pen.figures
        var choices = texts.parts.map { part in
            ChoiceMenu.Choice(key: part.key, label: part.name, detail: figures.bytes(part.text.utf8.count))
        }
        choices.append(.init(key: "e", label: "everything", detail: figures.bytes(texts.everything.utf8.count)))
        let preferred = texts.parts.firstIndex { ["response", "answer"].contains($0.name) }
        let verb = use == .copy ? "Copy" : "Show"
        overlay = .texts(
            ChoiceMenu(title: "\(verb) of \(texts.address)", choices: choices, selected: preferred),
            texts,
            use
        )
        return []
    }

    mutating func choose(_ key: Key, _ menu: ChoiceMenu, _ texts: NodeTexts, _ use: TextUse) -> [Command] {
        var menu = menu
        switch menu.take(key) {
        case .abandoned: overlay = nil
        case .chosen(let place):
            overlay = nil
            guard texts.parts.indices.contains(place) else {
                return [command(use, texts.everything, name: "everything")]
            }
            return [command(use, texts.parts[place].text, name: texts.parts[place].name)]
        case .refused(let reason): notice = .notice(reason)
        case .moved: overlay = .texts(menu, texts, use)
        case .ignored: notice = .quiet("Esc closes the menu.")
        }
        return []
    }

    private func command(_ use: TextUse, _ text: String, name: String) -> Command {
        switch use {
        case .copy: .copy(text, name: name)
        case .page: .page(text)
        }
    }

    mutating func take(edited text: String?, _ use: EditUse) -> [Command] {
        guard let text else {
            if case .node(_, let address, _) = use { notice = .quiet("\(address) is as it was.") }
            return []
        }
        switch (use, waiting) {
        case (.inputLine, .pattern(var line, let pane)?):
            line.replace(text)
            waiting = .pattern(line, pane)
        case (.inputLine, _): break
        case (.node(let run, let address, let part), _): return take(edited: text, run, address, part)
        }
        return []
    }
}
