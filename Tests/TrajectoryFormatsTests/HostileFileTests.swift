import Foundation
import Testing
import Trajectory
import TrajectoryStore

@testable import TrajectoryFormats

/// Files are other people's; nothing in them may stop the program or pass for what it is not.
@Suite struct HostileFileTests {
    private func iteration(_ fields: String, number: Int = 1) -> String {
        #"{"type":"iteration","iteration":\#(number),\#(fields)}"#
    }

    private func block(_ result: String) -> String { #""code_blocks":[{"code":"x","result":{\#(result)}}]"# }

    @Test func aByteOrderMarkIsNoPartOfTheFirstLine() async throws {
        let bench = try ImportBench()
        let lines = [
            #"{"type":"metadata","root_model":"m","max_depth":1,"max_iterations":3}"#,
            iteration(#""prompt":[],"response":"fine","code_blocks":[],"final_answer":"a""#),
        ]
        let report = try await bench.imported(bench.file("\u{FEFF}" + lines.joined(separator: "\n") + "\n"))[0]
        #expect(report.warnings == [])
        #expect(try bench.store.run(report.run).model?.hasSuffix("m") == true)
    }

    @Test func numbersNoCompletionCanHaveUsedAreUnknown() async throws {
        let bench = try ImportBench()
        let call =
            #"{"prompt":"p","response":"r","execution_time":-9223372036854775808,"usage_summary":"#
            + #"{"model_usage_summaries":{"a":{"total_calls":1,"total_input_tokens":9000000000000000000,"#
            + #""total_output_tokens":5},"b":{"total_calls":1,"total_input_tokens":9000000000000000000}}}}"#
        let lines = iteration(
            #""prompt":[],"response":"x","iteration_time":-5,"final_answer":"a","# + block(#""rlm_calls":[\#(call)]"#))
        let report = try await bench.imported(bench.file(lines + "\n"))[0]
        let run = try bench.store.run(report.run)
        #expect(run.usage.known.inputTokens == nil)
        #expect(run.usage.known.outputTokens == 5)
        try bench.store.walk(run: run.id) { #expect(($0.seconds ?? 0) >= 0) }
    }

    @Test func wrongTypesAreNamedFieldByField() async throws {
        let bench = try ImportBench()
        let lines = [
            #"{"type":"metadata","root_model":7,"max_depth":"deep","max_iterations":-3,"backend_kwargs":[]}"#,
            iteration(#""prompt":5,"response":["r"],"code_blocks":{"a":1},"final_answer":true,"iteration_time":"x""#),
            iteration(
                #""prompt":[{"role":"robot","content":{"a":1}},8],"response":"fine","code_blocks":[1,{"code":2,"result":[]}]"#,
                number: 2
            ),
            iteration(
                #""response":"fine","#
                    + block(
                        #""stdout":1,"stderr":{},"locals":[],"rlm_calls":[3,{"prompt":{"k":1},"response":4,"usage_summary":{"model_usage_summaries":{"m":{"total_input_tokens":"many","total_output_tokens":2.5e400}}}}]"#
                    ),
                number: 3
            ),
        ]
        let report = try await bench.imported(bench.file(lines.joined(separator: "\n")))[0]
        #expect(report.iterations == 3)
        for expected in [
            "line 1: 'root_model' is a number, not a text", "line 1: 'max_depth' is a text, not a number",
            "line 1: 'max_iterations' is no count", "line 1: 'backend_kwargs' is a list, not an object",
            "line 2: 'response' is a list, not a text", "line 2: 'code_blocks' is an object, not a list",
            "line 2: 'iteration_time' is a text, not a number",
            "line 3: 'prompt' has a message of the unknown role 'robot', taken for the user's",
            "line 3: 'code_blocks' is a number, not an object", "line 3: 'code' is a number, not a text",
            "line 3: 'result' is a list, not an object", "line 4: 'stdout' is a number, not a text",
            "line 4: 'locals' is a list, not an object", "line 4: 'rlm_calls' is a number, not an object",
            "line 4: 'total_input_tokens' is a text, not a number", "line 4: 'total_output_tokens' is no finite number",
        ] { #expect(report.warnings.contains(expected), "missing: \(expected)") }
        let call = try bench.node("i3.c1", report.run)
        #expect(call.own.known == .unknown)
        #expect(call.title == #"{"k":1}"#)
        #expect(try bench.detail("i2", report.run).completion?.response == "fine")
    }

    @Test func faultyLinesAreLeftOutAndTheRestIsKept() async throws {
        let bench = try ImportBench()
        let lines = [
            iteration(#""response":"one""#), "not JSON", #"{"type":"iteration","iteration":2,"response":"two"}}"#, "[]",
            #"{"type":"dream"}"#, "", "\u{0}\u{1}", iteration(#""response":"three""#, number: 3), "\"text\"",
        ]
        let report = try await bench.imported(bench.file(lines.joined(separator: "\n") + "\n"))[0]
        #expect(report.iterations == 2)
        let numbers = report.warnings.compactMap { $0.split(separator: ":").first }
        #expect(numbers.dropFirst() == ["line 2", "line 3", "line 4", "line 5", "line 7", "line 9"])
        #expect(report.warnings.first?.contains("no metadata line") == true)
    }

    @Test func whatPythonWritesBeyondJSON() async throws {
        let bench = try ImportBench()
        let line = iteration(
            #""response":"caf\u00e9 \ud83d\ude00 \udc80 \u0000|","final_answer":["FINAL","old"],"#
                + block(#""stdout":"a\"b\\","locals":{"n":NaN,"i":-Infinity,"s":"\ud800"},"execution_time":NaN"#)
        )
        let report = try await bench.imported(bench.file(line))[0]
        let detail = try bench.detail("i1", report.run)
        #expect(detail.completion?.response == "café 😀 \u{fffd} \u{0}|")
        #expect(detail.blocks[0].output.stdout == #"a"b\"#)
        #expect(detail.blocks[0].seconds == nil)
        #expect(detail.blocks[0].variables.map(\.preview) == ["NaN", "-Infinity", "'\u{fffd}'"])
        #expect(detail.blocks[0].variables.map(\.type) == ["float", "float", "str"])
        #expect(report.warnings.contains("line 1: half of a surrogate pair became U+FFFD"))
        let run = try bench.store.run(report.run)
        #expect(run.answer == "old" && run.status == .succeeded)
    }

    @Test func duplicateKeysAndMissingUsage() async throws {
        let bench = try ImportBench()
        let call = #"{"prompt":"p","response":"r","prompt":"last","error":null}"#
        let failed = #"{"prompt":"f","response":"","error":"refused","usage_summary":{"model_usage_summaries":{}}}"#
        let disguised =
            #"{"prompt":"d","response":"Error: LM query failed at max depth - no","usage_summary":{"model_usage_summaries":{}}}"#
        let report = try await bench.imported(
            bench.file(iteration(#""response":"x","# + block(#""rlm_calls":[\#(call),\#(failed),\#(disguised)]"#)))
        )[0]
        let first = try bench.node("i1.c1", report.run)
        #expect(first.title == "last" && first.status == .succeeded)
        #expect(first.own.known == .unknown && first.own.completionsOfUnknownCost == 1)
        let second = try bench.node("i1.c2", report.run)
        #expect(second.status == .failed && second.failure?.message == "refused")
        let third = try bench.node("i1.c3", report.run)
        #expect(third.status == .failed && third.failure?.message == "LM query failed at max depth - no")
        guard case .call(let id) = third.id else { return }
        #expect(try bench.store.answer(of: id) == nil)
    }

    @Test func tenThousandNestedChildren() async throws {
        let bench = try ImportBench()
        let open = #"{"metadata":{"iterations":[{"code_blocks":[{"result":{"rlm_calls":["#
        let close = "]}}]}]}}"
        let deep = String(repeating: open, count: 10_000) + String(repeating: close, count: 10_000)
        let report = try await bench.imported(bench.file(iteration(block(#""rlm_calls":[\#(deep)]"#))))[0]
        #expect(report.warnings.contains { $0.contains("deeper than \(RLMSRun.depthLimit)") })
        #expect(try bench.store.run(report.run).deepest == RLMSRun.depthLimit + 1)
        let brackets = String(repeating: "[", count: 200_000)
        let cut = try await bench.imported(
            bench.file(iteration(#""response":"r""#) + "\n" + #"{"type":"iteration","locals":"# + brackets + "\n")
        )[0]
        #expect(cut.iterations == 1)
    }

    @Test func damagedChildKeepsWhatCameBefore() async throws {
        let bench = try ImportBench()
        let child =
            #"{"prompt":"p","response":"r","metadata":{"iterations":[{"iteration":1,"response":"kept"},{"iteration" 2}]}}"#
        let report = try await bench.imported(bench.file(iteration(block(#""rlm_calls":[\#(child)]"#))))[0]
        #expect(try bench.node("i1.c1", report.run).childCount == 1)
        #expect(report.warnings.contains { $0.hasPrefix("line 1: a recursive call's record is damaged") })
    }

    @Test func veryLongLine() async throws {
        let bench = try ImportBench()
        let long = String(repeating: "abcdefghij", count: 5_000_000)
        let report = try await bench.imported(
            bench.file(
                iteration(#""response":"x","# + block(#""locals":{"context":"\#(long)","context_0":"\#(long)"}"#))
            )
        )[0]
        #expect(try bench.store.contexts(of: report.run).map(\.byteCount) == [50_000_000])
    }

    @Test func linesBeyondTheLimitAreSkipped() throws {
        let bench = try ImportBench()
        let path = try bench.file("short\n" + String(repeating: "x", count: 5_000_000) + "\nlast")
        let reader = try LineReader(path: path, limit: 1_500_000)
        var seen: [String] = []
        while let line = try reader.next() {
            seen.append(line.isTooLong ? "too long" : String(decoding: line.bytes, as: UTF8.self))
        }
        #expect(seen == ["short", "too long", "last"])
    }

    @Test func otherFilesAreNamed() async throws {
        let bench = try ImportBench()
        let files: [(String, String)] = [
            ("", "is empty"), (#"{"event_type":"final_result","run_id":"a","level":30}"#, "fast-rlm"),
            (#"{"startTime":1,"iterations":[],"totalElapsedMs":4}"#, "rlm-cli"),
            ("hello world", "text of no known format"),
            ("\u{0}\u{1}\u{2}\u{3}ELF", "binary of no known format"), ("SQLite format 3\u{0}…", "SQLite database"),
        ]
        for (text, expected) in files {
            let path = try bench.file(text)
            let error = await #expect(throws: FormatError.self) { try await bench.imported(path) }
            #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        }
        for path in ["\(bench.folder)/missing.jsonl", bench.folder] {
            await #expect(throws: FormatError.self) { try await bench.imported(path) }
        }
        #expect(try bench.store.runCount() == 0)
    }

    @Test func secretsOfTheConfigurationAreNotKept() async throws {
        let bench = try ImportBench()
        let metadata =
            #"{"type":"metadata","root_model":"m","backend":"openai","backend_kwargs":{"base_url":"http://me:s3cret@host/v1?key=s3cret","token":"s3cret"}}"#
        let report = try await bench.imported(bench.file(metadata))[0]
        #expect(report.iterations == 0)
        #expect(try bench.store.run(report.run).settings.baseURL == "http://host/v1")
        try bench.store.close()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: bench.store.path))
        #expect(bytes.range(of: Data("s3cret".utf8)) == nil)
    }
}
