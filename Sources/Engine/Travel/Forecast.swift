import Foundation
import LMClients
package import Trajectory
import TrajectoryStore

/// What continuing from a change would take, told from the store alone: nothing is sent and nothing runs. Nil is what
/// nobody can know before, since the model or the code decides it.
package struct Forecast: Sendable, Hashable {
    /// Sub-calls that would be asked of a model.
    package var liveCalls: Int?
    /// Sub-calls that would be answered from the store.
    package var recordedCalls: Int
    /// Turns of the root's model.
    package var iterations: Int?
    /// About how many, in and out, if it goes on as it did.
    package var tokens: Int?
    /// US dollars, likewise.
    package var cost: Double?
    /// What of the code that runs again may not repeat, a line each.
    package var cannotRepeat: [String]
}

extension TimeTravel {
    /// What `fork` with the same change would take. Throws as it does.
    package func forecast(_ run: Run, at address: Address, _ change: Change) throws -> Forecast {
        let address = Address(steps: address.steps)
        let node = try node(address, of: run, change, isForked: true)
        _ = try contexts(of: run)
        guard let root = run.root else { throw TravelError("run \(run.id) has no root call") }
        var count = Count(change: change, price: options.price)
        count.tried = try tried(node)
        if run.hashSeed == nil { count.cannotRepeat.append("set order: this run has no recorded hash seed") }
        if address.steps.isEmpty {
            count.isOpen = true
            try store.recordedIterations(of: root) { try add($0, to: &count) }
        } else {
            try add(root, address.steps[...], at: .root, to: &count)
        }
        return count.forecast
    }

    /// What `rerun` with the same change would take.
    package func forecastAlone(_ run: Run, at address: Address, _ change: Change) throws -> Forecast {
        let node = try node(address, of: run, change, isForked: false)
        var count = Count(change: change, price: options.price)
        count.mayEnd = true
        switch node.id {
        case .block(let block):
            guard let place = node.address.parent, let above = place.parent,
                case .call(let caller) = try store.node(at: above, in: run.id).id
            else { break }
            try store.recordedIterations(of: caller) { iteration in
                for recorded in iteration.blocks where recorded.id == block { note(recorded, at: place, in: &count) }
            }
        case .call, .iteration:
            if change.response != nil { break }
            count.live = 1
            count.add(try store.completions(of: node.id).first?.usage ?? .unknown)
        }
        return count.forecast
    }

    /// What was used, and what is known of what will be.
    private struct Count {
        let change: Change
        let price: @Sendable (Usage, Model) -> Double?
        var live = 0
        var recorded = 0
        var tokens: Int? = 0
        var cost: Double? = 0
        /// Whether code or a model decides what else is asked.
        var isOpen = false
        /// Whether the root is certain to end where it did.
        var mayEnd = false
        var cannotRepeat: [String] = []
        /// What was answered when the changed sub-call was run again alone.
        var tried: [Completion] = []

        mutating func add(_ usage: Usage) {
            tokens = usage.totalTokens.flatMap { more in tokens.map { $0 + more } }
            cost = usage.cost.flatMap { more in cost.map { $0 + more } }
        }

        var forecast: Forecast {
            Forecast(
                liveCalls: isOpen ? nil : live, recordedCalls: recorded, iterations: mayEnd ? 0 : nil, tokens: tokens,
                cost: cost, cannotRepeat: cannotRepeat)
        }
    }

    /// Follows the path through one call.
    private func add(_ call: CallID, _ steps: ArraySlice<Address.Step>, at address: Address, to count: inout Count)
        throws
    {
        guard case .iteration(let number)? = steps.first else { return }
        let rest = steps.dropFirst()
        var last = 0
        try store.recordedIterations(of: call) { iteration in
            last = iteration.ordinal
            let place = address.appending(.iteration(iteration.ordinal))
            let calls = iteration.blocks.flatMap(\.calls) + iteration.looseCalls
            if iteration.ordinal < number {
                for block in iteration.blocks { note(block, at: place, in: &count) }
                count.recorded += calls.count
                return
            }
            guard iteration.ordinal == number else { return try add(iteration, to: &count) }
            switch rest.first {
            case nil, .iteration:
                count.isOpen = true
                if count.change.response == nil { try add(iteration, to: &count) }
            case .block(let changed):
                for block in iteration.blocks where block.ordinal < changed {
                    note(block, at: place, in: &count)
                    count.recorded += block.calls.count
                }
                count.isOpen = true
            case .call(let changed):
                for block in iteration.blocks { note(block, at: place, in: &count) }
                count.recorded += calls.filter { $0.ordinal != changed }.count
                guard let call = calls.first(where: { $0.ordinal == changed }) else { return }
                if rest.count > 1 {
                    try add(call.id, rest.dropFirst(), at: place.appending(.call(changed)), to: &count)
                } else if count.change.response == nil, try isTried(call, in: count) {
                    count.recorded += 1
                } else if count.change.response == nil {
                    count.live += 1
                    count.isOpen = count.isOpen || call.kind == .rlm
                    try add(changed: call, to: &count)
                }
            }
        }
        if address.steps.isEmpty, last == number, case .call? = rest.first { count.mayEnd = true }
    }

    /// Whether the change was run alone before, so that its answer is there.
    private func isTried(_ call: RecordedCall, in count: Count) throws -> Bool {
        guard !count.change.isEmpty, !count.tried.isEmpty else { return false }
        let prompt = count.change.applied(to: try store.prompt(of: call.id))
        return count.tried.contains { $0.messages == prompt && $0.model == count.change.model ?? call.model }
    }

    /// The call that is asked otherwise: about as long an answer to the new prompt.
    private func add(changed call: RecordedCall, to count: inout Count) throws {
        let prompt = count.change.applied(to: try store.prompt(of: call.id))
        let output = call.usage.outputTokens ?? call.answer.map { TokenEstimate.likely($0) } ?? 0
        var usage = Usage(inputTokens: TokenEstimate.likely(prompt), outputTokens: output)
        let model = count.change.model ?? call.model
        usage.cost = model.flatMap(Model.init).flatMap { count.price(usage, $0) } ?? call.usage.cost
        count.add(usage)
    }

    /// An iteration after the change: asked again, about as it was.
    private func add(_ iteration: RecordedIteration, to count: inout Count) throws {
        let calls = iteration.blocks.flatMap(\.calls) + iteration.looseCalls
        if !calls.isEmpty { count.isOpen = true }
        for completion in try store.completions(of: .iteration(iteration.id)).suffix(1) { count.add(completion.usage) }
        for call in calls where call.kind == .llm { count.add(call.usage) }
    }

    private func note(_ block: RecordedBlock, at place: Address, in count: inout Count) {
        count.cannotRepeat += Unrepeatable.found(in: block.code).map {
            "\(place.appending(.block(block.ordinal))): \($0)"
        }
    }
}

/// What code may do that does not come out the same a second time, by the names it uses.
enum Unrepeatable {
    private static let signs: [(pattern: String, what: String)] = [
        (
            #"\btime\s*\.\s*(time|monotonic|perf_counter|localtime|gmtime|strftime)|\b(datetime|date)\s*\.\s*(now|utcnow|today)\b"#,
            "reads the clock"
        ),
        (
            #"\bSystemRandom\b|\bsecrets\b|\burandom\b|\buuid[14]\b|\bRandom\(\s*\)|\bdefault_rng\(\s*\)"#,
            "takes chance from the system"
        ),
        (#"\bopen\s*\([^)\n]*,\s*(mode\s*=\s*)?["'][wax]|\bwrite_(text|bytes)\s*\("#, "writes files"),
        (#"\bsubprocess\b|\bos\s*\.\s*(system|popen|fork|exec\w*|spawn\w*)\b|\bmultiprocessing\b"#, "starts processes"),
        (#"\bsocket\b|\burllib\b|\brequests\s*\.|\bhttp\s*\.\s*client\b"#, "uses the network"),
        (#"\bthreading\b|\bThreadPoolExecutor\b|\basyncio\b"#, "runs things at the same time, whose order may differ"),
        (#"\bid\s*\(|\bgetpid\b"#, "depends on the process it runs in"),
    ]

    static func found(in code: String) -> [String] {
        signs.compactMap { sign in
            code.range(of: sign.pattern, options: .regularExpression).map { "\(sign.what) (\(code[$0].prefix(40)))" }
        }
    }
}
