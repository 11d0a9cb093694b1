import CNCurses

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension CursesScreen {
    /// The variables of this process that say what the terminal is.
    package static func terminalEnvironment() -> [String: String] {
        var result: [String: String] = [:]
        for name in ["TERM", "COLORTERM", "LC_ALL", "LC_CTYPE", "LANG"] {
            if let value = getenv(name) { result[name] = String(cString: value) }
        }
        return result
    }

    /// Character types as the environment says; whether they are UTF-8. The other categories stay C, as they would
    /// change how numbers are read and written all over the process.
    static func useLocale(_ environment: [String: String]) -> Bool {
        if setlocale(LC_CTYPE, "") == nil {
            // Machines without the locale that a remote login brings along usually have this one.
            let name =
                [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]]
                .compactMap { $0 }.first { !$0.isEmpty } ?? ""
            let isMeant = name.lowercased().replacing("-", with: "").hasSuffix("utf8")
            if isMeant { setlocale(LC_CTYPE, "C.UTF-8") }
        }
        return rlm_codeset().map { String(cString: $0) } == "UTF-8"
    }
}
