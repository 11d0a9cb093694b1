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
        if run.origin != .live { right.append(Span("  \(glyphs.mark(run.origin).glyph) \(run.origin.rawValue)", .dim)) }
        right.append(Span("  i\(run.iterations) d\(run.deepest)"))
        right.append(Span("  " + pen.figures.clock(header.elapsed(at: pen.now))))
        right.append(Span(" "))
        right += counts(run.calls, pen)

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

    static func counts(_ calls: CallCounts, _ pen: Pen) -> [Span] {
        let glyphs = pen.glyphs
        let parts: [(Int, Status, Role)] = [
            (calls.done - calls.failed, .succeeded, .text), (calls.failed, .failed, .statusFailed),
            (calls.running, .running, .statusRunning), (calls.held, .held, .statusHeld), (calls.queued, .queued, .dim),
        ]
        return parts.filter { $0.0 > 0 }.map { count, status, role in
            Span(" \(pen.figures.count(count))\(glyphs.mark(status).glyph)", role)
        }
    }

    // MARK: Second line

    private static func drawUsage(_ header: RunHeader, _ surface: inout Surface, _ rect: Rect, _ pen: Pen) {
        let run = header.run
        let figures = pen.figures
        let y = rect.y + 1

        var right: [Span] = []
        let burn = burn(header, pen)
        if let cost = run.settings.maxBudget, cost > 0 {
            right.append(Span("\(costText(run.usage, pen)) of \(figures.longCost(cost)) "))
        } else {
            right.append(Span(costText(run.usage, pen) + "  "))
        }
        var tail: [Span] = [Span(" " + burn.rate, .dim)]
        if let left = burn.left, rect.width >= Layout.twoPaneColumns { tail.append(Span(", \(left)", .dim)) }

        var end = surface.put(spans: tail, endingAt: rect.maxX - 1, y: y, width: rect.width / 2)
        if let limit = run.settings.maxBudget, limit > 0 {
            let meter = min(26, max(8, rect.width / 5))
            let fraction = run.usage.known.cost.map { $0 / limit }
            surface.putMeter(fraction, x: end - meter, y: y, width: meter, glyphs: pen.glyphs)
            end -= meter
        }
        end = surface.put(spans: right, endingAt: end, y: y, width: end - rect.x - 1)
        let room = max(0, end - 2 - rect.x - 1)
        surface.put(spans: tokens(run.usage, pen, room: room), x: rect.x + 1, y: y, width: room)
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

    private static func costText(_ usage: UsageTotal, _ pen: Pen) -> String {
        guard usage.completions > 0 else { return pen.figures.nothing }
        guard let cost = usage.known.cost else { return pen.figures.unknown }
        return (usage.completionsOfUnknownCost > 0 ? pen.figures.atLeast : "") + pen.figures.longCost(cost)
    }

    /// Cost a minute over the whole run, and for how long the budget lasts at that rate while it goes on.
    private static func burn(_ header: RunHeader, _ pen: Pen) -> (rate: String, left: String?) {
        let usage = header.run.usage
        guard usage.completions > 0 else { return (pen.figures.nothing, nil) }
        guard let cost = usage.known.cost, let seconds = header.elapsed(at: pen.now) else {
            return (pen.figures.unknown + "/min", nil)
        }
        let known = pen.figures.burn(dollars: cost, seconds: seconds)
        let isPartial = usage.completionsOfUnknownCost > 0 && known != pen.figures.nothing
        let rate = isPartial ? pen.figures.atLeast + known : known
        guard let limit = header.run.settings.maxBudget, header.isLive(at: pen.now), cost > 0, seconds > 0 else {
            return (rate, nil)
        }
        let minutes = max(0, limit - cost) / (cost / seconds) / 60
        return (rate, minutes < 1_000 ? "\(Int(minutes)) min left" : nil)
    }
}
