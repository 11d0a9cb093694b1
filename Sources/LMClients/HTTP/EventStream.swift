/// Reads server-sent events (WHATWG HTML, section 9.2) from pieces cut anywhere, and hands on the data of each.
struct EventStream {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var endedWithReturn = false
    private var isAtStart = true

    /// Takes a piece in; `onData` gets the data of each event that it completes and answers whether to go on.
    mutating func read(_ bytes: [UInt8], onData: ([UInt8]) -> Bool) -> Bool {
        var start = 0
        while start < bytes.count {
            if endedWithReturn {
                endedWithReturn = false
                if bytes[start] == UInt8(ascii: "\n") {
                    start += 1
                    continue
                }
            }
            guard let end = bytes[start...].firstIndex(where: { $0 == 0x0a || $0 == 0x0d }) else {
                line += bytes[start...]
                return true
            }
            line += bytes[start..<end]
            endedWithReturn = bytes[end] == 0x0d
            start = end + 1
            if !endLine(onData) { return false }
        }
        return true
    }

    /// Ends the stream, where the server left out the blank line that ends the last event.
    mutating func finish(onData: ([UInt8]) -> Bool) {
        if !line.isEmpty, !endLine(onData) { return }
        if hasData { _ = dispatch(onData) }
    }

    private mutating func endLine(_ onData: ([UInt8]) -> Bool) -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        }
        if line.isEmpty { return hasData ? dispatch(onData) : true }
        // Comments, `event:`, `id:` and `retry:` have nothing that a completion needs.
        guard line.starts(with: "data".utf8) else { return true }
        var value = line[4...]
        if let colon = value.first {
            guard colon == UInt8(ascii: ":") else { return true }
            value.removeFirst()
            if value.first == UInt8(ascii: " ") { value.removeFirst() }
        }
        if hasData { data.append(0x0a) }
        data += value
        hasData = true
        return true
    }

    private mutating func dispatch(_ onData: ([UInt8]) -> Bool) -> Bool {
        defer {
            data.removeAll(keepingCapacity: true)
            hasData = false
        }
        return data.isEmpty ? true : onData(data)
    }
}
