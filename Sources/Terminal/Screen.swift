/// What the explorer draws on and listens to. Owned by one thread, the main one.
package protocol Screen: AnyObject {
    var size: Size { get }

    /// Shows a surface; only what changed since the last one is sent.
    func present(_ surface: Surface, palette: Palette)

    /// Waits until a key came, the doorbell was rung, the size changed or a signal came; nil when the time is over.
    /// With nil it waits for ever, with 0 it returns at once.
    func nextEvent(timeoutMilliseconds: Int?) -> ScreenEvent?

    /// Gives the terminal back as it was, for `$EDITOR` and `$PAGER`, until `resume`.
    func suspend()

    /// Takes the terminal again after `suspend`; the next `present` draws everything.
    func resume()

    /// Draws everything at the next `present`, whatever is there now (^L).
    func redraw()

    /// Gives the terminal back for good. May be called twice.
    func close()
}

package enum ScreenEvent: Hashable, Sendable {
    case key(Key)
    case resized(Size)
    /// The doorbell was rung: there is something new.
    case mailbox
    /// The terminal went away: stdin is closed, or SIGHUP came.
    case hangup
    /// SIGINT from outside; ^C is a key.
    case interrupt
    /// SIGTERM.
    case terminate
}
