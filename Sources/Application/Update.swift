// The one place where the state changes: a message comes in, the state moves on, commands go out.

import ContextMap
import Foundation
import Terminal
import Trajectory
import Views

/// Moves the model on by one message. Pure: what is to be done in the world comes back as commands.
package func update(_ model: inout ExplorerModel, _ message: ExplorerMessage) -> [Command] {
    let commands: [Command]
    switch message {
    case .screen(let event): commands = model.take(event)
    case .clock(let now):
        model.take(now: now)
        commands = []
    case .ownRuns(let state):
        model.take(state)
        commands = []
    case .storeChanged:
        model.runs.expire()
        model.open?.cache.expire()
        // The family may have grown, and what is said of it have changed.
        if model.focus == .forks { model.forks.run = nil }
        commands = []
    case .storeSaid(let waiting, let notices):
        model.storeWaiting = waiting
        if let last = notices.last { model.notice = .error(last) }
        commands = []
    case .runsLoaded(let count, let pages):
        model.runs.take(count: count, pages: pages)
        commands = []
    case .runLoaded(let run, let root):
        guard model.open?.id == run.id else { return [] }
        model.open?.take(run: run, root: root)
        model.keepRate(of: run)
        commands = model.follow()
    case .branchRead(let path, let reading, let opening):
        model.open?.take(reading, at: path, opening: opening)
        commands = model.follow()
    case .pageLoaded(let path, let page, let nodes):
        let opening = model.open?.take(nodes, page: page, of: path) ?? []
        commands = opening.map { .readBranch($0.0, $0.1, opening: true) } + model.follow()
    case .detailLoaded(let path, let node, let content):
        model.take(content, of: node, at: path)
        commands = []
    case .textsRead(let texts, let use): commands = model.take(texts, use)
    case .problemsCounted(let run, let counts):
        if model.open?.id == run { model.open?.problemCounts = counts }
        commands = []
    case .problemFound(let run, let problem, let backwards):
        guard model.open?.id == run else { return [] }
        commands = model.take(problem, backwards: backwards)
    case .searchFound(let run, let pattern, let hits, let isLast, let isWhole):
        guard model.open?.id == run, model.open?.search?.pattern == pattern, model.open?.search?.isRunning == true
        else { return [] }
        model.open?.search?.add(hits, isLast: isLast, isWhole: isWhole)
        commands = model.takeHits()
    case .revealed(let run, let path):
        if model.open?.id == run { model.open?.reveal(path) }
        commands = []
    case .mapRead(let run, let read):
        guard let open = model.open, open.id == run else { return [] }
        model.open?.take(read, at: model.now)
        // The prompt that is looked at may have been read before it was known what in it is out of the context.
        let isFirst = open.map == nil && !read.map.contexts.isEmpty
        commands = isFirst ? open.detail.map { [.loadDetail($0.path, $0.node, run)] } ?? [] : []
    case .contextRead(let run, let page):
        if model.open?.id == run { model.take(page) }
        commands = []
    case .contextFound(let run, let found):
        if model.open?.id == run { model.take(found) }
        commands = []
    case .runLocated(let row):
        model.runs.select(row)
        commands = []
    case .edited(let text, let use):
        commands = model.take(edited: text, use)
    case .holdsLoaded, .familyLoaded, .variablesLoaded, .editableRead, .staleFound, .compared, .compareFailed,
        .forecastMade, .rerunEnded, .controlBegun, .holdRulesRefused, .codeChecked:
        commands = model.takeTravel(message)
    case .done(let text):
        model.notice = .notice(text)
        commands = []
    case .failed(let text):
        // What could not be begun can be tried again.
        model.forecast?.isBeginning = false
        model.notice = .error(text)
        commands = []
    }
    model.settle()
    return commands
}

extension ExplorerModel {
    mutating func take(_ event: ScreenEvent) -> [Command] {
        switch event {
        case .key(let key):
            if case .control("c") = key {
                // As in a shell, ^C first gives up what is being typed or asked.
                guard overlay != nil || waiting.map({ $0 != .leaving }) ?? false else { return interrupt() }
                overlay = nil
                waiting = nil
                return []
            }
            interrupts = 0
            return press(key)
        case .resized(let size):
            self.size = size
            return follow()
        case .mailbox: return []
        case .hangup:
            outcome = .hangup
            return hasOwnHolds ? [.leaveHeld] : []
        case .terminate:
            outcome = .terminated
            return hasOwnHolds ? [.leaveHeld] : []
        case .interrupt: return interrupt()
        }
    }

    /// ^C asks while a run of this process goes on, and leaves the second time; where nothing runs it leaves at once.
    private mutating func interrupt() -> [Command] {
        interrupts += 1
        overlay = nil
        if interrupts > 1 || !isOwnRunGoing { outcome = .interrupted } else { waiting = .leaving }
        return []
    }

    mutating func ownRunsEnded(_ ended: Set<RunID>) {
        switch waiting {
        case .leaving where !isOwnRunGoing: waiting = nil
        case .cancelling(let run) where ended.contains(run): waiting = nil
        case .holdRules(_, let run, _, _) where ended.contains(run): waiting = nil
        default: break
        }
        open?.cache.expire()
        runs.expire()
    }

    /// Makes positions right after anything that may have moved them.
    mutating func settle() {
        runs.scroll(height: runsHeight)
        let height = treeHeight
        open?.scroll(height: height)
        if let size = textSize, let document = open?.detail?.document {
            open?.detail?.scroll.settle(in: document, size: size)
        }
        settleWide()
        keepElapsed()
    }

    mutating func follow() -> [Command] {
        // A run that has ended is not followed any further. Whoever watched it to its end wants to see the answer, which
        // stands with the root; where there is none, the cursor stays where the run ended.
        if open?.isFollowing == true, let run = open?.run, run.status.isFinal, open?.cache.reading(of: []) != nil {
            let height = treeHeight
            _ = open?.follow(height: height)
            if run.answer != nil { open?.select(row: 0) }
            open?.isFollowing = false
            return []
        }
        let height = treeHeight
        return (open?.follow(height: height) ?? []).map { .readBranch($0.0, $0.1, opening: true) }
    }

    /// What the run spends a second is known anew when it has spent something.
    mutating func keepRate(of run: Run) {
        let elapsed = header(run).elapsed(at: now)
        let rate = SpendingRate.after(open?.rate, cost: run.usage.known.cost, elapsed: elapsed)
        open?.rate = rate
    }

    mutating func take(_ content: DetailContent, of node: Node, at path: TreeRows.Path) {
        guard let open, open.cursor.path == path else { return }
        var detail = Detail(node: node, path: path, content: content, document: Document(), generation: 0)
        let isAnother = open.detail?.path != path
        if let old = open.detail, !isAnother {
            detail.scroll = old.scroll
            detail.unfolded = old.unfolded
            detail.foundLine = old.foundLine
        }
        detail.scroll.wraps = open.wraps
        detail.scroll.pattern = open.search?.pattern
        detail.generation = open.cache.generation
        self.open?.detail = detail
        writeDocument()
        // Somebody who came here by a search sees what was found.
        if isAnother, open.search?.hits.contains(node.address) == true { showFirstMatch() }
    }

    /// Makes the document of the detail of what was read, with its folds as they are.
    mutating func writeDocument() {
        guard var open, let detail = open.detail else { return }
        let documents = NodeDocuments(pen: pen, unfolded: detail.unfolded)
        let node = detail.node
        switch detail.content {
        case .iteration(let completion, let blocks):
            open.detail?.document = documents.iteration(node, completion: completion, blocks: blocks)
        case .block(let block): open.detail?.document = documents.block(node, block)
        case .subcall(let completion, let prompt, let slices, let attempts):
            open.detail?.document = documents.subcall(
                node,
                completion: completion,
                prompt: prompt,
                slices: slices,
                attempts: attempts
            )
        case .recursiveCall(let prompt, let slices, let answer):
            open.detail?.document = documents.recursiveCall(node, prompt: prompt, slices: slices, answer: answer)
        case .root(let contexts):
            guard let run = open.run else { return }
            open.detail?.document = documents.root(node, header: header(run), contexts: contexts)
        }
        self.open = open
    }

    /// Opens all folds of the detail (or closes them).
    mutating func unfoldAll(_ isOpen: Bool = true) {
        guard let detail = open?.detail else { return }
        open?.detail?.unfolded = isOpen ? detail.unfolded.union(detail.document.folds.map(\.id)) : []
        writeDocument()
    }
}
