// The loop of the main thread: wait for something, take all that has come, update, read what the screen lacks, and draw
// once, and only if something changed.

import Foundation
import Terminal
import Trajectory

/// Owns the model and drives it.
package final class ExplorerLoop {
    /// Live changes are shown this often at most, in seconds: more is not seen, and would starve keys.
    static let refreshInterval: Double = 0.05
    /// How often other programs' changes are looked for, and clocks move on, in milliseconds.
    static let tickMilliseconds = 250
    /// Events taken before a frame is drawn all the same.
    private static let eventLimit = 256
    /// Rounds of reading before a frame: run, branches, pages, what these open, detail. More would be a fault.
    private static let roundLimit = 24

    package private(set) var model: ExplorerModel
    private let runner: CommandRunner
    private let palette: Palette
    private let clock: @Sendable () -> Date
    private var presented: Surface?
    private var isRefreshDue = false
    private var lastRefresh: Date = .distantPast

    init(
        model: ExplorerModel,
        runner: CommandRunner,
        palette: Palette,
        clock: @escaping @Sendable () -> Date
    ) {
        self.model = model
        self.runner = runner
        self.palette = palette
        self.clock = clock
    }

    /// Runs until the explorer is left. `hasForeignChange` is asked on every tick, and so is what the store has to say;
    /// `hasOwnChange` when somebody rang.
    func run(
        on screen: any Screen,
        hasForeignChange: () -> Bool,
        hasOwnChange: () -> Bool = { true },
        storeState: () -> (waiting: String?, notices: [String]) = { (nil, []) }
    ) -> ExplorerOutcome {
        var noticeCount = 0
        present(on: screen)
        var lastLook = clock()
        while true {
            var events = 0
            var event = screen.nextEvent(timeoutMilliseconds: timeout)
            while let taken = event {
                if taken == .mailbox {
                    // Work beside the main thread rings too, and is no change of the store.
                    if hasOwnChange() { isRefreshDue = true }
                } else {
                    process(.screen(taken))
                }
                events += 1
                // The next key may be about what this one brings onto the screen.
                read()
                if model.outcome != nil || events >= Self.eventLimit { break }
                event = screen.nextEvent(timeoutMilliseconds: 0)
            }
            if let outcome = model.outcome { return outcome }
            takeMessages()
            let now = clock()
            if now.timeIntervalSince(lastLook) * 1_000 >= Double(Self.tickMilliseconds) || now < lastLook {
                lastLook = now
                if hasForeignChange() { isRefreshDue = true }
                let state = storeState()
                if state.waiting != model.storeWaiting || state.notices.count > noticeCount {
                    process(.storeSaid(waiting: state.waiting, notices: Array(state.notices.dropFirst(noticeCount))))
                    noticeCount = state.notices.count
                }
            }
            advance(to: now)
            present(on: screen)
        }
    }

    private var timeout: Int {
        guard isRefreshDue else { return Self.tickMilliseconds }
        let left = Self.refreshInterval - clock().timeIntervalSince(lastRefresh)
        return min(Self.tickMilliseconds, max(0, Int(left * 1_000)))
    }

    /// Moves the clock, and takes what has changed when it is time to.
    func advance(to now: Date) {
        process(.clock(now))
        let state = runner.runs.state
        if state != model.ownRuns { process(.ownRuns(state)) }
        let sinceRefresh = now.timeIntervalSince(lastRefresh)
        guard isRefreshDue, sinceRefresh >= Self.refreshInterval || sinceRefresh < 0 else { return }
        isRefreshDue = false
        lastRefresh = now
        process(.storeChanged)
    }

    func process(_ message: ExplorerMessage) {
        var queue = [message]
        while !queue.isEmpty {
            let next = queue.removeFirst()
            if case .controlBegun(let control, _) = next {
                runner.runs.add(control)
                _ = update(&model, .ownRuns(runner.runs.state))
            }
            for command in update(&model, next) {
                if command.disturbsScreen { presented = nil }
                queue += runner.run(command)
                // Work that was done at once has its messages here already, in their order.
                queue += runner.background.takeMessages()
            }
        }
    }

    /// Takes what came from work beside the main thread.
    func takeMessages() {
        for message in runner.background.takeMessages() { process(message) }
    }

    /// Reads until the screen lacks nothing.
    func read() {
        for _ in 0..<Self.roundLimit {
            let commands = model.wanted()
            guard !commands.isEmpty else { return }
            for command in commands {
                for message in runner.run(command) + runner.background.takeMessages() {
                    process(message)
                    // What cannot be read is said once and asked for again when something has changed.
                    if case .failed = message { return }
                }
            }
        }
    }

    private func present(on screen: any Screen) {
        if screen.size != model.size { process(.screen(.resized(screen.size))) }
        read()
        let surface = model.draw()
        guard surface != presented else { return }
        presented = surface
        screen.present(surface, palette: palette)
    }
}
