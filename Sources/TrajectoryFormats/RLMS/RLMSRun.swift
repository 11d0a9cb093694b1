// One run of an `rlms` log, written as it is read.
internal import Foundation
internal import Trajectory
internal import TrajectoryStore

final class RLMSRun {
    private let id = RunID.random()
    private let metadata: RLMSMetadata
    private let runs: RunImport
    private let source: String
    private let root: CallID
    private var contexts = RLMSContexts()
    private var variables = RLMSVariables()
    private var hasQuestion: Bool
    private var lastNumber = 0
    private var lastDate: Date?
    private var last: (answer: String?, isLastResort: Bool) = (nil, false)
    private var warnings: [String]
    private var leftOutWarnings = 0

    private static let warningLimit = 100
    /// Recursion below this is left out: no engine goes so deep, a hostile file may.
    static let depthLimit = 64

    init(
        _ metadata: RLMSMetadata,
        first: RLMSIteration?,
        file: String,
        _ runs: RunImport,
        warnings: [String]
    ) throws {
        self.metadata = metadata
        self.runs = runs
        self.warnings = warnings
        source = file
        let question = RLMSPrompt.question(in: first?.prompt ?? [])
        hasQuestion = question != nil
        let start = first.flatMap { Self.start($0) } ?? metadata.timestamp ?? Self.date(ofFile: file)
        var run = NewRun(
            id: id,
            question: question ?? "(the question was not recorded)",
            model: metadata.model(metadata.rootModel),
            environment: metadata.environment,
            origin: .imported,
            source: file,
            sourceFormat: TrajectoryFormat.rlms.rawValue,
            createdAt: start
        )
        run.settings.maxDepth = metadata.maxDepth
        run.settings.maxIterations = metadata.maxIterations
        run.settings.baseURL = metadata.baseURL
        root = try runs.begin(run: run)
    }

    func warn(_ sentence: String) {
        // Each list of sub-calls says by itself what is wrong in it.
        if warnings.contains(sentence) { return }
        if warnings.count < Self.warningLimit { warnings.append(sentence) } else { leftOutWarnings += 1 }
    }

    /// Whether an iteration belongs to this run: the numbers of another begin again.
    func isContinued(by iteration: RLMSIteration) -> Bool {
        guard let number = iteration.number else { return true }
        return number > lastNumber
    }

    func add(_ iteration: RLMSIteration, line: Int) throws {
        lastNumber = iteration.number ?? lastNumber + 1
        lastDate = iteration.timestamp ?? lastDate
        last = (iteration.finalAnswer, iteration.isLastResort)
        var contexts = contexts
        try write(iteration, prompt: iteration.prompt, of: root, depth: 0, line: line, &variables) {
            try contexts.offer($0, $1, to: runs)
        }
        self.contexts = contexts
    }

    func finish() throws -> ReadFile.Run {
        let question = hasQuestion ? nil : contexts.question
        try runs.setBeginning(
            of: id,
            question: question,
            contexts: try contexts.store(runs, source: source)
        )
        let (status, reason): (Status, StopReason) =
            if last.isLastResort { (.limited, .maxIterations) } else if last.answer != nil {
                (.succeeded, .answered)
            } else { (.cancelled, .interrupted) }
        try runs.finish(
            run: id,
            status: status,
            stopReason: reason,
            answer: last.answer,
            failure: nil,
            endedAt: lastDate
        )
        if leftOutWarnings > 0 { warnings.append("\(leftOutWarnings) more warnings were left out") }
        return ReadFile.Run(id: id, warnings: warnings)
    }

    // MARK: Nodes

    private func write(
        _ iteration: RLMSIteration,
        prompt: [Message],
        of call: CallID,
        depth: Int,
        model: String? = nil,
        line: Int,
        _ variables: inout RLMSVariables,
        offerContext: (String, JSONSlice) throws -> Void
    ) throws {
        let row = try runs.addIteration(
            of: call,
            completion: NewCompletion(
                model: model ?? metadata.model(metadata.rootModel) ?? "",
                messages: prompt,
                origin: .imported
            ),
            result: CompletionResult(response: iteration.response, status: .succeeded),
            startedAt: Self.start(iteration)
        )
        var status = Status.succeeded
        for (index, block) in iteration.blocks.enumerated() {
            var found: [Variable] = []
            if let locals = block.locals {
                do { found = try variables.read(locals, offerContext: offerContext) } catch is JSONReader.Malformed {
                    warn("line \(line): the variables of a block are damaged: left out")
                }
            }
            let failure = PythonText.exception(endOf: block.stderr)
            let blockStatus = failure.map { RLMSFailure.status(ofException: $0.kind) } ?? .succeeded
            if status == .succeeded { status = blockStatus }
            let blockRow = try runs.addBlock(
                in: row,
                ordinal: index + 1,
                code: block.code,
                BlockRecord(
                    status: blockStatus,
                    output: Output(stdout: block.stdout, stderr: block.stderr),
                    failure: failure,
                    variables: found,
                    seconds: block.seconds
                )
            )
            guard let calls = block.calls else { continue }
            let parser = RLMSParser(calls)
            try parser.calls { try write($0, in: row, blockRow, depth: depth + 1, line: line) }
            for warning in parser.warnings {
                warn("line \(line): \(depth > 0 ? "in a recursive call, " : "")\(warning)")
            }
        }
        try runs.finish(
            iteration: row,
            status: status,
            endedAt: iteration.timestamp,
            seconds: iteration.seconds
        )
    }

    private func write(
        _ call: RLMSCall,
        in iteration: IterationID,
        _ block: BlockID,
        depth: Int,
        line: Int
    ) throws {
        let model = metadata.model(call.model) ?? ""
        var new = NewCall(
            iteration: iteration,
            block: block,
            kind: .llm,
            depth: depth,
            model: model,
            prompt: call.prompt,
            completion: NewCompletion(model: model, messages: call.prompt, origin: .imported),
            origin: .imported
        )
        let failure = call.failure
        guard let child = call.child else {
            _ = try runs.addCall(
                new,
                CompletionResult(
                    response: failure == nil ? call.response : nil,
                    status: failure.map(RLMSFailure.status(of:)) ?? .succeeded,
                    failure: failure,
                    usage: call.usage
                ),
                seconds: call.seconds
            )
            return
        }
        new.kind = .rlm
        new.completion = nil
        let started = try runs.begin(call: new)
        let isLimited = try writeChild(child, of: started.call, model: model, depth: depth, line: line)
        try runs.finish(
            call: started.call,
            status: failure.map(RLMSFailure.status(of:)) ?? (isLimited ? .limited : .succeeded),
            answer: failure == nil ? call.response : nil,
            failure: failure,
            seconds: call.seconds
        )
    }

    /// Says whether the child ran out of iterations.
    private func writeChild(
        _ child: JSONSlice,
        of call: CallID,
        model: String,
        depth: Int,
        line: Int
    ) throws -> Bool {
        guard depth <= Self.depthLimit else {
            warn("line \(line): calls deeper than \(Self.depthLimit) are left out")
            return false
        }
        var number = 0
        var isLimited = false
        // Whether its iterations share one list of messages; a log of this program's own shows each what it was sent.
        var isAliased = false
        var variables = RLMSVariables()
        let parser = RLMSParser(child)
        do {
            _ = try parser.child { iteration in
                number += 1
                isLimited = iteration.isLastResort
                if number == 1 { isAliased = iteration.prompt.contains { $0.role == .assistant } }
                let prompt =
                    iteration.isLastResort || !isAliased
                    ? iteration.prompt
                    : RLMSPrompt.unaliased(iteration.prompt, number: number, response: iteration.response)
                // A child's context is its prompt, which the call has.
                try write(
                    iteration,
                    prompt: prompt,
                    of: call,
                    depth: depth,
                    model: model,
                    line: line,
                    &variables
                ) { _, _ in }
            }
        } catch let fault as JSONReader.Malformed {
            warn(
                "line \(line): a recursive call's record is damaged where \(fault.expected) should be: the rest is left out"
            )
        }
        for warning in parser.warnings { warn("line \(line): in a recursive call, \(warning)") }
        return isLimited
    }

    private static func start(_ iteration: RLMSIteration) -> Date? {
        guard let end = iteration.timestamp else { return nil }
        return iteration.seconds.map { end.addingTimeInterval(-$0) } ?? end
    }

    private static func date(ofFile path: String) -> Date {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.modificationDate] as? Date ?? Date()
    }
}
