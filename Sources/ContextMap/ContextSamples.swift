// The samples of a whole context, portion by portion.
internal import Foundation

/// Reads a context's bytes once from end to end and finds the samples in them. Line ends count as LF, whichever they are,
/// so a gram may stand on one byte more for each.
struct ContextSamples {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty text has no address, and is not looked at.
        let empty = UnsafeRawPointer(bitPattern: 1)
        self.bytes = (bytes.baseAddress ?? empty.unsafelyUnwrapped).assumingMemoryBound(to: UInt8.self)
        count = bytes.count
    }

    /// Calls `body` with each sample's key and where its gram begins in the context, ascending; after each portion
    /// `hasRead` with how far the context has been read.
    func forEach(_ body: (_ key: UInt32, _ place: Int) -> Void, hasRead: (Int) -> Void) {
        let ranks = UnsafeMutablePointer<UInt64>.allocate(capacity: Gram.portion + Gram.window)
        let samples = UnsafeMutablePointer<UInt32>.allocate(capacity: Gram.portion + 1)
        let portion = Gram.portion + Gram.reach - 1
        let plain = UnsafeMutablePointer<UInt8>.allocate(capacity: portion)
        let origins = UnsafeMutablePointer<Int>.allocate(capacity: portion)
        defer {
            ranks.deallocate()
            samples.deallocate()
            plain.deallocate()
            origins.deallocate()
        }
        var place = 0
        var last = -1
        while count - place >= Gram.reach {
            let available = min(portion, count - place)
            let isPlain = memchr(bytes + place, 0x0D, available) == nil
            let length = isPlain ? available : normalise(from: place, into: plain, origins, limit: portion)
            guard length >= Gram.reach else { break }
            let windows = length - Gram.reach + 1
            let text = isPlain ? bytes + place : UnsafePointer(plain)
            let sampled = Gram.sample(text, windows: windows, ranks: ranks, into: samples)
            for index in 0..<sampled {
                let inside = Int(samples[index])
                let origin = isPlain ? place &+ inside : origins[inside]
                guard origin != last else { continue }
                last = origin
                body(Gram.key(text + inside), origin)
            }
            place = isPlain ? place + windows : origins[windows]
            hasRead(place)
        }
    }

    /// Copies bytes without the carriage returns of line ends. Gives how many were copied.
    private func normalise(
        from start: Int, into plain: UnsafeMutablePointer<UInt8>, _ origins: UnsafeMutablePointer<Int>, limit: Int
    ) -> Int {
        var (place, length) = (start, 0)
        while place < count, length < limit {
            let byte = bytes[place]
            plain[length] = byte
            origins[length] = place
            let isDropped = byte == 0x0D && place &+ 1 < count && bytes[place &+ 1] == 0x0A
            length &+= isDropped ? 0 : 1
            place &+= 1
        }
        return length
    }
}
