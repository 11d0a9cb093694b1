#if DEBUG
    @testable import Engine
    @testable import LMClients

    extension FuzzedReader {
        /// A model's response: a block is made of the response's own lines, and without a fence there is none.
        static func readFences(_ bytes: [UInt8]) -> Broken? {
            let response = String(decoding: bytes, as: UTF8.self)
            let blocks = FencedBlocks.all(in: response)
            if blocks.count > response.utf8.count / 3 { return "more blocks than fences fit in" }
            if !response.contains("```"), !response.contains("~~~"), !blocks.isEmpty {
                return "a block without a fence"
            }
            let length = blocks.reduce(0) { $0 + $1.text.utf8.count }
            // A tab that a container cuts into becomes up to three blanks; a last line without its end gets one.
            if length > 4 * response.utf8.count + blocks.count { return "blocks longer than the response" }
            if FencedBlocks.code(in: response) != blocks.filter(\.isRunnable).map(\.text) {
                return "two readings differ"
            }
            return nil
        }

        /// Server-sent events: the same however the bytes are cut.
        static func readEvents(_ bytes: [UInt8]) -> Broken? {
            func events(_ pieces: [[UInt8]]) -> [[UInt8]] {
                var stream = EventStream()
                var events: [[UInt8]] = []
                for piece in pieces {
                    guard
                        stream.read(
                            piece,
                            onData: {
                                events.append($0); return true
                            })
                    else { return events }
                }
                stream.finish {
                    events.append($0); return true
                }
                return events
            }
            return events([bytes]) == events(pieces(of: bytes).map { Array($0) })
                ? nil : "events depend on where bytes are cut"
        }

        /// A context: the same verdict however the bytes are cut, and Swift's own.
        static func readText(_ bytes: [UInt8]) -> Broken? {
            func check(_ pieces: [ArraySlice<UInt8>]) -> Result<TextCheck, TextProblem> {
                var text = TextCheck()
                do throws(TextProblem) {
                    for piece in pieces {
                        let result = piece.withUnsafeBytes { piece -> Result<Void, TextProblem> in
                            do throws(TextProblem) { return .success(try text.look(at: piece)) } catch {
                                return .failure(error)
                            }
                        }
                        try result.get()
                    }
                    try text.finish()
                    return .success(text)
                } catch { return .failure(error) }
            }
            let (whole, cut) = (check([bytes[...]]), check(pieces(of: bytes)))
            let text = String(validating: bytes, as: UTF8.self)
            switch (whole, cut) {
            case (.success(let whole), .success(let cut)):
                guard whole.scalarCount == cut.scalarCount, whole.beginning == cut.beginning else {
                    return "counts differ"
                }
                guard let text, text.unicodeScalars.count == whole.scalarCount else { return "not what Swift counts" }
            case (.failure, .failure):
                let isPlain = text.map { !$0.isEmpty && !$0.utf8.contains(0) } ?? false
                if isPlain { return "text is refused" }
            default: return "the verdict depends on where bytes are cut"
            }
            return nil
        }
    }
#endif
