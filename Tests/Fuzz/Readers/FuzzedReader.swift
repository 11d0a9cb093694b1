// `@testable` reaches what the rooms keep to themselves, and is there in debug builds alone.
#if DEBUG

    /// Something that reads bytes from outside, and what must hold whatever they are.
    ///
    /// `make fuzz` feeds these with what libFuzzer thinks of; `make test` with the saved corpus of each.
    package struct FuzzedReader: Sendable {
        /// What was promised and did not hold, or nil.
        package typealias Broken = String

        /// As its corpus is called.
        package let name: String
        package let read: @Sendable ([UInt8]) -> Broken?

        package static let all: [FuzzedReader] = [
            FuzzedReader(name: "rlms", read: readRLMSLines), FuzzedReader(name: "json", read: readJSON),
            FuzzedReader(name: "fences", read: readFences), FuzzedReader(name: "events", read: readEvents),
            FuzzedReader(name: "frames", read: readFrames), FuzzedReader(name: "keys", read: readKeys),
            FuzzedReader(name: "text", read: readText),
        ]

        /// Cuts bytes into pieces whose lengths the bytes themselves choose, so that a finding can be repeated.
        static func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
            var pieces: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let length = 1 + Int(bytes[start] ^ UInt8(truncatingIfNeeded: start)) % 13
                let end = min(bytes.count, start + length)
                pieces.append(bytes[start..<end])
                start = end
            }
            return pieces
        }
    }

#endif
