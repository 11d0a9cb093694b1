// What of a node can be edited, and which variables it left behind, read from what any source gives.

package import Trajectory
import TrajectoryStore

extension TrajectorySource {
    /// The variables as they were after a node: after a block what the REPL held then, after an iteration or call those of
    /// its last block; a sub-call has those of the block that made it. Throws `StoreError`.
    package func variables(after node: Node, in run: RunID) throws -> [Variable] {
        switch node.kind {
        case .block:
            guard let parent = node.address.parent, case .iteration(let id) = try self.node(at: parent, in: run).id
            else { return [] }
            return try iterationDetail(id).blocks.first { .block($0.id) == node.id }?.variables ?? []
        case .llm:
            guard let parent = node.address.parent, case .iteration(let id) = try self.node(at: parent, in: run).id
            else { return [] }
            let blocks = try iterationDetail(id).blocks
            return (node.block.flatMap { number in blocks.first { $0.ordinal == number } } ?? blocks.last)?.variables
                ?? []
        case .rlm: return try lastVariables(through: node.childCount, of: node)
        case .iteration:
            guard let parent = node.address.parent, let number = node.address.steps.last?.number else { return [] }
            return try lastVariables(through: number, of: try self.node(at: parent, in: run))
        }
    }

    /// What the newest block left that ran in one of a call's first iterations.
    private func lastVariables(through ordinal: Int, of call: Node) throws -> [Variable] {
        for place in (0..<max(0, ordinal)).reversed() {
            guard let iteration = try children(of: call, offset: place, limit: 1).first,
                case .iteration(let id) = iteration.id
            else { continue }
            if let block = try iterationDetail(id).blocks.last { return block.variables }
        }
        return []
    }

    /// What a person can change about a node, as it is. Throws `StoreError`.
    func editable(_ node: Node, in run: RunID) throws -> EditableTexts {
        let address = Address(steps: node.address.steps)
        func part(_ part: EditedPart, _ text: String?, of owner: Address? = nil) -> EditableTexts.Part {
            EditableTexts.Part(part: part, address: owner ?? address, text: text ?? "")
        }
        switch node.id {
        case .call where address.steps.isEmpty:
            let question = try self.run(run).question
            return EditableTexts(address, [part(.question, question), part(.model, try self.run(run).model)])
        case .call(let id):
            let messages = try prompt(of: id)
            let asked = messages.last { $0.role == .user } ?? messages.last
            let last = try completions(of: node.id).last
            let said = try node.kind == .llm ? last?.response : answer(of: id)
            return EditableTexts(
                address,
                [
                    part(.prompt, asked?.content), part(.answer, said), part(.model, node.model ?? last?.model),
                    part(.parameters, SamplingText.line(json: last?.parameters)),
                ])
        case .iteration(let id):
            let detail = try iterationDetail(id)
            var parts = [
                part(.response, detail.completion?.response), part(.model, node.model),
                part(.parameters, SamplingText.line(json: detail.completion?.parameters)),
            ]
            if detail.blocks.count == 1, let block = detail.blocks.first {
                parts.append(part(.code, block.code, of: address.appending(.block(block.ordinal))))
            }
            return EditableTexts(address, parts)
        case .block(let id):
            guard let parent = address.parent, case .iteration(let iteration) = try self.node(at: parent, in: run).id,
                let block = try iterationDetail(iteration).blocks.first(where: { $0.id == id })
            else { return EditableTexts(address, []) }
            return EditableTexts(address, [part(.code, block.code)])
        }
    }

    /// Nodes that follow from edits which have not run, in the order of addresses, `limit` at most. Those that a person finds
    /// as problems anyhow are left out, and what is below a node that follows.
    func stale(after edits: PendingEdits, in run: RunID, limit: Int) throws -> [Address] {
        var found: [Address] = []
        func visit(_ node: Node, _ places: [Address: CallPlace]) throws {
            guard found.count < limit else { return }
            let isOnTheWay = edits.edits.contains {
                $0.address.steps.count > node.address.steps.count && $0.address.steps.starts(with: node.address.steps)
            }
            if edits.isStale(node.address, place: { places[$0] }) {
                if node.problem == nil { found.append(node.address) }
                if !isOnTheWay { return }
            }
            guard isOnTheWay else { return }
            var places = places
            var offset = 0
            var children: [Node] = []
            while offset < node.childCount {
                let page = try self.children(of: node, offset: offset, limit: 512)
                guard !page.isEmpty else { break }
                for child in page where child.kind != .iteration && child.kind != .block {
                    places[child.address] = CallPlace(block: child.block, batch: child.batch)
                }
                children += page
                offset += page.count
            }
            for child in children { try visit(child, places) }
        }
        guard !edits.isEmpty else { return [] }
        try visit(try root(of: run), [:])
        return found
    }
}
