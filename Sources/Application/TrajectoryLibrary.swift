// A store as the explorer reads it: by the page, and never more than what a screen can show.

package import Trajectory
import TrajectoryStore
package import Views

/// Reads what commands ask for. Every method throws `StoreError`.
package struct TrajectoryLibrary: Sendable {
    let store: any TrajectorySource
    let maps = MapReadings()
    /// Blocks are read in portions of this; hardly an iteration has more.
    private static let blockPortion = 32
    /// Sub-calls that have a row of their own while the others of their batch share one.
    private static let frontierLimit = 5_000
    /// Nodes a search finds at most, and at a time.
    private static let hitLimit = 10_000
    private static let hitPortion = 200

    package init(_ store: any TrajectorySource) { self.store = store }

    package func runs(pages: [Int]) throws -> ExplorerMessage {
        var read: [Int: [Run]] = [:]
        for page in pages {
            read[page] = try store.runs(limit: RunsList.pageSize, offset: page * RunsList.pageSize)
        }
        return .runsLoaded(count: try store.runCount(), pages: read)
    }

    package func run(_ id: RunID) throws -> ExplorerMessage {
        .runLoaded(try store.run(id), root: try store.root(of: id))
    }

    package func branch(_ path: TreeRows.Path, _ node: Node, opening: Bool) throws -> ExplorerMessage {
        let fresh = try store.node(node.id, address: node.address)
        let blocks = fresh.kind == .iteration ? try blocks(of: fresh) : []
        let children = max(0, fresh.childCount - blocks.count)
        let queuedTail = try queuedTail(of: fresh, blocks: blocks.count, children: children)
        var reading = BranchReading(node: fresh, blocks: blocks, children: children, queuedTail: queuedTail)
        if fresh.kind == .iteration, !fresh.status.isFinal, children > 0 {
            reading.frontier = try frontier(of: fresh, before: children - queuedTail)
        }
        return .branchRead(path, reading, opening: opening)
    }

    package func page(of path: TreeRows.Path, _ node: Node, blocks: Int, page: Int) throws -> ExplorerMessage {
        let nodes = try store.children(
            of: node,
            offset: blocks + page * NodeCache.pageSize,
            limit: NodeCache.pageSize
        )
        return .pageLoaded(of: path, page: page, nodes)
    }

    package func detail(_ path: TreeRows.Path, _ node: Node, run: RunID) throws -> ExplorerMessage {
        .detailLoaded(path, node, try content(node, run: run))
    }

    /// The texts of a node by what they are.
    package func texts(_ node: Node, run: RunID, _ use: TextUse) throws -> ExplorerMessage {
        let texts: NodeTexts
        switch try content(node, run: run) {
        case .iteration(let completion, let blocks):
            // The prompt of an iteration is long, and read only when it is asked for.
            let whole = try store.completion(of: node) ?? completion
            texts = .iteration(node, whole, blocks)
        case .block(let block): texts = .block(node, block)
        case .subcall(let completion, let prompt, _, _):
            let messages = prompt.isEmpty ? completion?.messages ?? [] : prompt
            texts = .call(
                node,
                prompt: messages,
                response: completion?.response,
                reasoning: completion?.reasoning
            )
        case .recursiveCall(let prompt, _, let answer): texts = .call(node, prompt: prompt, response: answer)
        case .root: texts = .run(try store.run(run))
        }
        return .textsRead(texts, use)
    }

    // MARK: Holds, forks, edits

    package func holds(in run: RunID) throws -> ExplorerMessage {
        .holdsLoaded(run, try store.holds(in: run, isOpen: true))
    }

    package func family(of run: RunID) throws -> ExplorerMessage { .familyLoaded(run, try store.family(of: run)) }

    package func variables(after node: Node, in run: RunID) throws -> ExplorerMessage {
        .variablesLoaded(run, node.address, try store.variables(after: node, in: run))
    }

    package func editable(_ node: Node, in run: RunID) throws -> ExplorerMessage {
        .editableRead(run, try store.editable(node, in: run))
    }

    package func editable(at address: Address, in run: RunID) throws -> ExplorerMessage {
        try editable(store.node(at: Address(steps: address.steps), in: run), in: run)
    }

    /// Nodes that `]` walks through after an edit.
    private static let staleLimit = 5_000

    package func stale(after edits: PendingEdits, in run: RunID) throws -> ExplorerMessage {
        .staleFound(run, edits, try store.stale(after: edits, in: run, limit: Self.staleLimit))
    }

    package func compare(_ pair: ComparedPair, isCancelled: () -> Bool, tell: (ExplorerMessage) -> Void) {
        do {
            try store.compare(pair, isCancelled: isCancelled) { tell(.compared($0, isWhole: $1)) }
        } catch {
            tell(.compareFailed((error as? StoreError)?.message ?? "\(error)"))
        }
    }

    // MARK: Looking for something

    package func problemCounts(in run: RunID) throws -> ExplorerMessage {
        .problemsCounted(run, try store.problemCounts(in: run, blocksApart: false))
    }

    /// Blocks count as the iterations they stand in: mostly a block has no row of its own, and going on from one would
    /// lead back to the row one is on.
    package func nextProblem(after address: Address, in run: RunID, backwards: Bool) throws -> ExplorerMessage {
        let found = try store.nextProblem(after: address, in: run, backwards: backwards, blocksApart: false)
        return .problemFound(run, found, backwards: backwards)
    }

    /// The same, where nodes that follow from edits which have not run count as stale.
    package func nextProblem(
        after address: Address, in run: RunID, or stale: [Address], backwards: Bool
    ) throws -> ExplorerMessage {
        let count = try store.problemCounts(in: run, blocksApart: false).values.reduce(0, +)
        /// How many problems of the store come before a node.
        func before(_ address: Address) throws -> Int {
            let last = try store.nextProblem(after: address, in: run, backwards: true, blocksApart: false)
            return last.map { $0.isWrapped ? 0 : $0.index } ?? 0
        }
        let recorded = try store.nextProblem(after: address, in: run, backwards: backwards, blocksApart: false)
        let own = backwards ? stale.last { $0.isBefore(address) } : stale.first { address.isBefore($0) }
        let ahead = recorded.flatMap { $0.isWrapped ? nil : $0.address }
        let far = backwards ? stale.last : stale.first
        /// Of two, the one that is reached first on the way.
        func nearer(_ one: Address?, _ other: Address?) -> Address? {
            guard let one, let other else { return one ?? other }
            return backwards == one.isBefore(other) ? other : one
        }
        guard let found = nearer(ahead, own) ?? nearer(recorded?.address, far) else {
            return .problemFound(run, nil, backwards: backwards)
        }
        let node = try store.node(at: found, in: run)
        return .problemFound(
            run,
            FoundProblem(
                id: node.id, address: found, problem: found == recorded?.address ? recorded?.problem ?? .stale : .stale,
                index: 1 + (try before(found)) + stale.count { $0.isBefore(found) }, count: count + stale.count,
                isWrapped: ahead == nil && own == nil),
            backwards: backwards)
    }

    /// Searches a whole run, and says what it has found a portion at a time.
    package func search(
        _ pattern: SearchPattern,
        in run: RunID,
        isCancelled: () -> Bool,
        tell: (ExplorerMessage) -> Void
    ) throws {
        var count = 0
        var last: Address?
        while !isCancelled() {
            let page = try store.search(
                in: run, after: last, limit: Self.hitPortion, isCancelled: isCancelled, matching: pattern.matches)
            last = page.hits.last?.address
            count += page.hits.count
            let isEnd = page.isLast || last == nil || count >= Self.hitLimit
            tell(.searchFound(run, pattern, page.hits.map(\.address), isLast: isEnd, isWhole: page.isLast))
            if isEnd { return }
        }
    }

    private func frontier(of iteration: Node, before end: Int) throws -> [FrontierCall]? {
        guard case .iteration(let id) = iteration.id else { return nil }
        // Ordinals count from 1, places from 0.
        let calls = try store.unsettledCalls(of: id, before: end + 1, limit: Self.frontierLimit)
        return calls?.map { FrontierCall(place: $0.ordinal - 1, status: $0.status) }
    }

    /// Opens everything above a node: a branch after the other, then where it is.
    package func reveal(_ address: Address, in run: RunID) throws -> [ExplorerMessage] {
        var messages: [ExplorerMessage] = []
        for length in 0..<address.steps.count {
            let above = Address(steps: Array(address.steps.prefix(length)))
            let node = try store.node(at: above, in: run)
            messages.append(try branch(above.path, node, opening: true))
        }
        return messages + [.revealed(run, address.path)]
    }

    /// The row of a run in the list of all.
    package func locate(_ id: RunID) throws -> [ExplorerMessage] {
        let count = try store.runCount()
        var row = 0
        while row < count {
            let page = try store.runs(limit: RunsList.pageSize, offset: row)
            guard !page.isEmpty else { break }
            if let inside = page.firstIndex(where: { $0.id == id }) {
                let read: [Int: [Run]] = [row / RunsList.pageSize: page]
                return [.runsLoaded(count: count, pages: read), .runLocated(row + inside)]
            }
            row += RunsList.pageSize
        }
        return []
    }

    private func content(_ node: Node, run: RunID) throws -> DetailContent {
        switch node.id {
        case .iteration(let id):
            let detail = try store.iterationDetail(id)
            return .iteration(detail.completion, detail.blocks)
        case .block(let id): return .block(try block(id, node, run: run))
        case .call(let id):
            if node.address.steps.isEmpty { return .root(try store.contexts(of: run)) }
            let prompt = try store.prompt(of: id)
            if node.kind == .rlm {
                let slices = maps.slices(in: prompt, at: node.address, of: run)
                return .recursiveCall(prompt, slices: slices, answer: try store.answer(of: id))
            }
            let completion = try store.completion(of: node)
            let shown = prompt.isEmpty ? completion?.messages ?? [] : prompt
            return .subcall(
                completion, prompt, slices: maps.slices(in: shown, at: node.address, of: run), attempts: node.attempts)
        }
    }

    /// A block's texts are read with its iteration's.
    private func block(_ id: BlockID, _ node: Node, run: RunID) throws -> CodeBlock {
        let parent = try store.node(at: node.address.parent ?? .root, in: run)
        if case .iteration(let iteration) = parent.id,
            let block = try store.iterationDetail(iteration).blocks.first(where: { $0.id == id })
        {
            return block
        }
        throw StoreError(
            code: .noSuchNode,
            path: node.address.description,
            message: "The block \(node.address) is not in the store any more. ^L draws what is there now."
        )
    }

    private func blocks(of iteration: Node) throws -> [Node] {
        var blocks: [Node] = []
        while blocks.count < iteration.childCount {
            let read = try store.children(of: iteration, offset: blocks.count, limit: Self.blockPortion)
            let own = read.prefix { $0.kind == .block }
            blocks += own
            if own.count < Self.blockPortion { break }
        }
        return blocks
    }

    /// Queued children at the end. The last page is looked at; when all of it waits, the number of queued calls below
    /// the node says where the queue ought to begin, and the call that stands there says whether that is so.
    private func queuedTail(of node: Node, blocks: Int, children: Int) throws -> Int {
        guard node.kind == .iteration, node.calls.queued > 1, children > 1 else { return 0 }
        let window = min(children, NodeCache.pageSize)
        let last = try store.children(of: node, offset: blocks + children - window, limit: window)
        let waiting = last.reversed().prefix { $0.status == .queued }.count
        let all = min(node.calls.queued, children)
        guard waiting == window, all > window else { return waiting }
        func isQueued(_ place: Int) throws -> Bool {
            try store.children(of: node, offset: blocks + place, limit: 1).first?.status == .queued
        }
        // A live run may have gone on since the calls were counted: then the queue begins a little later.
        var first = children - all
        var end = children - window
        while first < end {
            let middle = (first + end) / 2
            if try isQueued(middle) { end = middle } else { first = middle + 1 }
        }
        return children - first
    }
}
