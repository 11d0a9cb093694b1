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

    init(
        library: TrajectoryLibrary,
        services: TerminalServices = .none,
        control: (any RunControl)? = nil,
        screen: (any Screen)? = nil
    ) {
        self.library = library
        self.services = services
        self.control = control
        self.screen = screen
    }

    func run(_ command: Command) -> [ExplorerMessage] {
        do {
            return try perform(command)
        } catch let error as StoreError {
            return [.failed(error.message)]
        } catch let error as ServiceError {
            return [.failed(error.description)]
        } catch {
            return [.failed(String(describing: error))]
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
        case .readProblems(let run): return [try library.problems(in: run)]
        case .search(let pattern, let run): return [try library.search(pattern, in: run)]
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
