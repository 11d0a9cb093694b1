import Synchronization

/// What servers do not know, by endpoint, so that requests go without it: learned from what they refused, or said in the
/// settings. One for all clients of a registry.
package final class Omissions: Sendable {
    /// Words for what is no parameter. Every other word is the name of one: `seed`, `stream_options`, `temperature`.
    package static let stream = "stream"
    package static let streamOptions = "stream_options"
    /// The system role; its text goes into the first message of the user.
    package static let system = "system"
    /// Messages in a row of one role; they are sent as one.
    package static let consecutiveRoles = "consecutive_roles"

    private struct State {
        var learned: [String: Set<String>] = [:]
        var notices: [String] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter server: the endpoint's words, with the model's name where each model of it differs.
    func words(for server: String) -> Set<String> { state.withLock { $0.learned[server] ?? [] } }

    /// Remembers a word; `notice` is what to tell people of it, which is kept where the word is new.
    func learn(_ word: String, about server: String, notice: String) {
        state.withLock { state in
            if state.learned[server, default: []].insert(word).inserted { state.notices.append(notice) }
        }
    }

    /// What was found out and has not been said yet, a sentence each.
    func takeNotices() -> [String] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }
}
