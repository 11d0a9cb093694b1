import Trajectory
import TrajectoryStore

/// The files of a folder or pattern, copied one behind the other into one context.
struct PartsOfContext: Sendable {
    private(set) var parts: [Context.Part] = []
    /// Length and beginning of all of them together.
    private(set) var text = TextCheck()
    /// What was passed over, and which files changed meanwhile: a line each.
    private(set) var notices: [String] = []

    /// Throws `ContextError` where no file can be used, `StoreError` where the copy cannot be written.
    init(of walk: FolderWalk, source: String, into copy: ContextCopy) throws {
        var walk = walk
        var changed: [String] = []
        for file in walk.files {
            let start = copy.byteCount
            do {
                // A match of a pattern may be a link, one in a folder is none, or became one just now.
                let read = try SourceFile.read(
                    file.path, followingLinks: walk.isPattern, limit: ContextLoader.largestPart, into: copy)
                parts.append(Context.Part(path: file.name, start: start, end: copy.byteCount))
                text.append(read.text)
                if read.hasChanged { changed.append(file.name) }
                continue
            } catch let problem as TextProblem {
                walk.passOver(file, PassedOver.Reason(problem))
            } catch let problem as SourceFile.Problem {
                walk.passOver(file, PassedOver.Reason(problem))
            }
            try copy.cut(to: start)
        }
        guard !parts.isEmpty else {
            throw ContextError(
                source: source,
                problem: walk.passedOver.line(of: source).map { "none of it is text in UTF-8: \($0)" }
                    ?? "the folder has no files in it; name one that has"
            )
        }
        notices = [walk.passedOver.line(of: source)].compactMap(\.self)
        if !changed.isEmpty {
            notices.append(
                "changed while they were read, and kept as they were then, in \(ShownName.plain(source)): "
                    + changed.map(ShownName.plain).joined(separator: ", ")
            )
        }
    }
}

extension PassedOver.Reason {
    init(_ problem: SourceFile.Problem) {
        switch problem {
        case .unreadable: self = .unreadable
        case .notRegular: self = .device
        case .tooLarge: self = .tooLarge
        }
    }
}
