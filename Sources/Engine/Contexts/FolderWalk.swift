import Foundation
import Synchronization

/// The files of a folder or pattern that may be parts of a context, in path order, and what is passed over.
///
/// Links are not followed: a folder that came from somewhere may link to what nobody meant to show a model.
struct FolderWalk {
    struct File {
        /// The path's bytes, as the system wants them.
        var path: [UInt8]
        /// As the part is called: below the folder, or the whole path of a pattern's match.
        var name: String
    }

    private(set) var files: [File] = []
    private(set) var passedOver = PassedOver()
    /// The system's error number where the folder itself cannot be read.
    private(set) var rootError: Int32?
    /// Whether the files were named by a pattern.
    let isPattern: Bool

    /// Walks a folder and those below it.
    init(folder: String) {
        isPattern = false
        let root = Array(folder.utf8)
        var waiting: [[UInt8]] = [[]]
        while let below = waiting.popLast() {
            read(below, of: root, &waiting)
        }
        sort()
    }

    /// The files that a pattern matches. Links among them are followed: the pattern named them.
    init(pattern: String) {
        isPattern = true
        let (matches, unreadable) = Self.matches(of: pattern)
        for path in unreadable { passedOver.add(ShownName.text(of: path), .unreadable) }
        for path in matches {
            let name = ShownName.text(of: path)
            var status = stat()
            if path.withCPath({ stat($0, &status) }) != 0 {
                passedOver.add(name, errno == ELOOP ? .circle : errno == ENOENT ? .brokenLink : .unreadable)
            } else if status.st_mode & S_IFMT == S_IFDIR {
                passedOver.add(name, .folder)
            } else {
                add(path, name, status)
            }
        }
        sort()
    }

    /// Files found and passed over together.
    var count: Int { files.count + passedOver.count }

    mutating func passOver(_ file: File, _ reason: PassedOver.Reason) { passedOver.add(file.name, reason) }

    private mutating func read(_ below: [UInt8], of root: [UInt8], _ waiting: inout [[UInt8]]) {
        let folder = below.isEmpty ? root : Self.join(root, below)
        let descriptor = folder.withCPath { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK) }
        guard descriptor >= 0, let stream = fdopendir(descriptor) else {
            if descriptor >= 0 { close(descriptor) }
            if below.isEmpty { rootError = errno } else { passedOver.add(ShownName.text(of: below) + "/", .unreadable) }
            return
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name == Array(".".utf8) || name == Array("..".utf8) { continue }
            let path = below.isEmpty ? name : Self.join(below, name)
            let shown = ShownName.text(of: path)
            if name.first == UInt8(ascii: ".") {
                passedOver.add(shown, .hidden)
                continue
            }
            var status = stat()
            guard name.withCPath({ fstatat(dirfd(stream), $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
                passedOver.add(shown, .unreadable)
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: waiting.append(path)
            case S_IFLNK: passedOver.add(shown, Self.kind(ofLink: Self.join(root, path), in: folder))
            default: add(Self.join(root, path), shown, status)
            }
        }
    }

    private mutating func add(_ path: [UInt8], _ name: String, _ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG where status.st_size > ContextLoader.largestPart: passedOver.add(name, .tooLarge)
        // The endless ones of /proc say that they are empty too.
        case S_IFREG where status.st_size == 0: passedOver.add(name, .empty)
        case S_IFREG: files.append(File(path: path, name: name))
        case S_IFIFO: passedOver.add(name, .pipe)
        case S_IFSOCK: passedOver.add(name, .socket)
        default: passedOver.add(name, .device)
        }
    }

    /// In the order of code points, which is Python's.
    private mutating func sort() { files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }

    private static func kind(ofLink path: [UInt8], in folder: [UInt8]) -> PassedOver.Reason {
        var status = stat()
        guard path.withCPath({ stat($0, &status) }) == 0 else {
            return errno == ELOOP ? .circle : errno == ENOENT ? .brokenLink : .unreadable
        }
        guard status.st_mode & S_IFMT == S_IFDIR, let target = realPath(path), let place = realPath(folder) else {
            return .link
        }
        return place == target || place.starts(with: target + [UInt8(ascii: "/")]) || target == [UInt8(ascii: "/")]
            ? .circle : .link
    }

    private static func realPath(_ path: [UInt8]) -> [UInt8]? {
        guard let resolved = path.withCPath({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }

    private static func join(_ folder: [UInt8], _ name: [UInt8]) -> [UInt8] {
        folder.last == UInt8(ascii: "/") ? folder + name : folder + [UInt8(ascii: "/")] + name
    }

    // MARK: - Patterns

    /// Folders that `glob` could not read. Its callback is a C function and can hold nothing; one pattern is looked at
    /// at a time.
    private static let unreadable = Mutex<[[UInt8]]>([])
    private static let globbing = Mutex(())

    private static func matches(of pattern: String) -> (matches: [[UInt8]], unreadable: [[UInt8]]) {
        globbing.withLock { _ in
            unreadable.withLock { $0 = [] }
            var found = glob_t()
            defer { globfree(&found) }
            let status = glob(
                pattern,
                GLOB_TILDE | GLOB_BRACE,
                { path, number in
                    // A step of the pattern that is no folder, or not there, is no fault.
                    if let path, number != ENOTDIR, number != ENOENT {
                        FolderWalk.unreadable.withLock {
                            $0.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
                        }
                    }
                    return 0
                },
                &found
            )
            var matches: [[UInt8]] = []
            if status == 0 {
                for index in 0..<Int(found.gl_pathc) {
                    guard let path = found.gl_pathv[index] else { continue }
                    matches.append(Array(UnsafeRawBufferPointer(start: path, count: strlen(path))))
                }
            }
            return (matches, unreadable.withLock { $0 })
        }
    }
}
