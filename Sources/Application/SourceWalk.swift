// Questions about a whole run, answered by walking through it. A source that can ask an index does so instead.

package import Trajectory
import TrajectoryStore
package import Views

extension TrajectorySource {
    /// Rows that are looked at before a walk ends with what it has.
    private var walkLimit: Int { 50_000 }

    package func frontier(of iteration: Node, blocks: Int, before end: Int, limit: Int) throws -> [FrontierCall]? {
        guard end <= 4_096 else { return nil }
        var found: [FrontierCall] = []
        var place = 0
        while place < end {
            let page = try children(of: iteration, offset: blocks + place, limit: min(512, end - place))
            guard !page.isEmpty else { break }
            for (offset, node) in page.enumerated() where node.status != .succeeded {
                found.append(FrontierCall(place: place + offset, status: node.status))
            }
            guard found.count <= limit else { return nil }
            place += page.count
        }
        return found
    }

    package func problems(in run: RunID) throws -> [Address] {
        var found: [Address] = []
        try walk(run) { node in
            if node.isProblem { found.append(node.address) }
            return node.mayHoldProblems
        }
        return found
    }

    package func search(_ pattern: SearchPattern, in run: RunID, limit: Int) throws -> RunSearch {
        var hits: [Address] = []
        let isWhole = try walk(run) { node in
            if hits.count < limit, try holds(node, pattern, run) { hits.append(node.address) }
            return hits.count < limit
        }
        return RunSearch(pattern: pattern, hits: hits, isPartial: !isWhole || hits.count >= limit)
    }

    private func holds(_ node: Node, _ pattern: SearchPattern, _ run: RunID) throws -> Bool {
        let short = [node.title, node.preview, node.failure?.description ?? ""]
        if short.contains(where: pattern.matches) { return true }
        switch node.id {
        case .block: return false
        case .iteration(let id):
            let detail = try iterationDetail(id)
            let texts = [detail.completion?.response, detail.completion?.reasoning].compactMap { $0 }
            // A block that has a row of its own is found there.
            let blocks = detail.blocks.count == 1 ? detail.blocks : []
            return texts.contains(where: pattern.matches) || blocks.contains { $0.holds(pattern) }
        case .call(let id):
            if try prompt(of: id).contains(where: { pattern.matches($0.content) }) { return true }
            if try answer(of: id).map(pattern.matches) == true { return true }
            guard node.kind == .llm else { return false }
            return try completions(of: node.id).contains { completion in
                [completion.response, completion.reasoning].compactMap { $0 }.contains(where: pattern.matches)
            }
        }
    }

    /// Visits nodes in the order of their addresses; what `visit` says no to is not gone into. Gives whether all were seen.
    @discardableResult
    private func walk(_ run: RunID, _ visit: (Node) throws -> Bool) throws -> Bool {
        var seen = 0
        func go(_ node: Node) throws -> Bool {
            seen += 1
            guard seen < walkLimit else { return false }
            guard try visit(node) else { return true }
            var offset = 0
            while offset < node.childCount {
                let page = try children(of: node, offset: offset, limit: 256)
                guard !page.isEmpty else { break }
                for child in page { guard try go(child) else { return false } }
                offset += page.count
            }
            return true
        }
        return try go(try root(of: run))
    }
}

extension CodeBlock {
    fileprivate func holds(_ pattern: SearchPattern) -> Bool {
        pattern.matches(code) || pattern.matches(output.stdout) || pattern.matches(output.stderr)
            || failure.map { pattern.matches($0.description) } == true
    }
}

extension Node {
    /// Whether a person who looks for what went wrong or waits should see it.
    package var isProblem: Bool {
        switch status {
        case .failed, .cancelled, .held, .limited: true
        case .queued, .running, .succeeded: failure != nil || freshness != .fresh
        }
    }

    /// Whether something below it can be one, as far as its counts tell.
    package var mayHoldProblems: Bool {
        guard kind == .iteration else { return true }
        let blocks = childCount > 0 && (failure != nil || status != .succeeded)
        return blocks || calls.failed + calls.held + calls.cancelled + calls.limited > 0 || freshness != .fresh
            // Iterations of recursive calls are in no count of calls.
            || calls.total > childCount
    }
}
