import Foundation
import Trajectory
import TrajectoryStore

@testable import Application

/// Runs that exist in memory alone, with fixed dates and figures, read by the explorer as it reads a store.
///
/// A run is written by its tree: `FixtureNode` knows what is below it, and the source gives it ids, addresses and totals.
final class FixtureSource: TrajectorySource, @unchecked Sendable {  // @unchecked: tests touch it from one thread.
    private var trees: [RunID: FixtureNode] = [:]
    private(set) var order: [Run] = []
    /// Reads of pages of children since the beginning.
    private(set) var reads = 0

    static let start = Date(timeIntervalSince1970: 1_772_366_700)

    /// Adds a run, newest last. Its counts, usage and depth come of its tree.
    func add(_ run: Run, _ tree: FixtureNode) {
        var run = run
        var tree = tree
        tree.settle(address: .root, depth: 0)
        run.root = tree.callID
        run.iterations = tree.children.count
        run.usage = tree.node.subtree
        run.calls = tree.countsWithItself
        run.deepest = tree.deepest
        order.removeAll { $0.id == run.id }
        order.append(run)
        trees[run.id] = tree
    }

    func runs(limit: Int, offset: Int) throws -> [Run] {
        Array(order.sorted { $0.createdAt > $1.createdAt }.dropFirst(offset).prefix(limit))
    }

    func runCount() throws -> Int { order.count }

    func run(_ id: RunID) throws -> Run {
        guard let run = order.first(where: { $0.id == id }) else {
            throw StoreError(code: .noSuchRun, path: "memory", message: "there is no run \(id)")
        }
        return run
    }

    func root(of run: RunID) throws -> Node { try tree(run).node }

    func children(of node: Node, offset: Int, limit: Int) throws -> [Node] {
        reads += 1
        return Array(try find(node.id).children.dropFirst(offset).prefix(limit).map(\.node))
    }

    func node(at address: Address, in run: RunID) throws -> Node {
        guard let found = try tree(run).find({ $0.node.address == address }) else { throw missing }
        return found.node
    }

    func node(_ id: NodeID, address: Address) throws -> Node { try find(id).node }

    func iterationDetail(_ id: IterationID) throws -> IterationDetail {
        let found = try find(.iteration(id))
        let blocks = found.children.compactMap(\.block)
        return IterationDetail(completion: found.completion, blocks: found.block.map { [$0] } ?? blocks)
    }

    func completions(of id: NodeID) throws -> [Completion] { try find(id).completion.map { [$0] } ?? [] }
    func answer(of call: CallID) throws -> String? { try find(.call(call)).answer }
    func prompt(of call: CallID) throws -> [Message] { try find(.call(call)).prompt }
    func contexts(of run: RunID) throws -> [Context] {
        [Context(name: "context", hash: "00", byteCount: 2_000_000, type: .text, source: "report.txt")]
    }

    /// What is held in a run.
    var holds: [RunID: [Hold]] = [:]
    func holds(in run: RunID, isOpen: Bool?) throws -> [Hold] {
        (holds[run] ?? []).filter { isOpen == nil || ($0.decision == nil) == isOpen }
    }

    private var missing: StoreError { StoreError(code: .noSuchNode, path: "memory", message: "there is no such node") }

    private func tree(_ run: RunID) throws -> FixtureNode {
        guard let tree = trees[run] else { throw missing }
        return tree
    }

    private func find(_ id: NodeID) throws -> FixtureNode {
        for tree in trees.values {
            if let found = tree.find({ $0.node.id == id }) { return found }
        }
        throw missing
    }
}

/// A node with what is below it and its texts.
struct FixtureNode {
    var node: Node
    /// Blocks first, where there are several; an iteration with one keeps it in `block`, unseen by the tree.
    var children: [FixtureNode] = []
    var block: CodeBlock?
    var completion: Completion?
    var prompt: [Message] = []
    var answer: String?

    var callID: CallID? { if case .call(let id) = node.id { id } else { nil } }

    func find(_ fits: (FixtureNode) -> Bool) -> FixtureNode? {
        if fits(self) { return self }
        for child in children {
            if let found = child.find(fits) { return found }
        }
        return nil
    }

    var deepest: Int { children.map(\.deepest).max().map { max($0, node.depth) } ?? node.depth }

    var countsWithItself: CallCounts {
        var counts = node.calls
        counts.add(node.status)
        return counts
    }

    /// Gives it its place and adds up what is below.
    mutating func settle(address: Address, depth: Int) {
        node.address = address
        node.depth = depth
        node.subtree = node.own
        node.calls = CallCounts()
        node.childCount = children.count
        var iterations = 0
        var calls = 0
        var blocks = 0
        for index in children.indices {
            let step: Address.Step
            switch children[index].node.kind {
            case .iteration:
                iterations += 1
                step = .iteration(iterations)
            case .block:
                blocks += 1
                step = .block(blocks)
            case .llm, .rlm:
                calls += 1
                step = .call(calls)
            }
            let isCall = calls > 0 && step == .call(calls)
            children[index].settle(address: address.appending(step), depth: depth + (isCall ? 1 : 0))
            node.subtree += children[index].node.subtree
            node.calls = node.calls + children[index].node.calls
            if isCall { node.calls.add(children[index].node.status) }
        }
    }
}

extension CallCounts {
    static func + (one: CallCounts, other: CallCounts) -> CallCounts {
        CallCounts(
            queued: one.queued + other.queued,
            running: one.running + other.running,
            held: one.held + other.held,
            done: one.done + other.done,
            failed: one.failed + other.failed,
            cancelled: one.cancelled + other.cancelled,
            limited: one.limited + other.limited
        )
    }

    mutating func add(_ status: Status) {
        switch status {
        case .queued: queued += 1
        case .running: running += 1
        case .held: held += 1
        case .failed:
            done += 1
            failed += 1
        case .cancelled:
            done += 1
            cancelled += 1
        case .limited:
            done += 1
            limited += 1
        case .succeeded: done += 1
        }
    }
}
