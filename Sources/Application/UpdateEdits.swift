// Changing a node: which part, by hand in a line or in the person's editor, and the way back.

import Terminal
import Trajectory
import Views

extension ExplorerModel {
    mutating func performEdit(_ action: Action) -> [Command] {
        switch action {
        case .edit:
            if focus == .forks { return askForDescription() }
            guard let open else { return [] }
            if focus == .held {
                // What is held may be far from the tree's cursor.
                guard let hold = heldUnderCursor else { return [] }
                return [.readHeldEditable(hold.address, open.id)]
            }
            return open.selectedNode.map { [.readEditable($0, open.id)] } ?? []
        case .undo:
            open?.edits.undo()
            sayEdits("Taken back")
        case .redo:
            open?.edits.redo()
            sayEdits("Made again")
        default: break
        }
        return []
    }

    private mutating func sayEdits(_ what: String) {
        let count = open?.edits.edits.count ?? 0
        notice = .notice(
            "\(what): \(count == 0 ? "nothing is changed now." : "\(count) changed node\(count == 1 ? "" : "s") not run yet.")"
        )
        writeDocument()
    }

    /// Asks which part is meant.
    mutating func take(_ texts: EditableTexts, of run: RunID) -> [Command] {
        guard open?.id == run else { return [] }
        guard !texts.parts.isEmpty else {
            notice = .notice("\(texts.address) has nothing that can be changed.")
            return []
        }
        if texts.parts.count == 1 { return edit(texts.parts[0], run) }
        let choices = texts.parts.map { part in
            ChoiceMenu.Choice(
                key: part.part.key, label: Self.label(part.part),
                detail: [.model, .parameters].contains(part.part) ? part.text : pen.figures.bytes(part.text.utf8.count))
        }
        overlay = .parts(ChoiceMenu(title: "Change of \(texts.address)", choices: choices), run, texts)
        return []
    }

    private static func label(_ part: EditedPart) -> String {
        switch part {
        case .answer: "answer, by hand"
        case .response: "response, by hand"
        default: part.rawValue
        }
    }

    mutating func choose(_ key: Key, _ menu: ChoiceMenu, _ run: RunID, _ texts: EditableTexts) -> [Command] {
        var menu = menu
        switch menu.take(key) {
        case .abandoned: overlay = nil
        case .chosen(let place):
            overlay = nil
            return edit(texts.parts[place], run)
        case .refused(let reason): notice = .notice(reason)
        case .moved: overlay = .parts(menu, run, texts)
        case .ignored: notice = .quiet("Esc closes the menu.")
        }
        return []
    }

    /// One line is changed at the bottom of the screen, more in the person's editor.
    private mutating func edit(_ part: EditableTexts.Part, _ run: RunID) -> [Command] {
        let rejected = open?.rejected.flatMap { $0.address == part.address ? $0[part.part] : nil }
        let text = rejected ?? open?.edits[part.address]?[part.part] ?? part.text
        let isOneLine = !text.contains(where: \.isNewline) && text.count <= InputLine.longest
        if [.model, .parameters].contains(part.part) || (isOneLine && part.part != .code) || !abilities.canEdit {
            guard isOneLine else {
                notice = .error("\(part.address) has several lines, and this screen cannot be lent to an editor.")
                return []
            }
            waiting = .editing(InputLine(text), run, part.address, part.part)
            return []
        }
        return [.edit(text, .node(run, part.address, part.part))]
    }

    mutating func typeEdit(_ key: Key, _ line: InputLine, _ run: RunID, _ address: Address, _ part: EditedPart)
        -> [Command]
    {
        var line = line
        if key == .alt("e"), abilities.canEdit {
            waiting = nil
            return [.edit(line.text, .node(run, address, part))]
        }
        switch line.take(key) {
        // An empty line is a text too; only Esc gives up.
        case .abandoned where key == .backspace: waiting = .editing(line, run, address, part)
        case .abandoned: waiting = nil
        case .entered:
            waiting = nil
            return take(edited: line.text, run, address, part)
        case .changed, .ignored: waiting = .editing(line, run, address, part)
        }
        return []
    }

    /// Takes what a part is to be; code once Python has looked at it.
    mutating func take(edited text: String, _ run: RunID, _ address: Address, _ part: EditedPart) -> [Command] {
        guard open?.id == run else { return [] }
        var edit = open?.edits[address] ?? NodeEdit(address: address)
        edit[part] = text
        if part == .model, !Self.isModel(text) {
            notice = .error("\"\(text)\" is no model: models are written PROVIDER/NAME, such as openai/gpt-5.")
            return []
        }
        if part == .parameters, SamplingText.values(text) == nil {
            notice = .error("\"\(text)\" is not KEY=VALUE, such as temperature=0.2 top_p=0.9.")
            return []
        }
        if part == .code { return [.checkCode(edit, run)] }
        keep(edit)
        return []
    }

    private static func isModel(_ text: String) -> Bool {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(where: \.isWhitespace) }
    }

    mutating func take(_ problem: String?, inCodeOf edit: NodeEdit, _ run: RunID) {
        guard open?.id == run else { return }
        if let problem {
            // Nothing is lost: the next edit begins with what was written.
            open?.rejected = edit
            notice = .error("Not taken: \(problem). e goes on editing.")
            return
        }
        keep(edit)
    }

    private mutating func keep(_ edit: NodeEdit) {
        open?.rejected = nil
        open?.edits.set(edit)
        writeDocument()
        let undo = label(.undo)
        if open?.hold(of: edit.address) != nil {
            notice = .notice(
                "\(edit.address): \(edit.words) changed; \(label(.letGo)) lets it go so, \(undo) takes it back.")
        } else {
            notice = .notice(
                "\(edit.address): \(edit.words) changed; \(label(.rerun)) tries it alone, \(label(.continueRun)) "
                    + "continues, \(undo) takes it back.")
        }
    }

    /// The first key of an action, as help names it.
    func label(_ action: Action) -> String {
        keyMap.keys(for: action).first.map { KeyMap.label($0, glyphs: glyphs) } ?? ":"
    }

    // MARK: Names and notes

    private mutating func askForDescription() -> [Command] {
        guard let run = forks.selectedRun else { return [] }
        overlay = .describing(
            ChoiceMenu(
                title: "Of run \(run.id.short)",
                choices: [
                    .init(key: "n", label: "name", detail: run.name ?? ""),
                    .init(key: "t", label: "note", detail: run.note.map { String($0.prefix(60)) } ?? ""),
                ]), run.id)
        return []
    }

    mutating func choose(_ key: Key, _ menu: ChoiceMenu, descriptionOf run: RunID) -> [Command] {
        var menu = menu
        switch menu.take(key) {
        case .abandoned: overlay = nil
        case .chosen(let place):
            overlay = nil
            let member = forks.family.first { $0.id == run }
            let text = place == 0 ? member?.name : member?.note
            waiting = .describing(InputLine(text ?? ""), run, isNote: place == 1)
        case .refused, .ignored: notice = .quiet("Esc closes the menu.")
        case .moved: overlay = .describing(menu, run)
        }
        return []
    }

    mutating func typeDescription(_ key: Key, _ line: InputLine, _ run: RunID, isNote: Bool) -> [Command] {
        var line = line
        switch line.take(key) {
        case .abandoned where key == .backspace: waiting = .describing(line, run, isNote: isNote)
        case .abandoned: waiting = nil
        case .entered:
            waiting = nil
            return [.describe(run, name: isNote ? nil : line.text, note: isNote ? line.text : nil)]
        case .changed, .ignored: waiting = .describing(line, run, isNote: isNote)
        }
        return []
    }
}
