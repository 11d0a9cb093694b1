// Does what `update` asked for, on the main thread, and says what came of it.

import Terminal
import Trajectory
import TrajectoryStore

/// Runs commands. Reads are small and done at once; the main thread is the only one that touches the screen.
struct CommandRunner {
    let library: TrajectoryLibrary
    let services: TerminalServices
    let control: (any RunControl)?
    let screen: (any Screen)?
    let background: BackgroundWork

    init(
        library: TrajectoryLibrary,
        services: TerminalServices = .none,
        control: (any RunControl)? = nil,
        screen: (any Screen)? = nil,
        background: BackgroundWork = BackgroundWork(isInline: true)
    ) {
        self.library = library
        self.services = services
        self.control = control
        self.screen = screen
        self.background = background
    }

    func run(_ command: Command) -> [ExplorerMessage] {
        do {
            return try perform(command)
        } catch {
            return [Self.failure(error)]
        }
    }

    private static func failure(_ error: any Error) -> ExplorerMessage {
        switch error {
        case let error as StoreError: .failed(error.message)
        case let error as ServiceError: .failed(error.description)
        default: .failed(String(describing: error))
        }
    }

    private func perform(_ command: Command) throws -> [ExplorerMessage] {
        switch command {
        case .loadRuns(let pages): return [try library.runs(pages: pages)]
        case .loadRun(let id): return [try library.run(id)]
        case .readBranch(let path, let node, let opening):
            return [try library.branch(path, node, opening: opening)]
        case .loadPage(let path, let node, let blocks, let page):
            return [try library.page(of: path, node, blocks: blocks, page: page)]
        case .loadDetail(let path, let node, let run): return [try library.detail(path, node, run: run)]
        case .readTexts(let node, let run, let use): return [try library.texts(node, run: run, use)]
        case .countProblems(let run): return [try library.problemCounts(in: run)]
        case .findProblem(let address, let run, let backwards):
            return [try library.nextProblem(after: address, in: run, backwards: backwards)]
        case .search(let pattern, let run):
            background.start(.search) { [library] piece in
                do {
                    try library.search(pattern, in: run, isCancelled: { piece.isCancelled }, tell: piece.tell)
                } catch {
                    piece.tell(Self.failure(error))
                }
            }
            return []
        case .stopSearch:
            background.cancel(.search)
            return []
        case .reveal(let address, let run): return try library.reveal(address, in: run)
        case .locateRun(let run): return try library.locate(run)
        case .copy(let text, let name):
            try services.copy?(text)
            return [.done("Copied: \(name).")]
        case .page(let text):
            screen?.suspend()
            defer { screen?.resume() }
            try services.page?(text)
            return []
        case .edit(let text, let use):
            screen?.suspend()
            defer { screen?.resume() }
            return [.edited(try services.edit?(text), use)]
        case .suspend:
            screen?.suspend()
            services.stop?()
            screen?.resume()
            return screen.map { [.screen(.resized($0.size))] } ?? []
        case .redraw:
            screen?.redraw()
            return []
        case .cancelRun:
            control?.cancel()
            return [.done("The run was told to stop.")]
        }
    }
}
