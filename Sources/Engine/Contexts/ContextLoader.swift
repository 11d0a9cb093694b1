package import Foundation
package import Trajectory
package import TrajectoryStore

/// Turns what a person named on the command line into contexts of the store: a file, a folder, a pattern, a pipe.
///
/// Each is copied into the store and checked on the way, so that what is checked is what is kept, whatever becomes of
/// the file meanwhile.
///
/// For example:
///
///     let loader = ContextLoader(writer: writer, store: store)
///     let contexts = try await loader.open(["big.txt", "src/"], type: nil)
package struct ContextLoader: Sendable {
    /// Bytes of one file of a folder beyond which it is left out, as not meant to be read.
    static let largestPart = 256 << 20

    private let writer: TrajectoryWriter
    private let store: TrajectoryStore
    /// Fetches the text behind an `http` or `https` URL.
    private let fetch: @Sendable (String) async throws -> Data

    package init(
        writer: TrajectoryWriter,
        store: TrajectoryStore,
        fetch: @escaping @Sendable (String) async throws -> Data
    ) {
        self.writer = writer
        self.store = store
        self.fetch = fetch
    }

    /// Opens each source as `context_0`, `context_1` and so on. `type` nil chooses by what the source is.
    ///
    /// Throws `ContextError` for a source that cannot be used, `StoreError` when it cannot be stored.
    package func open(_ sources: [String], type: ContextType?) async throws -> [OpenedContext] {
        var opened: [OpenedContext] = []
        for source in sources {
            opened.append(try await open(source, name: "context_\(opened.count)", type: type))
        }
        return opened
    }

    /// Stores a text that is made by the program itself, such as the prompt of a recursive call.
    func open(text: String, name: String, source: String) async throws -> OpenedContext {
        let bytes = Data(text.utf8)
        let stored = try await writer.storeContext(bytes: bytes)
        let context = Context(
            name: name,
            hash: stored.hash,
            byteCount: stored.byteCount,
            type: .text,
            source: source
        )
        return OpenedContext(
            context: context,
            path: store.contextPath(stored.hash),
            length: Self.length(of: text.unicodeScalars.count),
            beginning: String(text.prefix(UserMessages.beginningLength))
        )
    }

    private func open(_ source: String, name: String, type: ContextType?) async throws -> OpenedContext {
        if source == "-" {
            return try await open(stream: STDIN_FILENO, source: source, name: name, type: type)
        }
        if ContextAddress.isURL(source) {
            let shown = ContextAddress.shown(source)
            guard source.hasPrefix("http://") || source.hasPrefix("https://") else {
                throw ContextError(
                    source: shown,
                    problem: "only URLs that begin with http:// or https:// can be read"
                )
            }
            let bytes = try await fetch(source)
            return try await open(source: shown, name: name, type: type) { copy throws -> (TextCheck, [String]) in
                var text = TextCheck()
                try bytes.withUnsafeBytes { portion in
                    try copy.append(portion)
                    try text.look(at: portion)
                }
                try text.finish()
                return (text, [])
            }
        }
        var status = stat()
        if stat(source, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                return try await open(parts: FolderWalk(folder: source), source: source, name: name, type: type)
            }
            return try await open(file: source, name: name, type: type)
        }
        guard errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG else {
            throw Self.unreadable(source, errno)
        }
        let walk = FolderWalk(pattern: source)
        guard walk.count > 0 else {
            throw ContextError(
                source: ContextAddress.shown(source),
                problem: "there is no such file or folder, and as a pattern it matches nothing"
            )
        }
        return try await open(parts: walk, source: source, name: name, type: type)
    }

    // MARK: - One file

    private func open(file path: String, name: String, type: ContextType?) async throws -> OpenedContext {
        let real = (path as NSString).resolvingSymlinksInPath
        var status = stat()
        let isRegular = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        if !isRegular {
            guard real.hasPrefix("/dev/fd/") || real.hasPrefix("/proc/self/fd/") || real.hasPrefix("pipe:") else {
                throw ContextError(
                    source: path,
                    problem: "it is neither a file nor a folder; pipe it in with '-' instead"
                )
            }
            // A shell's <(command).
            let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
            defer { close(descriptor) }
            return try await open(stream: descriptor, source: path, name: name, type: type)
        }
        return try await open(source: path, name: name, type: type) { copy throws -> (TextCheck, [String]) in
            let read = try SourceFile.read(Array(path.utf8), followingLinks: true, into: copy)
            let notice =
                "\(ShownName.plain(path)) changed while it was read; the run has the \(copy.byteCount.grouped) bytes "
                + "that were read"
            return (read.text, read.hasChanged ? [notice] : [])
        }
    }

    private func open(
        stream descriptor: Int32,
        source: String,
        name: String,
        type: ContextType?
    ) async throws -> OpenedContext {
        try await open(source: source, name: name, type: type) { copy throws -> (TextCheck, [String]) in
            do { return (try SourceFile.read(descriptor, into: copy), []) } catch is SourceFile.Problem {
                throw ContextError(
                    source: source,
                    problem: source == "-"
                        ? "stdin is closed; pipe the text in, or name a file" : "it cannot be read to its end"
                )
            }
        }
    }

    /// Makes one context of what `read` puts into its copy and says of it.
    private func open(
        source: String,
        name: String,
        type: ContextType?,
        _ read: @escaping @Sendable (ContextCopy) throws -> (TextCheck, [String])
    ) async throws -> OpenedContext {
        let (stored, text, notices) = try await writer.copyContext { copy in
            do {
                let (text, notices) = try read(copy)
                return (try copy.commit(), text, notices)
            } catch let problem as TextProblem {
                throw ContextError(source: source, problem: problem.sentence)
            } catch SourceFile.Problem.unreadable(let number) {
                throw Self.unreadable(source, number)
            } catch is SourceFile.Problem {
                throw ContextError(source: source, problem: "it is not a file any more; was it replaced?")
            }
        }
        let type = type ?? Self.type(byNameOf: source)
        // One file on its own is a folder of one.
        let part = Context.Part(path: (source as NSString).lastPathComponent, start: 0, end: stored.byteCount)
        return opened(
            stored, text: text, source: source, name: name, type: type, parts: type == .files ? [part] : [],
            notices: notices)
    }

    private static func unreadable(_ source: String, _ number: Int32) -> ContextError {
        let reason = String(cString: strerror(number)).lowercased()
        return ContextError(source: source, problem: "it cannot be read (\(reason)); 'ls -l' shows who may")
    }

    // MARK: - Many files

    private func open(
        parts walk: FolderWalk,
        source: String,
        name: String,
        type: ContextType?
    ) async throws -> OpenedContext {
        if let type, type != .files {
            throw ContextError(source: source, problem: "several files are of type files, not \(type.rawValue)")
        }
        if let number = walk.rootError { throw Self.unreadable(source, number) }
        let (stored, contents) = try await writer.copyContext { copy in
            let contents = try PartsOfContext(of: walk, source: source, into: copy)
            return (try copy.commit(), contents)
        }
        return opened(
            stored, text: contents.text, source: source, name: name, type: .files, parts: contents.parts,
            notices: contents.notices)
    }

    // MARK: - What a model is told

    private static func type(byNameOf source: String) -> ContextType {
        switch (source as NSString).pathExtension.lowercased() {
        case "json": .json
        case "jsonl", "ndjson": .jsonl
        default: .text
        }
    }

    private func opened(
        _ stored: (hash: String, byteCount: Int),
        text: TextCheck,
        source: String,
        name: String,
        type: ContextType,
        parts: [Context.Part],
        notices: [String]
    ) -> OpenedContext {
        let context = Context(
            name: name,
            hash: stored.hash,
            byteCount: stored.byteCount,
            type: type,
            parts: parts,
            source: source
        )
        return OpenedContext(
            context: context,
            path: store.contextPath(stored.hash),
            length: Self.length(of: context, text),
            beginning: text.beginning,
            notices: notices
        )
    }

    /// A context of the store with what a model is told of it, for which its bytes are gone through again.
    static func described(_ opened: OpenedContext) throws -> OpenedContext {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: opened.path), options: .alwaysMapped)
        var text = TextCheck()
        try bytes.withUnsafeBytes { try text.look(at: $0) }
        try text.finish()
        var described = opened
        described.length = length(of: opened.context, text)
        described.beginning = text.beginning
        return described
    }

    private static func length(of context: Context, _ text: TextCheck) -> String {
        let length = length(of: text.scalarCount)
        guard context.type == .files else { return length }
        return "\(length) in \(context.parts.count.grouped) \(context.parts.count == 1 ? "file" : "files")"
    }

    private static func length(of characters: Int) -> String { "\(characters.grouped) characters" }
}
