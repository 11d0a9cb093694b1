// Many `llm` calls of an import, made ready on the thread that reads the file.
internal import Crypto
internal import Foundation
internal import Trajectory

/// Calls of one portion with all their texts in one piece of memory: a million of them are moved, and each costs an
/// allocation for every text otherwise. Titles and hashes are made here, so that the writer's thread has only to write.
struct ImportedCalls {
    struct Call {
        var place: StartedCall
        var iteration: Int64
        var block: Int64?
        var batch: Int?
        var depth: Int
        var model: String
        var parameters: String
        var role: Message.Role
        var origin: Origin
        var status: Status
        var failure: String?
        var usage: Usage
        var finishReason: String?
        var retries: Int
        var seconds: Double?
        /// Where the texts are in `bytes`.
        var title: Range<Int>
        var preview: Range<Int>
        /// Places in `texts`.
        var prompt: Int
        var answer: Int?
    }

    struct Text {
        /// SHA-256.
        var hash: (UInt64, UInt64, UInt64, UInt64)
        var range: Range<Int>
    }

    private(set) var calls: [Call] = []
    private(set) var texts: [Text] = []
    private(set) var bytes: [UInt8] = []

    private static let longText = 1 << 20

    var isEmpty: Bool { calls.isEmpty }

    /// About how much memory they need, in bytes.
    var weight: Int { bytes.count + calls.count * MemoryLayout<Call>.stride + texts.count * MemoryLayout<Text>.stride }

    /// Takes a call that has ended; says whether it can be written in this way, as most can.
    mutating func add(_ call: NewCall, as place: StartedCall, _ result: CompletionResult, seconds: Double?) -> Bool {
        guard call.prompt.count == 1, result.reasoning == nil, call.prompt[0].content.utf8.count < Self.longText,
            (result.response?.utf8.count ?? 0) < Self.longText
        else { return false }
        let prompt = addText(call.prompt[0].content)
        let answer = result.response.map { addText($0) }
        let title = add(Title.ofPrompt(call.prompt), where: texts[prompt].range)
        let previewText = oneLine(result.failure?.message ?? result.response ?? "", limit: Title.previewLimit)
        let preview = add(previewText, where: answer.map { texts[$0].range })
        calls.append(
            Call(
                place: place,
                iteration: call.iteration.rawValue,
                block: call.block?.rawValue,
                batch: call.batch,
                depth: call.depth,
                model: call.model,
                parameters: call.completion?.parameters ?? "{}",
                role: call.prompt[0].role,
                origin: call.origin,
                status: result.status,
                failure: result.failure.flatMap(Column.json),
                usage: result.usage,
                finishReason: result.finishReason,
                retries: result.retries,
                seconds: seconds,
                title: title,
                preview: preview,
                prompt: prompt,
                answer: answer
            )
        )
        return true
    }

    private mutating func addText(_ text: String) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        let digest = bytes.withUnsafeBytes {
            var hasher = SHA256()
            hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[start...]))
            return hasher.finalize()
        }
        let hash = digest.withUnsafeBytes { $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self) }
        texts.append(Text(hash: hash, range: start..<bytes.count))
        return texts.count - 1
    }

    /// A line that most times is the text itself.
    private mutating func add(_ line: String, where known: Range<Int>?) -> Range<Int> {
        if let known, line.utf8.count == known.count, line.utf8.elementsEqual(bytes[known]) { return known }
        let start = bytes.count
        bytes.append(contentsOf: line.utf8)
        return start..<bytes.count
    }
}

extension Recorder {
    /// Writes calls of an import. Their texts are written in the order of their hashes, so that each page of the index of
    /// hashes is changed once and not once for each text.
    /// - Parameter run: The row of their run.
    func add(_ imported: ImportedCalls, of run: Int64) throws {
        guard !imported.isEmpty else { return }
        touch(run: run)
        try imported.bytes.withUnsafeBytes { bytes in
            let rows = try addTexts(imported.texts, bytes)
            for call in imported.calls {
                try add(call, of: run, prompt: rows[call.prompt], answer: call.answer.map { rows[$0] }, bytes)
            }
        }
    }

    private func addTexts(_ all: [ImportedCalls.Text], _ bytes: UnsafeRawBufferPointer) throws -> [Int64] {
        var rows = [Int64](repeating: 0, count: all.count)
        let order = all.indices.map { (key: all[$0].hash.0.bigEndian, index: $0) }.sorted { $0.key < $1.key }
        var last: Int?
        for (_, index) in order {
            if let last, all[last].hash == all[index].hash {
                rows[index] = rows[last]
                continue
            }
            var hash = all[index].hash
            rows[index] = try withUnsafeBytes(of: &hash) {
                try texts.row(hash: $0, UnsafeRawBufferPointer(rebasing: bytes[all[index].range]), isSearchable: true)
            }
            last = index
        }
        return rows
    }

    private func add(
        _ call: ImportedCalls.Call,
        of run: Int64,
        prompt text: Int64,
        answer: Int64?,
        _ bytes: UnsafeRawBufferPointer
    ) throws {
        let prompt = try texts.row(parent: 0, role: call.role, text: text)
        let usage = UsageTotal(call.usage)
        let model = call.model.isEmpty ? nil : call.model
        let insert = try connection.statement(
            """
            INSERT INTO call(id, run, iteration, ordinal, block, batch, kind, depth, model, status, origin, title, preview,
                failure, prompt, answer, seconds, deepest, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost,
                completions, unknown_tokens, unknown_cost)
            VALUES (?, ?, ?, ?, ?, ?, 'llm', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        insert.bind(call.place.call.rawValue).bind(run).bind(call.iteration).bind(call.place.ordinal)
        insert.bind(call.block).bind(call.batch).bind(call.depth).bind(model)
        insert.bind(call.status.rawValue).bind(call.origin.rawValue)
        insert.bind(text: UnsafeRawBufferPointer(rebasing: bytes[call.title]))
        insert.bind(text: UnsafeRawBufferPointer(rebasing: bytes[call.preview]))
        insert.bind(call.failure).bind(prompt).bind(answer).bind(call.seconds).bind(call.depth).bind(usage.known)
        insert.bind(usage.completions).bind(usage.completionsOfUnknownTokens)
        try insert.bind(usage.completionsOfUnknownCost).run()

        let completion = try connection.statement(
            """
            INSERT INTO completion(id, call, attempt, model, parameters, messages, response, status, origin, failure,
                tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, finish_reason, retries)
            VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        completion.bind(call.place.completion?.rawValue).bind(call.place.call.rawValue).bind(model)
        completion.bind(call.parameters).bind(prompt).bind(answer).bind(call.status.rawValue)
        completion.bind(call.origin.rawValue).bind(call.failure).bind(call.usage)
        try completion.bind(call.finishReason).bind(call.retries).run()

        var delta = TotalsDelta(usage: usage)
        delta.move(from: nil, to: call.status)
        delta.deepest = call.depth
        operationTotals.add(delta, toIteration: call.iteration)
    }
}
