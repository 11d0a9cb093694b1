package import Foundation
package import Trajectory
package import TrajectoryStore

/// Turns what a person named on the command line into contexts of the store: a file, a folder, a pattern, a pipe.
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
            return try await open(stream: FileHandle.standardInput, source: source, name: name, type: type)
        }
        if source.hasPrefix("http://") || source.hasPrefix("https://") {
            let bytes = try await fetch(source)
            return try await open(bytes: bytes, source: Self.withoutPassword(source), name: name, type: type)
        }
        if source.contains("://") {
            throw ContextError(source: source, problem: "only http and https URLs can be read")
        }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) {
            if isFolder.boolValue {
                return try await open(
                    files: Self.files(below: source),
                    below: source,
                    source: source,
                    name: name,
                    type: type
                )
            }
            return try await open(file: source, name: name, type: type)
        }
        let matches = Self.matches(of: source)
        guard !matches.isEmpty else {
            throw ContextError(
                source: source,
                problem: "there is no such file or folder, and as a pattern it matches nothing"
            )
        }
        return try await open(files: matches, below: "", source: source, name: name, type: type)
    }

    /// An URL as it may be shown and kept: without user, password, query and fragment, any of which can be a key.
    package static func withoutSecrets(_ url: String) -> String {
        guard var parts = URLComponents(string: url) else { return "an URL" }
        (parts.user, parts.password, parts.query, parts.fragment) = (nil, nil, nil, nil)
        return parts.string ?? "an URL"
    }

    // MARK: - One file

    private func open(file path: String, name: String, type: ContextType?) async throws -> OpenedContext {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        var isPipe = false
        if attributes?[.type] as? FileAttributeType != .typeRegular {
            let real = (path as NSString).resolvingSymlinksInPath
            let kind = (try? FileManager.default.attributesOfItem(atPath: real))?[.type] as? FileAttributeType
            isPipe = real.hasPrefix("/dev/fd/") || real.hasPrefix("/proc/self/fd/") || real.hasPrefix("pipe:")
            guard kind == .typeRegular || isPipe else {
                throw ContextError(
                    source: path,
                    problem: "it is neither a file nor a folder; pipe it in with '-' instead"
                )
            }
        }
        if isPipe {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw ContextError(source: path, problem: "it cannot be read")
            }
            return try await open(stream: handle, source: path, name: name, type: type)
        }
        let text = try CheckedText(mapping: path)
        // The bytes that were checked, not what the file may have become since.
        let stored = try await writer.storeContext(bytes: text.bytes)
        return opened(
            stored,
            text: text,
            source: path,
            name: name,
            type: type ?? Self.type(byNameOf: path),
            parts: []
        )
    }

    private func open(
        stream: FileHandle,
        source: String,
        name: String,
        type: ContextType?
    ) async throws -> OpenedContext {
        let bytes: Data
        do { bytes = try stream.readToEnd() ?? Data() } catch {
            throw ContextError(
                source: source,
                problem: source == "-"
                    ? "stdin is closed; pipe the text in, or name a file" : "it cannot be read to its end"
            )
        }
        return try await open(bytes: bytes, source: source, name: name, type: type)
    }

    private func open(bytes: Data, source: String, name: String, type: ContextType?) async throws -> OpenedContext {
        let text = try CheckedText(bytes, source: source)
        let stored = try await writer.storeContext(bytes: bytes)
        return opened(
            stored,
            text: text,
            source: source,
            name: name,
            type: type ?? Self.type(byNameOf: source),
            parts: []
        )
    }

    // MARK: - Many files

    private func open(
        files paths: [String],
        below folder: String,
        source: String,
        name: String,
        type: ContextType?
    ) async throws -> OpenedContext {
        if let type, type != .files {
            throw ContextError(source: source, problem: "several files are of type files, not \(type.rawValue)")
        }
        var bytes = Data()
        var parts: [Context.Part] = []
        for path in paths {
            // Pictures, archives and the like lie in most folders; they are no text and are passed over.
            guard let text = try? CheckedText(mapping: path) else { continue }
            let start = bytes.count
            bytes.append(text.bytes)
            let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
            parts.append(Context.Part(path: String(path.dropFirst(prefix.count)), start: start, end: bytes.count))
        }
        guard !parts.isEmpty else {
            throw ContextError(
                source: source,
                problem: paths.isEmpty
                    ? "the folder has no files in it; name one that has"
                    : "none of its \(paths.count) files is text in UTF-8; convert them first"
            )
        }
        let text = try CheckedText(bytes, source: source)
        let stored = try await writer.storeContext(bytes: bytes)
        return opened(stored, text: text, source: source, name: name, type: .files, parts: parts)
    }

    /// The regular files of a folder in path order, hidden ones left out.
    private static func files(below folder: String) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        var paths: [String] = []
        while let path = walk.nextObject() as? String {
            if (path as NSString).lastPathComponent.hasPrefix(".") {
                walk.skipDescendants()
            } else if walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular,
                // Empty ones say nothing; the endless ones of /proc say that they are empty.
                let size = walk.fileAttributes?[.size] as? Int, (1...largestPart).contains(size)
            {
                paths.append((folder as NSString).appendingPathComponent(path))
            }
        }
        return paths.sorted()
    }

    private static func matches(of pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, GLOB_TILDE | GLOB_BRACE, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            guard let path = found.gl_pathv[index].map({ String(cString: $0) }) else { return nil }
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue ? path : nil
        }
    }

    // MARK: - What a model is told

    /// An address as it is kept and shown: without user name and password.
    package static func withoutPassword(_ address: String) -> String {
        guard var parts = URLComponents(string: address), parts.user != nil || parts.password != nil else {
            return address
        }
        parts.user = nil
        parts.password = nil
        return parts.string ?? address
    }

    private static func type(byNameOf source: String) -> ContextType {
        switch (source as NSString).pathExtension.lowercased() {
        case "json": .json
        case "jsonl", "ndjson": .jsonl
        default: .text
        }
    }

    private func opened(
        _ stored: (hash: String, byteCount: Int),
        text: CheckedText,
        source: String,
        name: String,
        type: ContextType,
        parts: [Context.Part]
    ) -> OpenedContext {
        var parts = parts
        if type == .files, parts.isEmpty {
            // One file on its own is a folder of one.
            parts = [Context.Part(path: (source as NSString).lastPathComponent, start: 0, end: text.bytes.count)]
        }
        var length = Self.length(of: text.scalarCount)
        if type == .files { length += " in \(parts.count) \(parts.count == 1 ? "file" : "files")" }
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
            length: length,
            beginning: text.beginning
        )
    }

    private static func length(of characters: Int) -> String {
        var digits = Array(String(characters))
        var index = digits.count - 3
        while index > 0 {
            digits.insert(",", at: index)
            index -= 3
        }
        return String(digits) + " characters"
    }
}
