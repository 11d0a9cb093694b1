// Samples on their way into an index, sorted roughly.
internal import Foundation

/// Samples by the first bits of their keys. To put each sample into its place in a large index one by one would have the
/// processor wait for memory each time; a partition's part of the index fits its cache.
///
/// Of each bucket no more than `ContextIndex.bucketLimit` samples are taken, so that a context of one character needs no
/// more memory than another: eight bytes a sample, and about one byte in seven begins one.
final class SamplePartitions {
    struct Sample {
        var key: UInt32
        var place: UInt32
    }

    static let bits = 8

    let bucketBits: Int
    /// Samples of each bucket.
    let counts: UnsafeMutablePointer<UInt16>
    private(set) var total = 0
    /// Samples of a portion.
    private let portion: Int
    /// Portions of all partitions, as they were begun. More of it is named than will ever be used; what is not written to
    /// takes no memory.
    private let memory: UnsafeMutableRawPointer
    private let memoryCount: Int
    private var begun = 0
    private var portions: [[Int]]
    /// Where the next sample of each partition goes, and where its last portion ends.
    private let next: UnsafeMutablePointer<Int>
    private let end: UnsafeMutablePointer<Int>

    /// Throws `MapError` where there is no memory.
    /// - Parameter limit: samples there can be at most.
    init(bucketBits: Int, limit: Int) throws {
        let partitions = 1 << Self.bits
        portion = max(64, min(8192, limit / partitions / 16))
        memoryCount = (limit + partitions * portion) * MemoryLayout<Sample>.stride
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let memory = mmap(nil, memoryCount, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else {
            throw MapError.noMemory
        }
        self.memory = memory
        self.bucketBits = bucketBits
        counts = .allocate(capacity: 1 << bucketBits)
        counts.initialize(repeating: 0, count: 1 << bucketBits)
        portions = Array(repeating: [], count: partitions)
        next = .allocate(capacity: partitions)
        next.initialize(repeating: 0, count: partitions)
        end = .allocate(capacity: partitions)
        end.initialize(repeating: 0, count: partitions)
    }

    deinit {
        munmap(memory, memoryCount)
        counts.deallocate()
        next.deallocate()
        end.deallocate()
    }

    @inline(__always)
    private var samples: UnsafeMutablePointer<Sample> { memory.assumingMemoryBound(to: Sample.self) }

    @inline(__always)
    func append(key: UInt32, place: Int) {
        let bucket = ContextIndex.bucket(of: key, bits: bucketBits)
        guard counts[bucket] < UInt16(ContextIndex.bucketLimit) else { return }
        counts[bucket] &+= 1
        let partition = Int(key &>> UInt32(32 - Self.bits))
        if next[partition] == end[partition] { begin(partition) }
        samples[next[partition]] = Sample(key: key, place: UInt32(truncatingIfNeeded: place))
        next[partition] &+= 1
        total &+= 1
    }

    private func begin(_ partition: Int) {
        portions[partition].append(begun)
        next[partition] = begun
        begun += portion
        end[partition] = begun
    }

    /// Calls `body` with the samples of a partition, ascending by place.
    func forEach(in partition: Int, _ body: (Sample) -> Void) {
        for begin in portions[partition] {
            let isLast = begin + portion == end[partition]
            for sample in begin..<(isLast ? next[partition] : begin + portion) { body(samples[sample]) }
        }
    }
}

extension MapError {
    static let noMemory = MapError(
        description: "there is no memory for the index of the context; free some and try again")
}
