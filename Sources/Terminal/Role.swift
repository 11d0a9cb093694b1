/// What a cell means. Views name roles, themes say how a role looks; no view names a colour.
package enum Role: String, CaseIterable, Hashable, Sendable {
    case text, dim, accent, heading, selection, separator, key
    case statusFailed, statusHeld, statusRunning, statusSucceeded, stale
    case codeKeyword, codeString, codeNumber, codeComment, codeFunction, codeBuiltin
    case output, errorOutput
    case meterFill, meterEmpty
    case notice, prompt, response, peek

    /// Place in `allCases`: where palettes keep its style.
    var index: Int {
        switch self {
        case .text: 0
        case .dim: 1
        case .accent: 2
        case .heading: 3
        case .selection: 4
        case .separator: 5
        case .key: 6
        case .statusFailed: 7
        case .statusHeld: 8
        case .statusRunning: 9
        case .statusSucceeded: 10
        case .stale: 11
        case .codeKeyword: 12
        case .codeString: 13
        case .codeNumber: 14
        case .codeComment: 15
        case .codeFunction: 16
        case .codeBuiltin: 17
        case .output: 18
        case .errorOutput: 19
        case .meterFill: 20
        case .meterEmpty: 21
        case .notice: 22
        case .prompt: 23
        case .response: 24
        case .peek: 25
        }
    }
}
