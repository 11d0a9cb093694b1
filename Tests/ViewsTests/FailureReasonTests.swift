import Testing
import Trajectory
import Views

@Suite struct FailureReasonTests {
    @Test(arguments: [
        (
            "rate_limited", "http://127.0.0.1:8080/v1 answered with status 429. It said: \"Slow down\"",
            "rate_limited: \"Slow down\""
        ),
        (
            "connection", "nothing listens at http://127.0.0.1:8080/v1: start the server, or check --base-url",
            "connection: nothing listens: start the server, or check --base-url"
        ),
        (
            "timeout", "https://api.example.com/v1 sent nothing within 30 s: try again",
            "timeout: sent nothing within 30 s: try again"
        ),
        ("refused", "openai/gpt-5 refused to answer: \"I cannot\"", "refused: refused to answer: \"I cannot\""),
        ("NameError", "name 'x' is not defined", "NameError: name 'x' is not defined"),
        ("ValueError", "ValueError: bad part", "ValueError: bad part"),
        (
            "KeyError", "Traceback (most recent call last):\n  File \"<repl>\", line 3, in <module>\nKeyError: 'part'",
            "KeyError: 'part'"
        ),
        (
            "BatchError",
            "1 of 4 sub-calls failed; the first: refused: openai refused the request (400). It said: \"too long\"",
            "BatchError: 1 of 4 failed: \"too long\""
        ),
        ("empty", "", "empty"),
    ])
    func theReasonStandsFirst(kind: String, message: String, short: String) {
        #expect(FailureReason.short(Failure(kind: kind, message: message), model: "openai/gpt-5") == short)
    }

    @Test func nothingTraps() {
        for message in [
            "https://", ": : :", "at https://x: at https://y,", "\n\n", "It said: ", "Traceback (", "openai/gpt-5",
        ] {
            _ = FailureReason.short(Failure(kind: "", message: message), model: "openai/gpt-5")
        }
    }
}
