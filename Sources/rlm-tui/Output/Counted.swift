import Trajectory

extension Int {
    /// The number and what it counts: `1 call`, `2,000 calls`.
    func counted(_ one: String, _ many: String? = nil) -> String { "\(grouped) \(self == 1 ? one : many ?? one + "s")" }
}
