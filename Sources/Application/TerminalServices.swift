// What a real terminal can do beside showing cells: keep a text for pasting, and be lent to a pager or to the shell.

import Foundation
import Terminal

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Things done outside of the screen. Tests put their own in place.
package struct TerminalServices: Sendable {
    /// Takes a text; throws `ServiceError`.
    package var copy: (@Sendable (String) throws -> Void)?
    /// Shows a text until the person has seen it. The screen is suspended meanwhile. Throws `ServiceError`.
    package var page: (@Sendable (String) throws -> Void)?
    /// Lets a person edit a text, and gives it as it is afterwards; nil when it is unchanged or was given up. The screen is
    /// suspended meanwhile. Throws `ServiceError`.
    package var edit: (@Sendable (_ text: String, _ fileName: String) throws -> String?)?
    /// Stops this process until the shell continues it. The screen is suspended meanwhile.
    package var stop: (@Sendable () -> Void)?

    package init(
        copy: (@Sendable (String) throws -> Void)? = nil,
        page: (@Sendable (String) throws -> Void)? = nil,
        edit: (@Sendable (_ text: String, _ fileName: String) throws -> String?)? = nil,
        stop: (@Sendable () -> Void)? = nil
    ) {
        self.copy = copy
        self.page = page
        self.edit = edit
        self.stop = stop
    }

    package static let none = TerminalServices()

    /// Those of the terminal this process runs in.
    package static let terminal = TerminalServices(
        copy: { try Clipboard.copy($0) },
        page: { try Pager.show($0) },
        edit: { try Editor.edit($0, named: $1) },
        stop: { ProcessStop.now() }
    )
}

/// Why a text did not get where it should, in a sentence.
package struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
