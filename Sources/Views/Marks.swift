// The three marks of a node, as glyph and role. None is told by colour alone.

package import Terminal
package import Trajectory

/// A glyph and what it means.
package struct Mark: Hashable, Sendable {
    package let glyph: String
    package let role: Role
}

extension GlyphSet {
    /// - Parameter isLive: whether the run is going on; green is for a success that is news.
    package func mark(_ status: Status, isLive: Bool = false) -> Mark {
        switch status {
        case .queued: Mark(glyph: queued, role: .dim)
        case .held: Mark(glyph: held, role: .statusHeld)
        case .running: Mark(glyph: running, role: .statusRunning)
        case .succeeded: Mark(glyph: succeeded, role: isLive ? .statusSucceeded : .dim)
        case .failed: Mark(glyph: failed, role: .statusFailed)
        case .cancelled: Mark(glyph: cancelled, role: .dim)
        case .limited: Mark(glyph: limited, role: .statusHeld)
        }
    }

    package func mark(_ origin: Origin) -> Mark {
        switch origin {
        case .live: Mark(glyph: " ", role: .dim)
        case .ahead: Mark(glyph: ahead, role: .dim)
        case .recorded: Mark(glyph: recorded, role: .dim)
        case .edited: Mark(glyph: edited, role: .accent)
        case .imported: Mark(glyph: imported, role: .dim)
        }
    }

    package func mark(_ freshness: Freshness) -> Mark {
        switch freshness {
        case .fresh: Mark(glyph: " ", role: .dim)
        case .stale: Mark(glyph: stale, role: .stale)
        case .diverged: Mark(glyph: diverged, role: .stale)
        }
    }
}
