#if DEBUG
    @testable import REPL
    @testable import Terminal

    extension FuzzedReader {
        static let token = Array("0123456789abcdef".utf8)

        /// What comes from a worker's socket: the same frames however the bytes are cut, each within its bounds.
        static func readFrames(_ bytes: [UInt8]) -> Broken? {
            func frames(_ pieces: [ArraySlice<UInt8>]) -> (frames: [[[UInt8]]], isForged: Bool) {
                var reader = WorkerFrameReader(token: token)
                var frames: [[[UInt8]]] = []
                for piece in pieces {
                    piece.withUnsafeBytes { reader.append($0) }
                    do {
                        while let frame = try reader.next() {
                            frames.append(frame.fields.map { Array($0) })
                            for index in 0..<frame.fields.count + 2 {
                                _ = frame.text(index)
                                _ = frame.number(index)
                            }
                            _ = frame.subcall
                        }
                    } catch { return (frames, true) }
                }
                return (frames, false)
            }
            let (whole, cut) = (frames([bytes[...]]), frames(pieces(of: bytes)))
            if whole.frames != cut.frames || whole.isForged != cut.isForged {
                return "frames depend on where bytes are cut"
            }
            let length = whole.frames.joined().reduce(0) { $0 + $1.count }
            return length > bytes.count ? "more in the frames than came" : nil
        }

        /// What comes from a terminal: the same keys however the bytes are cut, none with a control character in it, and
        /// each with a name that is read back as that key.
        static func readKeys(_ bytes: [UInt8]) -> Broken? {
            func keys(_ pieces: [ArraySlice<UInt8>]) -> [Key] {
                var decoder = KeyDecoder()
                return pieces.flatMap { decoder.decode($0) } + decoder.flush()
            }
            let whole = keys([bytes[...]])
            if whole != keys(pieces(of: bytes)) { return "keys depend on where bytes are cut" }
            if whole.count > bytes.count { return "more keys than bytes" }
            for case .character(let character) in whole
            where character.unicodeScalars.contains(where: { $0.value < 32 }) {
                return "a control character as a key"
            }
            for key in whole { _ = KeyNotation.name(of: key) }
            _ = try? KeyNotation.parse(String(decoding: bytes, as: UTF8.self))
            return nil
        }
    }
#endif
