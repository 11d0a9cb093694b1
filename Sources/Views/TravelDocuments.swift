// What a person reads before a run goes on from a change, and the variables a node left behind.

import Terminal
package import Trajectory

/// What continuing would take, as a person reads it. Nil is what nobody can know before.
package struct ForecastFigures: Hashable, Sendable {
    package var liveCalls: Int?
    package var recordedCalls: Int
    package var iterations: Int?
    package var tokens: Int?
    package var cost: Double?
    package var cannotRepeat: [String]

    package init(
        liveCalls: Int?, recordedCalls: Int, iterations: Int?, tokens: Int?, cost: Double?, cannotRepeat: [String]
    ) {
        self.liveCalls = liveCalls
        self.recordedCalls = recordedCalls
        self.iterations = iterations
        self.tokens = tokens
        self.cost = cost
        self.cannotRepeat = cannotRepeat
    }
}

extension NodeDocuments {
    /// - Parameters:
    ///   - changes: what was changed, by name, with the text that stands there now.
    ///   - forecast: nil while it is being made.
    package func forecast(_ forecast: ForecastFigures?, changes: [(name: String, text: String)]) -> Document {
        var passages: [Passage] = []
        guard let forecast else {
            return Document([.lines([DocumentLine([Span("Looking through the run …", .dim)])])])
        }
        func open(_ count: Int?, _ known: String) -> String { count.map { figures.grouped($0) } ?? known }
        passages += fields(
            "What it would take",
            [
                ("live calls", open(forecast.liveCalls, "\(figures.unknown)  the code or the model decides how many")),
                ("recorded calls", "\(figures.grouped(forecast.recordedCalls))  answered from the store, for nothing"),
                ("iterations", open(forecast.iterations, "\(figures.unknown)  the model decides when it is done")),
                ("tokens", forecast.tokens.map { "about \(figures.count($0))" } ?? figures.unknown),
                (
                    "cost",
                    forecast.cost.map { $0 > 0 ? "about \(figures.cost($0))" : figures.cost($0) } ?? figures.unknown
                ),
            ])
        passages.append(.heading("What cannot be repeated"))
        passages.append(
            .lines(
                forecast.cannotRepeat.isEmpty
                    ? [DocumentLine([Span("Nothing that the code shows.", .dim)])]
                    : forecast.cannotRepeat.map { DocumentLine([Span($0, .notice)]) }))
        passages.append(.blank)
        for change in changes { passages += section(change.name, change.text, role: .prompt, empty: "Empty.") }
        if changes.isEmpty {
            passages.append(.lines([DocumentLine([Span("Nothing was changed: it runs once more, as it was.", .dim)])]))
        }
        return Document(passages)
    }

    /// - Parameter variables: nil while they are read.
    package func variables(_ variables: [Variable]?) -> Document {
        guard let variables else { return Document() }
        guard !variables.isEmpty else {
            return Document([.lines([DocumentLine([Span("No variables were recorded here.", .dim)])])])
        }
        return Document([.heading("Variables", trailing: "+ made or changed here"), .lines(lines(of: variables))])
    }
}
