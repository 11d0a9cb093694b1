// Does what `update` asked for, on the main thread, and says what came of it.

import Terminal
import Trajectory
import TrajectoryStore

/// Runs commands. Reads are small and done at once; the main thread is the only one that touches the screen.
struct CommandRunner {
    let library: TrajectoryLibrary
    let services: TerminalServices
    let runs: OwnRuns
    let travel: (any TravelControl)?
    let screen: (any Screen)?
    let background: BackgroundWork

    init(
        library: TrajectoryLibrary,
        services: TerminalServices = .none,
        control: (any RunControl)? = nil,
        travel: (any TravelControl)? = nil,
        screen: (any Screen)? = nil,
        background: BackgroundWork = BackgroundWork(isInline: true)
    ) {
        self.library = library
        self.services = services
        runs = OwnRuns(control)
        self.travel = travel
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
        case let error as TravelProblem: .failed(error.message)
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
        case .findProblemOrStale(let address, let run, let stale, let backwards):
            return [try library.nextProblem(after: address, in: run, or: stale, backwards: backwards)]
        case .search(let pattern, let run):
            background.start(.search) { [library] piece in
                do {
                    try library.search(pattern, in: run, isCancelled: { piece.isCancelled }, tell: piece.tell)
                } catch {
                    piece.tell(Self.failure(error))
                }
            }
            return []
        case .readMap(let run):
            background.start(.map) { [library] piece in
                do {
                    piece.tell(try library.maps.map(of: run, in: library.store))
                } catch {
                    piece.tell(.mapRead(run, ReadMap()))
                    piece.tell(Self.failure(error))
                }
            }
            return []
        case .readContext(let run, let context, let byte, let rows):
            return [library.maps.page(of: run, context: context, byte: byte, rows: rows)].compactMap(\.self)
        case .findInContext(let run, let context, let text, let byte, let backwards):
            let found = try library.maps.find(text, of: run, context: context, byte: byte, backwards: backwards)
            return [found].compactMap(\.self)
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
            return [.edited(try services.edit?(text, use.fileName), use)]
        case .suspend:
            screen?.suspend()
            services.stop?()
            screen?.resume()
            return screen.map { [.screen(.resized($0.size))] } ?? []
        case .redraw:
            screen?.redraw()
            return []
        case .loadHolds(let run): return [try library.holds(in: run)]
        case .loadFamily(let run): return [try library.family(of: run)]
        case .loadVariables(let node, let run): return [try library.variables(after: node, in: run)]
        case .readEditable(let node, let run): return [try library.editable(node, in: run)]
        case .readHeldEditable(let address, let run): return [try library.editable(at: address, in: run)]
        case .findStale(let run, let edits): return [try library.stale(after: edits, in: run)]
        case .compare(let pair):
            background.start(.comparison) { [library] piece in
                library.compare(pair, isCancelled: { piece.isCancelled }, tell: piece.tell)
            }
            return []
        case .stopComparing:
            background.cancel(.comparison)
            return []
        default: return try performTravel(command)
        }
    }

    // MARK: Runs of this process, and going back to stored ones

    private func performTravel(_ command: Command) throws -> [ExplorerMessage] {
        switch command {
        case .cancelRun(let run):
            runs[run]?.cancel()
            return [.done("The run was told to stop.")]
        case .cancelAll:
            for control in runs.controls.values where !control.isFinished { control.cancel() }
            return []
        case .leaveHeld:
            for control in runs.controls.values where !control.isFinished { control.leaveHeld() }
            return []
        case .pause(let run, let isPausing):
            if isPausing { runs[run]?.pause() } else { runs[run]?.unpause() }
            return [.ownRuns(runs.state)]
        case .step(let run):
            runs[run]?.step()
            return []
        case .setHoldRules(let run, let rules):
            do { try runs[run]?.setHoldRules(rules) } catch let problem as HoldRuleProblem {
                return [.holdRulesRefused(problem)]
            }
            return [.ownRuns(runs.state)]
        case .checkCode(let edit, let run):
            let problem = try edit.code.flatMap { try travel?.problem(inCode: $0) }
            return [.codeChecked(run, edit, problem)]
        default:
            guard let travel else { return [.failed("This program cannot go back to runs: its store is read only.")] }
            travelBeside(command, travel)
            return []
        }
    }

    /// Starts what takes a while, and says what came of it.
    private func travelBeside(_ command: Command, _ travel: any TravelControl) {
        func start(
            _ kind: BackgroundWork.Kind? = nil, _ body: @escaping @Sendable (BackgroundWork.Piece) async throws -> Void
        ) {
            let work: @Sendable (BackgroundWork.Piece) async -> Void = { piece in
                do { try await body(piece) } catch { piece.tell(Self.failure(error)) }
            }
            if let kind { background.start(kind, waiting: work) } else { background.start(work) }
        }
        switch command {
        case .decide(let run, let holds, let decision, let edit):
            if let control = runs[run], !control.isFinished {
                start { _ in try await control.decide(holds, decision, edit: edit) }
            } else {
                start { _ in try await travel.decide(holds, decision, edit: edit) }
            }
        case .forecast(let edit, let run):
            start(.forecast) { piece in
                piece.tell(.forecastMade(edit, try await travel.forecast(edit, of: run)))
            }
        case .rerun(let edit, let run, let times):
            start { piece in
                var attempts: [Address] = []
                var problem: String?
                for _ in 0..<times {
                    do { attempts.append(try await travel.rerun(edit, of: run)) } catch {
                        if case .failed(let text) = Self.failure(error) { problem = text }
                        break
                    }
                }
                piece.tell(.rerunEnded(run, edit, attempts: attempts, problem: problem))
            }
        case .fork(let edit, let run):
            start { piece in piece.tell(.controlBegun(try await travel.fork(edit, of: run), forkOf: run)) }
        case .resume(let run):
            start { piece in piece.tell(.controlBegun(try await travel.resume(run), forkOf: nil)) }
        case .describe(let run, let name, let note):
            start { _ in try await travel.describe(run, name: name, note: note) }
        default: break
        }
    }
}
