import Synchronization
import TestSupport
import Testing
import Trajectory

@testable import LMClients

/// The offline model as a sub-model.
@Suite struct OfflineReaderTests {
    private func read(_ prompt: String) -> String { OfflineClient.answer([Message(role: .user, content: prompt)]) }

    private let text = """
        The vault was painted in spring. Everybody knows the code of conduct.
        Is the vault code known? The vault code is 7316-KESTREL. It was set by Dr. Ines Calder in 1931.
        Harrow Bay station closed. Its last keeper was Tom Reed.
        """

    @Test func picksTheSentenceThatAnswers() {
        #expect(read("Question: What is the vault code?\n\nText:\n\(text)") == "The vault code is 7316-KESTREL.")
        #expect(read("What is the vault code?\n\n\(text)") == "The vault code is 7316-KESTREL.")
        #expect(read("\(text)\n\nQuestion: What is the vault code?") == "The vault code is 7316-KESTREL.")
        #expect(read("Context:\n\(text)\nQuestion: what is the vault code") == "The vault code is 7316-KESTREL.")
        #expect(read("\(text)\nWhat is the vault code?") == "The vault code is 7316-KESTREL.")
    }

    @Test func readsTwoSentencesTogetherWhereOneIsNotEnough() {
        #expect(read("Question: Who was the last keeper of Harrow Bay?\n\nText:\n\(text)").contains("Tom Reed"))
    }

    @Test(arguments: [
        "", " ", "?", "Question:", "Text:", "Question: What is the vault code?\n\nText:\n", "Hello",
        "Question: What is the vault code?\n\nText:\nThe vault was painted. The code of conduct.",
        "Question: Which zeppelin landed?\n\nText:\nA boat came in.", "What is the?\n\nThe what is it.",
    ])
    func doesNotKnowWhatIsNotThere(prompt: String) { #expect(read(prompt) == "I do not know.") }

    @Test func counts() {
        let lines = "1 | spam | a\n2 | ham | spam\n3 | Spam | b spam\n4 | ham | c"
        #expect(read("Question: How many lines are labelled spam?\n\nText:\n\(lines)") == "3")
        #expect(read("How many lines mention the word spam?\n\(lines)") == "3")
        #expect(
            read("Question: Count the lines labelled ham. Answer as JSON.\n\nText:\n\(lines)") == #"{"ham":2}"#
        )
        let labels = "label: b\nlabel: a\nlabel: b"
        #expect(read("Question: Count the lines per label as JSON.\n\nText:\n\(labels)") == #"{"a":1,"b":2}"#)
    }

    @Test func countRulesComeBackOutOfTheirTasks() {
        let rules: [CountRule] = [
            .field("spam"), .word("a b"), .occurrences("owl"), .column(3, separator: "|"), .key("label"),
        ]
        for rule in rules { #expect(CountRule(task: "Question: x\n" + rule.task) == rule) }
    }

    @Test func summarises() {
        let answer = read("Summarise this section in two sentences.\n\nText:\n\(text)")
        #expect(answer.contains("vault"))
        #expect(answer.count < 200)
    }

    @Test func aLongLineIsCutToWhatMatters() {
        let noise = String(repeating: "lorem ipsum dolor ", count: 400)
        let answer = read("Question: What is the vault code?\n\nText:\n\(noise)the vault code is 7316 \(noise)")
        #expect(answer.contains("7316"))
        #expect(answer.count <= 400)
    }

    @Test(arguments: [
        ("codes", "code"), ("boxes", "box"), ("cities", "cit"), ("painted", "paint"), ("class", "class"), ("is", "is"),
    ])
    func stems(word: String, stem: String) { #expect(Words.stem(word) == stem) }

    @Test func scriptsWithoutBlanksHaveWordsToo() {
        #expect(read("Question: 金庫の番号は?\n\nText:\n今日は雨です。\n金庫の番号は7316です。\n犬がいる。") == "金庫の番号は7316です。")
    }

    @Test func usageFollowsItsOwnRule() async throws {
        let request = CompletionRequest(model: "lexical", messages: [Message(role: .user, content: "é漢👍ab")])
        let response = try await OfflineClient().complete(request, onText: nil)
        #expect(response.usage == Usage(inputTokens: 2, outputTokens: 4, cachedTokens: 0, reasoningTokens: 0, cost: 0))
        #expect(response.text == "I do not know.")
        #expect(response.finishReason == "stop")
    }

    @Test func streamsInPieces() async throws {
        let pieces = Mutex<[String]>([])
        let request = CompletionRequest(
            model: "lexical",
            messages: [Message(role: .user, content: "Hello")],
            isStreaming: true
        )
        let response = try await OfflineClient().complete(request) { piece in pieces.withLock { $0.append(piece) } }
        #expect(pieces.withLock { $0 } == ["I ", "do ", "not ", "know."])
        #expect(pieces.withLock { $0.joined() } == response.text)
    }

    @Test func canBeCancelled() async throws {
        let started = Mutex(false)
        let request = CompletionRequest(
            model: "lexical",
            messages: [Message(role: .user, content: "Hello")],
            isStreaming: true
        )
        let task = Task {
            try await OfflineClient(pause: .seconds(60)).complete(request) { _ in started.withLock { $0 = true } }
        }
        #expect(await waitUntil { started.withLock { $0 } })
        task.cancel()
        let error = await failure { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test func knowsNoOtherModel() async throws {
        let error = await failure {
            try await OfflineClient().complete(CompletionRequest(model: "x", messages: []), onText: nil)
        }
        #expect(error?.code == .modelNotFound)
    }
}
