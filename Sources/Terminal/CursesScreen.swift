import CNCurses
import OperatingSystem
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The real terminal, by ncurses. One at a time, on the main thread.
///
/// ncurses draws; keys are read here (`KeyDecoder`), so that pastes, mice and UTF-8 do not depend on terminfo. While
/// it is open the process answers signals as `SignalHandlers` says: the terminal comes back whatever happens.
package final class CursesScreen: Screen {
    /// How long a lone ESC may be the beginning of more.
    private static let escapeDelay = Duration.milliseconds(25)
    /// How long a paste may pause before it is taken for whole.
    private static let pasteDelay = Duration.seconds(1)
    private static let isOpen = Atomic(false)

    package private(set) var size: Size
    private let doorbell: Doorbell
    private let signals: SelfPipe
    private let input: Int32
    private let output: Int32
    private let description: TerminalDescription
    private let files: (input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>)
    private let screen: OpaquePointer
    private var painter: CursesPainter
    private var palette: Palette?
    /// What ncurses was given last; nil when everything must be given again.
    private var shown: Surface?
    private var decoder = KeyDecoder()
    /// When the last bytes came. What waits for more is measured from there, not from the last look: otherwise a lone ESC would
    /// never become the escape key while the doorbell rings often.
    private var lastInput = ContinuousClock.now
    private var events: [ScreenEvent] = []
    private var isInputOver = false
    private var isTaken = false
    private var isClosed = false

    /// Opens the screen on the terminal of the two descriptors. Where standard input is no terminal, keys come from the one
    /// that the program was started from. Throws `TerminalError` when there is none, when it is unknown or dumb, or when a
    /// screen is open already.
    package init(
        doorbell: Doorbell,
        input: Int32 = TerminalInput.descriptor ?? STDIN_FILENO,
        output: Int32 = STDOUT_FILENO,
        environment: [String: String] = CursesScreen.terminalEnvironment()
    ) throws(TerminalError) {
        for (descriptor, name) in [(input, "standard input"), (output, "standard output")] where isatty(descriptor) == 0
        {
            throw TerminalError(
                code: .notATerminal,
                message: "\(name) is not a terminal: start the program in one, or run headless"
            )
        }
        let signals = SelfPipe()
        try signals.check()
        try doorbell.check()
        var line = termios()
        tcgetattr(input, &line)
        let description = try TerminalDescription(environment: environment, output: output)
        let isUTF8 = Self.useLocale(environment)
        guard !Self.isOpen.exchange(true, ordering: .acquiringAndReleasing) else {
            throw TerminalError(code: .alreadyOpen, message: "the terminal is in use by this program already")
        }
        SignalHandlers.install(
            input: input,
            output: output,
            pipe: signals.writeEnd,
            line: line,
            restoration: description.restoration
        )
        SignalState.shared.pointee.isTaken = true
        guard let inputFile = fdopen(dup(input), "r"), let outputFile = fdopen(dup(output), "w"),
            let screen = newterm(description.name, outputFile, inputFile)
        else {
            SignalState.shared.restoreTerminal()
            SignalHandlers.remove()
            Self.isOpen.store(false, ordering: .releasing)
            throw TerminalError(
                code: .unknownTerminal,
                message: "ncurses could not take the terminal '\(TextCells.sanitise(description.name))' (TERM): "
                    + "set TERM=xterm-256color"
            )
        }
        self.doorbell = doorbell
        self.signals = signals
        self.input = input
        self.output = output
        self.description = description
        self.screen = screen
        files = (inputFile, outputFile)
        if has_colors() {
            start_color()
            use_default_colors()
        }
        painter = CursesPainter(isUTF8: isUTF8)
        size = Size(columns: Int(getmaxx(rlm_standard_screen())), rows: Int(getmaxy(rlm_standard_screen())))
        takeTerminal()
        adoptSize()
    }

    deinit { close() }

    /// How many colours the terminal has.
    package var depth: ColorDepth { painter.depth }

    package func present(_ surface: Surface, palette: Palette) {
        guard isTaken else { return }
        if palette != self.palette {
            self.palette = palette
            painter.use(palette)
            shown = nil
        }
        let columns = min(size.columns, surface.size.columns)
        let rows = min(size.rows, surface.size.rows)
        let previous = shown?.size == surface.size ? shown : nil
        if previous == nil { werase(rlm_standard_screen()) }
        var isChanged = previous == nil
        for y in 0..<rows {
            let row = (y * surface.size.columns)..<(y * surface.size.columns + columns)
            var index = row.lowerBound
            while index < row.upperBound {
                guard previous.map({ !$0.matches(surface, at: index) }) ?? true else {
                    index += 1
                    continue
                }
                let start = index
                while index < row.upperBound, previous.map({ !$0.matches(surface, at: index) }) ?? true { index += 1 }
                isChanged = true
                put(surface, run: start..<index, row: row)
            }
        }
        shown = surface
        if isChanged { wrefresh(rlm_standard_screen()) }
    }

    /// Gives ncurses the changed cells of a row.
    private func put(_ surface: Surface, run: Range<Int>, row: Range<Int>) {
        var cells = surface.cells[run]
        // A wide character whose right half stayed as it was is drawn whole; half of one at the edge of a screen
        // smaller than the surface would wrap.
        if cells[run.lowerBound].width == 0 {
            cells = surface.cells[(run.lowerBound - 1)..<run.upperBound]
        }
        if row.upperBound == run.upperBound, cells[cells.endIndex - 1].width == 2 {
            cells[cells.endIndex - 1].makeBlank()
        }
        painter.put(cells, of: surface, x: cells.startIndex - row.lowerBound, y: row.lowerBound / surface.size.columns)
    }

    package func nextEvent(timeoutMilliseconds: Int?) -> ScreenEvent? {
        let deadline = timeoutMilliseconds.map { ContinuousClock.now + .milliseconds(max(0, $0)) }
        var isFirst = true
        while true {
            if !events.isEmpty { return events.removeFirst() }
            let now = ContinuousClock.now
            if !isFirst, let deadline, deadline <= now { return nil }
            isFirst = false
            var wait = deadline.map { max(.zero, $0 - now) }
            let patience = decoder.isPasting ? Self.pasteDelay : decoder.isWaiting ? Self.escapeDelay : nil
            if let patience {
                let left = max(.zero, lastInput + patience - now)
                wait = min(wait ?? left, left)
            }
            let descriptors = [signals.readEnd, doorbell.descriptor] + (isInputOver ? [] : [input])
            let ready = Poll.wait(on: descriptors, for: wait)
            if ready.contains(signals.readEnd) { takeSignals() }
            if ready.contains(input) {
                readInput()
            } else if let patience, ContinuousClock.now >= lastInput + patience {
                events += decoder.flush().map { .key($0) }
            }
            if ready.contains(doorbell.descriptor), doorbell.answer() { events.append(.mailbox) }
        }
    }

    private func readInput() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(input, &buffer, buffer.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
        guard count > 0 else {
            isInputOver = true
            events.append(.hangup)
            return
        }
        lastInput = .now
        for key in decoder.decode(buffer[..<count]) {
            if key == .control("z") { stop() } else { events.append(.key(key)) }
        }
    }

    private func takeSignals(afterStop: Bool = false) {
        var isResized = false
        var isContinued = false
        for signal in signals.drain().map(Int32.init) {
            switch signal {
            case SIGTERM: events.append(.terminate)
            case SIGHUP: events.append(.hangup)
            case SIGINT:
                SignalState.shared.pointee.interrupts = 0
                events.append(.interrupt)
            case SIGWINCH: isResized = true
            case SIGCONT: isContinued = !afterStop
            case SIGTSTP where !afterStop: stop()
            default: break
            }
        }
        // Another program that had the terminal while the process was stopped may have changed its settings.
        if isContinued && isTaken {
            resume()
        }
        if isResized { adoptSize() }
    }

    /// Stops the process as ^Z does in a shell, and goes on when it is continued.
    private func stop() {
        guard isTaken else { return }
        suspend()
        ProcessStop.now()
        resume()
        takeSignals(afterStop: true)
    }

    /// Asks the kernel for the size, and reports it where it has changed.
    private func adoptSize() {
        var columns: Int32 = 0
        var rows: Int32 = 0
        guard isTaken, rlm_window_size(output, &columns, &rows) == 0, columns > 0, rows > 0 else { return }
        let new = Size(columns: min(Int(columns), 1000), rows: min(Int(rows), 1000))
        guard new != size else { return }
        resizeterm(Int32(new.rows), Int32(new.columns))
        size = new
        redraw()
        events.append(.resized(new))
    }

    package func redraw() {
        shown = nil
        clearok(rlm_standard_screen(), true)
    }

    package func suspend() {
        guard isTaken else { return }
        send(description.leavingBytes)
        endwin()
        isTaken = false
        SignalState.shared.pointee.isTaken = false
        SignalState.shared.pointee.isLent = true
        SignalHandlers.allowStopping()
    }

    package func resume() {
        guard !isClosed else { return }
        SignalHandlers.interceptStopping()
        SignalState.shared.pointee.isLent = false
        takeTerminal()
        redraw()
        // What was on the screen comes back at once; the owner may have nothing new to show for a while.
        wrefresh(rlm_standard_screen())
        adoptSize()
    }

    private func takeTerminal() {
        SignalState.shared.pointee.isTaken = true
        reset_prog_mode()
        raw()
        noecho()
        nonl()
        curs_set(0)
        leaveok(rlm_standard_screen(), true)
        wrefresh(rlm_standard_screen())
        keypad(rlm_standard_screen(), true)
        send(description.enteringBytes)
        isTaken = true
    }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        suspend()
        // ncurses may have left the line otherwise: this puts back the settings from before.
        tcsetattr(input, TCSADRAIN, &SignalState.shared.pointee.line)
        delscreen(screen)
        fclose(files.input)
        fclose(files.output)
        SignalHandlers.remove()
        SignalState.shared.pointee.isLent = false
        Self.isOpen.store(false, ordering: .releasing)
    }

    private func send(_ bytes: [UInt8]) {
        try? bytes.writeAll(to: output)
    }
}
