// What a store answers by its indexes, answered for runs that exist in memory alone by walking through them.

import Trajectory
import Views

@testable import Application
@testable import TrajectoryStore

extension TrajectorySource {
    func holds(in run: RunID, isOpen: Bool?) throws -> [Hold] { [] }
    func family(of run: RunID) throws -> [Run] { [try self.run(run)] }
    func compare(
        _ pair: ComparedPair, isCancelled: () -> Bool, tell: ([ComparedNode], _ isWhole: Bool) -> Void
    ) throws { tell([], true) }

    func unsettledCalls(
        of iteration: IterationID, before end: Int, limit: Int
    ) throws -> [(ordinal: Int, status: Status)]? {
        let node = try node(.iteration(iteration), address: Address(steps: [.iteration(1)]))
        var found: [(ordinal: Int, status: Status)] = []
        var offset = 0
        while true {
            let page = try children(of: node, offset: offset, limit: 512).filter { $0.kind != .block }
            for (place, call) in page.enumerated() where offset + place + 1 < end && call.status != .succeeded {
                found.append((offset + place + 1, call.status))
            }
            offset += page.count
            if page.count < 512 || offset + 1 >= end { break }
        }
        return found.count > limit ? nil : found
    }

    func problemCounts(in run: RunID, blocksApart: Bool) throws -> [Problem: Int] {
        try Dictionary(grouping: problems(in: run)) { $0.problem }.mapValues(\.count)
    }

    func nextProblem(
        after address: Address, in run: RunID, backwards: Bool, blocksApart: Bool
    ) throws -> FoundProblem? {
        let all = try problems(in: run)
        guard !all.isEmpty else { return nil }
        let found =
            backwards
            ? all.lastIndex { $0.address.isBefore(address) } : all.firstIndex { address.isBefore($0.address) }
        let place = found ?? (backwards ? all.count - 1 : 0)
        return FoundProblem(
            id: all[place].id, address: all[place].address, problem: all[place].problem, index: place + 1,
            count: all.count, isWrapped: found == nil)
    }

    /// Blocks count as the iterations they stand in.
    func problems(in run: RunID) throws -> [(id: NodeID, address: Address, problem: Problem)] {
        var found: [(id: NodeID, address: Address, problem: Problem)] = []
        try walk(run) { node in
            if let problem = node.problem, node.kind != .block { found.append((node.id, node.address, problem)) }
            return true
        }
        return found
    }

    func search(
        in run: RunID, after address: Address?, limit: Int, isCancelled: () -> Bool,
        matching matches: (String) throws -> Bool
    ) throws -> SearchPage {
        var hits: [SearchHit] = []
        let isLast = try walk(run) { node in
            if isCancelled() || hits.count >= limit { return false }
            if let address, !address.isBefore(node.address) { return true }
            if try texts(of: node).contains(where: matches) {
                hits.append(SearchHit(id: node.id, address: node.address, field: .title))
            }
            return true
        }
        return SearchPage(hits: hits, isLast: isLast)
    }

    private func texts(of node: Node) throws -> [String] {
        let short = [node.title, node.preview, node.failure?.description ?? ""]
        switch node.id {
        case .block: return short
        case .iteration(let id):
            let detail = try iterationDetail(id)
            return short + [detail.completion?.response, detail.completion?.reasoning].compactMap { $0 }
                + detail.blocks.flatMap { [$0.code, $0.output.stdout, $0.output.stderr] }
        case .call(let id):
            return short + (try prompt(of: id).map(\.content)) + [try answer(of: id) ?? ""]
                + (try completions(of: node.id).map { $0.response ?? "" })
        }
    }

    /// Visits nodes in the order of their addresses until `visit` says no. Gives whether all were seen.
    @discardableResult
    private func walk(_ run: RunID, _ visit: (Node) throws -> Bool) throws -> Bool {
        func go(_ node: Node) throws -> Bool {
            guard try visit(node) else { return false }
            if node.childCount == 0 { return true }
            for child in try children(of: node, offset: 0, limit: .max) where try !go(child) { return false }
            return true
        }
        return try go(try root(of: run))
    }
}
