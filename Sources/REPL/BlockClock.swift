/// How long a block has run and how long it has waited. The caller says when something changes, and how it is then.
struct BlockClock {
    /// What the block is doing, as far as time goes.
    enum Pace {
        /// Every second counts.
        case running
        /// The main thread waits for a sub-call: nothing counts.
        case waiting
        /// Only other threads wait for sub-calls: the main thread may wait for them or may compute, so CPU time counts.
        case othersWaiting
    }

    private let start: Double
    private var last: Double
    private(set) var pace = Pace.running
    private(set) var waitingSeconds = 0.0
    /// Seconds that count against the block's limit.
    private(set) var countedSeconds = 0.0
    private var lastCPU: Double?

    init(now: Double) {
        start = now
        last = now
    }

    var seconds: Double { last - start }

    /// Counts the time up to now at the pace so far, and goes on at another.
    mutating func advance(to now: Double, pace next: Pace? = nil) {
        let passed = max(0, now - last)
        last = now
        switch pace {
        case .running: countedSeconds += passed
        case .waiting, .othersWaiting: waitingSeconds += passed
        }
        guard let next, next != pace else { return }
        pace = next
        lastCPU = nil
    }

    /// Tells the CPU seconds used so far, which count while others wait.
    mutating func sample(cpu: Double) {
        guard pace == .othersWaiting else { return }
        if let lastCPU { countedSeconds += max(0, cpu - lastCPU) }
        lastCPU = cpu
    }
}
