// What a server does not know and says so: the request is sent again without it.
import Foundation
import Synchronization
import Trajectory

/// Something that is left out of, or changed in, the requests to a server that refuses it.
enum Relaxation: Hashable, Sendable, CustomStringConvertible {
    /// Usage is not asked for in a stream.
    case withoutStreamOptions
    case withoutStream
    case withoutSeed
    /// A sampling parameter.
    case without(String)
    /// `max_tokens` where `max_completion_tokens` was refused, and the other way round.
    case renamed(String, String)
    /// The system's text goes into the first user message.
    case withoutSystem
    /// Messages of one role that follow each other become one.
    case alternating

    var description: String {
        switch self {
        case .withoutStreamOptions: "stream_options"
        case .withoutStream: "stream"
        case .withoutSeed: "seed"
        case .without(let name): name
        case .renamed(let old, let new): "\(old) (sent as \(new))"
        case .withoutSystem: "the system role (its text goes into the first user message)"
        case .alternating: "consecutive messages of one role"
        }
    }

    /// What a refusal asks to be left out of a request; nil where it names nothing that the request has.
    ///
    /// - Parameter message: the server's words, whole.
    init?(status: Int, message: String, request: CompletionRequest, without: Set<Relaxation>) {
        guard [400, 404, 405, 415, 422, 500, 501].contains(status) else { return nil }
        let text = message.prefix(4000).lowercased()
        func says(_ pattern: String) -> Bool { text.range(of: pattern, options: .regularExpression) != nil }
        func names(_ word: String) -> Bool { says("(?<![a-z0-9_])\(word)(?![a-z0-9_])") }
        let refuses = says(
            "unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|extra (inputs|fields)|"
                + "invalid (parameter|argument|field)|does ?n[o']t (know|accept|support)|not (a )?(valid|recogni[sz]ed)|"
                + "additional propert|no such|only the default|is not available|forbidden|not implemented|use '|too large|at most")
        var found: [Relaxation] = []
        if says("roles? must alternate|alternate between|alternating|consecutive|same role") {
            found.append(.alternating)
        }
        let hasSystem = request.messages.contains { $0.role == .system }
        if hasSystem, says("system (role|message|prompt|instruction)|role.{0,20}system|system.{0,20}role"),
            refuses || says("not supported|invalid role|must be")
        {
            found.append(.withoutSystem)
        }
        if refuses {
            if request.isStreaming, !without.contains(.withoutStream) {
                if names("stream_options") {
                    found.append(.withoutStreamOptions)
                } else if names("stream") || names("streaming") {
                    found.append(.withoutStream)
                }
            }
            if request.seed != nil || request.sampling["seed"] != nil, names("seed") { found.append(.withoutSeed) }
            let hasLimit = request.sampling.keys.contains { $0.hasPrefix("max_") }
            if hasLimit, names("max_completion_tokens"), request.sampling["max_tokens"] != nil,
                !without.contains(.renamed("max_completion_tokens", "max_tokens"))
            {
                found.append(.renamed("max_tokens", "max_completion_tokens"))
            } else if request.sampling["max_completion_tokens"] != nil, names("max_completion_tokens"),
                !without.contains(.renamed("max_tokens", "max_completion_tokens"))
            {
                found.append(.renamed("max_completion_tokens", "max_tokens"))
            }
            for name in request.sampling.keys.sorted()
            where names(NSRegularExpression.escapedPattern(for: name.lowercased())) {
                found.append(.without(name))
            }
        }
        guard let first = found.first(where: { !without.contains($0) }) else { return nil }
        self = first
    }

    /// The request without it.
    func applied(to request: CompletionRequest) -> CompletionRequest {
        var request = request
        switch self {
        case .withoutStreamOptions: break
        case .withoutStream: request.isStreaming = false
        case .withoutSeed:
            request.seed = nil
            request.sampling["seed"] = nil
        case .without(let name): request.sampling[name] = nil
        case .renamed(let old, let new):
            if let value = request.sampling.removeValue(forKey: old) { request.sampling[new] = value }
        case .withoutSystem:
            let system = request.messages.filter { $0.role == .system }.map(\.content).joined(separator: "\n\n")
            request.messages.removeAll { $0.role == .system }
            if let index = request.messages.firstIndex(where: { $0.role == .user }) {
                request.messages[index].content = system + "\n\n" + request.messages[index].content
            } else if !system.isEmpty {
                request.messages.insert(Message(role: .user, content: system), at: 0)
            }
        case .alternating:
            var merged: [Message] = []
            for message in request.messages {
                if let last = merged.last, last.role == message.role {
                    merged[merged.count - 1].content += "\n\n" + message.content
                } else {
                    merged.append(message)
                }
            }
            request.messages = merged
        }
        return request
    }

    /// What a person writes in the settings for it: `stream`, `system`, `seed`, `temperature`.
    init(setting word: String) {
        switch word {
        case "stream": self = .withoutStream
        case "stream_options": self = .withoutStreamOptions
        case "seed": self = .withoutSeed
        case "system": self = .withoutSystem
        case "consecutive": self = .alternating
        case "max_tokens": self = .renamed("max_tokens", "max_completion_tokens")
        case "max_completion_tokens": self = .renamed("max_completion_tokens", "max_tokens")
        default: self = .without(word)
        }
    }
}

/// What was found out about servers, shared by all clients of a program: each thing is tried once and not again.
final class ServerKnowledge: Sendable {
    private struct State {
        var without: [String: [Relaxation]] = [:]
        var notices: [String] = []
    }

    private let state = Mutex(State())

    /// In the order in which it was found out.
    func relaxations(of server: String) -> [Relaxation] { state.withLock { $0.without[server] ?? [] } }

    /// Says whether it is new.
    func add(_ relaxation: Relaxation, to server: String) -> Bool {
        state.withLock { state in
            guard state.without[server]?.contains(relaxation) != true else { return false }
            state.without[server, default: []].append(relaxation)
            state.notices.append("\(server) does not take \(relaxation): asked again without it")
            return true
        }
    }

    /// What there is to be said, once.
    func takeNotices() -> [String] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }
}
