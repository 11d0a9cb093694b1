// `make fuzz`: libFuzzer over one reader, named by FUZZ_READER. Built only where RLM_TUI_FUZZ is set, since it needs
// libFuzzer's library and every target built with its counters.
import CFuzzer
import Foundation
import FuzzedReaders

let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
guard let reader = FuzzedReader.all.first(where: { $0.name == name }) else {
    print("FUZZ_READER is one of: " + FuzzedReader.all.map(\.name).joined(separator: " "))
    exit(2)
}

/// Set once before libFuzzer starts, which calls from this thread alone.
nonisolated(unsafe) let fuzzed = reader

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        let bytes = Array(UnsafeBufferPointer(start: data, count: size))
        if let broken = fuzzed.read(bytes) {
            FileHandle.standardError.write(Data("\(fuzzed.name): \(broken)\n".utf8))
            // libFuzzer keeps the bytes of what aborts.
            abort()
        }
        return 0
    })
