// The doors of the explorer: the program on a screen, and one screen as a value.

package import Foundation
import Synchronization
package import Terminal
package import Trajectory
package import TrajectoryStore
import Views

package struct ExplorerOptions: Sendable {
    /// The run to begin with; nil begins with the list of runs.
    package var run: RunID?
    package var palette: Palette
    /// Said at the bottom of the first screen, for example what is wrong with the settings.
    package var warnings: [String]
    /// The engine of `run`, where it works in this process.
    package var control: (any RunControl)?
    /// Goes back to stored runs; nil where the store can only be read.
    package var travel: (any TravelControl)?
    /// Rung by whoever changes the store from this process. The screen listens to the same one.
    package var doorbell: Doorbell?
    package var services: TerminalServices
    package var timeZone: TimeZone
    package var clock: @Sendable () -> Date

    package init(
        run: RunID? = nil,
        palette: Palette = .plain,
        warnings: [String] = [],
        control: (any RunControl)? = nil,
        travel: (any TravelControl)? = nil,
        doorbell: Doorbell? = nil,
        services: TerminalServices = .none,
        timeZone: TimeZone = .current,
        clock: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.run = run
        self.palette = palette
        self.warnings = warnings
        self.control = control
        self.travel = travel
        self.doorbell = doorbell
        self.services = services
        self.timeZone = timeZone
        self.clock = clock
    }
}

/// Shows the explorer until it is left. The screen is closed by who opened it.
///
/// Live changes of this process are seen when `options.doorbell` is the one the screen listens to; those of other
/// programs, four times a second. Throws `StoreError` where the run to begin with is not there.
package func runExplorer(
    screen: any Screen,
    store: TrajectoryStore,
    options: ExplorerOptions
) throws -> ExplorerOutcome {
    let now = options.clock()
    let isOwnRunGoing = options.control.map { !$0.isFinished } ?? false
    let run = try options.run.map { try store.run($0) }
    let isLive = run.map { RunHeader(run: $0, isOwn: isOwnRunGoing).isLive(at: now) } ?? false
    let services = options.services
    var model = ExplorerModel(
        size: screen.size,
        run: run?.id,
        isLive: isLive,
        ownRuns: OwnRuns(options.control).state,
        glyphs: options.palette.glyphs,
        timeZone: options.timeZone,
        now: now,
        abilities: .init(
            canCopy: services.copy != nil,
            canPage: services.page != nil,
            canEdit: services.edit != nil,
            canSuspend: services.stop != nil,
            canTravel: options.travel != nil
        ),
        storePath: store.path
    )
    if let warning = options.warnings.first {
        let more = options.warnings.count > 1 ? " (and \(options.warnings.count - 1) more)" : ""
        model.notice = .error(warning + more)
    }
    let doorbell = options.doorbell
    let background = BackgroundWork { doorbell?.ring() }
    defer { background.stop() }
    let loop = ExplorerLoop(
        model: model,
        runner: CommandRunner(
            library: TrajectoryLibrary(store),
            services: services,
            control: options.control,
            travel: options.travel,
            screen: screen,
            background: background
        ),
        palette: options.palette,
        clock: options.clock
    )
    let changes = ChangeFlag()
    let observation = store.observe { _ in
        changes.raise()
        doorbell?.ring()
    }
    defer { observation.cancel() }
    return loop.run(
        on: screen,
        hasForeignChange: { store.hasForeignChange() || changes.take() },
        hasOwnChange: { changes.take() },
        storeState: { (store.waiting, store.notices) }
    )
}

/// Remembers that the store changed, for the tick, where nobody rings.
private final class ChangeFlag: Sendable {
    private let isRaised = Atomic(false)

    func raise() { isRaised.store(true, ordering: .releasing) }
    func take() -> Bool { isRaised.exchange(false, ordering: .acquiringAndReleasing) }
}

/// The screen after some keys were typed, as a value. The same store and keys give the same screen everywhere.
///
/// - Parameters:
///   - keys: in `KeyNotation`.
///   - now: the time the clock shows. Only runs that have not ended depend on it.
/// Throws `StoreError`, or `KeyNotation.ParseError`.
package func snapshot(
    store: TrajectoryStore,
    run: RunID?,
    size: Size,
    keys: String = "",
    palette: Palette = .plain,
    now: Date = Date(),
    timeZone: TimeZone = .gmt
) throws -> Surface {
    let typed = try KeyNotation.parse(keys)
    let isLive = try run.map { RunHeader(run: try store.run($0)).isLive(at: now) } ?? false
    let model = ExplorerModel(
        size: size,
        run: run,
        isLive: isLive,
        glyphs: palette.glyphs,
        timeZone: timeZone,
        now: now,
        storePath: (store.path as NSString).lastPathComponent
    )
    let loop = ExplorerLoop(
        model: model,
        runner: CommandRunner(library: TrajectoryLibrary(store)),
        palette: palette,
        clock: { now }
    )
    loop.read()
    for key in typed {
        loop.process(.screen(.key(key)))
        loop.read()
    }
    return loop.model.draw()
}
