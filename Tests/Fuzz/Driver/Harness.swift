// `make fuzz`: libFuzzer over one reader, named by FUZZ_READER. Built only where RLM_TUI_FUZZ is set and with
// `--sanitize=fuzzer`, which brings the entrance of the program and every target's counters.
import Foundation
import FuzzedReaders

private let reader: FuzzedReader = {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
    guard let reader = FuzzedReader.all.first(where: { $0.name == name }) else {
        print("FUZZ_READER is one of: " + FuzzedReader.all.map(\.name).joined(separator: " "))
        exit(2)
    }
    return reader
}()

/// What libFuzzer calls with each of its ideas.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    if let broken = reader.read(bytes) {
        FileHandle.standardError.write(Data("\(reader.name): \(broken)\n".utf8))
        // libFuzzer keeps the bytes of what aborts.
        abort()
    }
    return 0
}
