// The two lines on top: who, state, where, how long, how many; then tokens, cost against its limit, and burn rate.

package import Terminal
import Trajectory

package enum MetersView {
    package static func draw(
        _ header: RunHeader?,
        placeholder: String,
        into surface: inout Surface,
        rect: Rect,
        pen: Pen
    ) {
        guard rect.height >= 2 else { return }
        guard let header else {
            surface.put(placeholder, x: rect.x + 1, y: rect.y, width: rect.width - 2, role: .heading)
            return
        }
        drawState(header, &surface, rect, pen)
        drawUsage(header, &surface, rect, pen)
    }

    // MARK: First line

    private static func drawState(_ header: RunHeader, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let run = header.run
        let glyphs = pen.glyphs
        let isLive = header.isLive(at: pen.now)
        let mark =
            header.isInterrupted(at: pen.now)
            ? Mark(glyph: glyphs.failed, role: .statusFailed) : glyphs.mark(run.status, isLive: isLive)
        var right: [Span] = [Span("\(mark.glyph) \(header.state(at: pen.now))", mark.role)]
        if header.isPaused { right = [Span("\(glyphs.pause)\(glyphs.pause) paused", .statusHeld)] }
        if run.origin != .live { right.append(Span("  \(glyphs.mark(run.origin).glyph) \(run.origin.rawValue)", .dim)) }
        let depth = run.settings.maxDepth.map { $0 > 1 ? "/\($0)" : "" } ?? ""
        right.append(Span("  i\(run.iterations) d\(run.deepest)\(depth)"))
        right.append(Span("  " + pen.figures.clock(header.elapsed(at: pen.now))))
        right.append(Span(" "))
        right += counts(header, pen)

        let start = surface.put(spans: right, endingAt: rect.maxX - 1, y: rect.y, width: rect.width - 2)
        let room = start - 2 - (rect.x + 1)
        let id = " · \(run.id.short)"
        let idWidth = TextWidth.columns(of: id)
        guard room > idWidth + 4 else { return }
        let question = surface.put(
            run.question.isEmpty ? "(no question)" : run.question,
            x: rect.x + 1,
            y: rect.y,
            width: room - idWidth,
            role: .heading
        )
        surface.put(id, x: rect.x + 1 + question, y: rect.y, width: idWidth, role: .dim)
    }

    /// Calls by how they ended or stand, successes alone under `✓`; `●` counts requests, not the calls that hold others.
    static func counts(_ header: RunHeader, _ pen: Pen) -> [Span] {
        let glyphs = pen.glyphs
        let calls = header.run.calls
        let parts: [(Int, Status, Role)] = [
            (calls.succeeded, .succeeded, .text), (calls.failed, .failed, .statusFailed),
            (calls.cancelled, .cancelled, .dim), (calls.limited, .limited, .statusHeld),
            (header.requestsInFlight, .running, .statusRunning), (calls.queued, .queued, .dim),
        ]
        let counts = parts.filter { $0.0 > 0 }.map { count, status, role in
            Span(" \(pen.figures.count(count))\(glyphs.mark(status).glyph)", role)
        }
        guard header.held > 0 else { return counts }
        // What waits for a person is said in a word.
        return counts + [Span("  \(glyphs.held) \(pen.figures.count(header.held)) held", .statusHeld)]
    }

    // MARK: Second line

    /// What the second line gives up where it is too narrow for all of it, in this order; a meter is never given up.
    private struct Form {
        var budgetBar: Int
        var hasTimeLeft: Bool
        var hasTokens: Bool
        var hasBurn = true

        /// What is drawn where even this is too wide.
        var isLast: Bool { !hasBurn }

        static func all(_ width: Int) -> [Form] {
            [
                Form(budgetBar: min(26, max(8, width / 5)), hasTimeLeft: true, hasTokens: true),
                Form(budgetBar: 8, hasTimeLeft: true, hasTokens: true),
                Form(budgetBar: 8, hasTimeLeft: false, hasTokens: true),
                Form(budgetBar: 5, hasTimeLeft: false, hasTokens: true),
                Form(budgetBar: 5, hasTimeLeft: false, hasTokens: false),
                Form(budgetBar: 0, hasTimeLeft: false, hasTokens: false),
                Form(budgetBar: 0, hasTimeLeft: false, hasTokens: false, hasBurn: false),
            ]
        }
    }

    private static func drawUsage(_ header: RunHeader, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let run = header.run
        let figures = pen.figures
        let y = rect.y + 1
        let budget = LimitMeters.budget(header, pen)
        let others = LimitMeters.others(header, pen)
        let burn = burn(header, pen)
        let tokens = TextWidth.columns(of: tokens(run.usage, pen, room: .max))

        for form in Form.all(rect.width) {
            var tail = form.hasBurn ? "  " + burn.rate : ""
            if form.hasTimeLeft, let left = burn.left { tail += ", \(left) left" }
            let bar = budget == nil ? 0 : form.budgetBar
            let cost = figures.cost(run.usage) + (budget.map { (form.hasBurn ? " of " : "/") + $0.limit } ?? "")
            let fixed = TextWidth.columns(of: cost) + TextWidth.columns(of: tail) + (bar > 0 ? bar + 1 : 0)
            let room = rect.width - 2 - fixed - (form.hasTokens ? tokens + 2 : 0)
            let meters = LimitMeters.spans(others, room: room, isForced: form.isLast, pen)
            guard form.isLast || (room >= 0 && (others.isEmpty || !meters.isEmpty)) else { continue }
            var end = surface.put(tail, endingAt: rect.maxX - 1, y: y, width: TextWidth.columns(of: tail), role: .dim)
            if bar > 0, let budget {
                surface.putMeter(budget.fraction, x: end - bar, y: y, width: bar, glyphs: pen.glyphs)
                end -= bar + 1
            }
            end = surface.put(cost, endingAt: end, y: y, width: TextWidth.columns(of: cost), role: .text)
            let width = TextWidth.columns(of: meters)
            let start = surface.put(spans: meters + [Span("  ")], endingAt: end, y: y, width: width + 2)
            if form.hasTokens {
                let room = max(0, start - rect.x - 1)
                surface.put(spans: self.tokens(run.usage, pen, room: room), x: rect.x + 1, y: y, width: room)
            }
            return
        }
    }

    /// As many fields as there is room for; half a number would be a wrong one.
    private static func tokens(_ usage: UsageTotal, _ pen: Pen, room: Int) -> [Span] {
        let figures = pen.figures
        var spans: [Span] = []
        var used = 0
        func field(_ name: String, _ path: KeyPath<Usage, Int?>, isShown: Bool = true) {
            let label = (spans.isEmpty ? "" : "  ") + name + " "
            let value = figures.tokens(usage, path)
            used += TextWidth.columns(of: label) + TextWidth.columns(of: value)
            guard isShown, used <= room else { return }
            spans.append(Span(label, .dim))
            spans.append(Span(value))
        }
        field("in", \.inputTokens)
        field("out", \.outputTokens)
        field("cached", \.cachedTokens, isShown: usage.known.cachedTokens != nil)
        field("reasoning", \.reasoningTokens, isShown: usage.known.reasoningTokens != nil)
        return spans
    }

    /// Cost a minute over the whole run, and how long the budget lasts at the rate it is spent while the run goes on.
    private static func burn(_ header: RunHeader, _ pen: Pen) -> (rate: String, left: String?) {
        let usage = header.run.usage
        guard usage.completions > 0 else { return (pen.figures.nothing, nil) }
        guard let cost = usage.known.cost, let seconds = header.elapsed(at: pen.now) else {
            return (pen.figures.unknown + "/min", nil)
        }
        let known = pen.figures.burn(dollars: cost, seconds: seconds)
        let isPartial = usage.completionsOfUnknownCost > 0 && known != pen.figures.nothing
        let rate = isPartial ? pen.figures.atLeast + known : known
        guard let limit = header.run.settings.maxBudget, header.isLive(at: pen.now), let spending = header.rate else {
            return (rate, nil)
        }
        return (rate, SpendingRate.words(spending.left(of: limit, at: seconds)))
    }
}
