// What the context map costs, for the benchmarks: `map-figures FOLDER` prints a JSON object.

import ContextMap
import Foundation
import Trajectory

/// 100 MB of lines of words, the same each time.
func makeContext(at path: String) throws {
    var state: UInt64 = 1
    func random() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
    let words = (0..<5_000).map { _ in (0..<3 + random() % 7).map { _ in UInt8(97 + random() % 26) } + [0x20] }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(101_000_000)
    while bytes.count < 100_000_000 {
        for _ in 0..<10 { bytes += words[Int(random() % 5_000)] }
        bytes.append(0x0A)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try body()
    let time = (ContinuousClock.now - start).components
    return Double(time.seconds) + Double(time.attoseconds) / 1e18
}

/// Megabytes that were resident at most so far.
func peak() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
    return (Double(line.split(separator: " ").dropFirst().first ?? "") ?? 0) / 1_024
}

let folder = CommandLine.arguments.dropFirst().first ?? "."
let path = folder + "/context"
if CommandLine.arguments.contains("--make") {
    // In a process of its own: what making it takes is no part of the figures.
    try makeContext(at: path)
    exit(0)
}
let size = Int((try FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64) ?? 0)
let context = Context(name: "context_0", hash: "0", byteCount: size, type: .text, source: "-")
try? FileManager.default.removeItem(atPath: path + ".map")
var mapped: MappedContext?
let indexed = try seconds { mapped = try MappedContext(context, path: path) }
let indexPeak = peak()
let opened = try seconds { mapped = try MappedContext(context, path: path) }

let prompts = (0..<400).compactMap { number -> String? in
    let start = number * 249_989 % (size - 100_000)
    return mapped.map {
        "Read this and answer in one word, part \(number):\n\n\($0.file.text(start..<start + 100_000))\n\nNothing else."
    }
}
var slices = 0
let matched = seconds { for prompt in prompts { slices += mapped?.matcher.slices(in: prompt).count ?? 0 } }
let megabytes = Double(prompts.reduce(0) { $0 + $1.utf8.count }) / 1e6
print(
    """
    {"index_seconds": \(indexed), "index_peak_mb": \(indexPeak), "open_seconds": \(opened), \
    "matching_mb_per_second": \(megabytes / matched), "slices": \(slices)}
    """)
