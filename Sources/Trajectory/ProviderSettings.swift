/// What a person says about a provider's server, in the settings under `[providers.NAME]`.
package struct ProviderSettings: Hashable, Sendable {
    /// What it does not know and is not sent: names of parameters, `stream`, `system`, `consecutive_roles`.
    package var without: Set<String>
    /// Seconds that it may take to the first byte of an answer; nil for the standard.
    package var firstByte: Double?

    package init(without: Set<String> = [], firstByte: Double? = nil) {
        self.without = without
        self.firstByte = firstByte
    }
}
