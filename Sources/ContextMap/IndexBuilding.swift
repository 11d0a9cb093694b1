// Making the index of a context.
internal import Foundation

/// Makes the index of a context: reads it once, holds its samples, and writes the index from beginning to end. What is held
/// is a little more than the context's size, whatever the context is.
struct IndexBuilding {
    let context: MappedFile
    let form: ContextIndex.Form

    /// Makes the index at `path`; a file that lies there is replaced in one step. Where the folder cannot be written, and
    /// for nil, the index has no name and goes when nobody uses it. Throws `MapError`.
    func index(at path: String?) throws -> ContextIndex {
        if let path {
            let temporary = "\(path).\(UInt64.random(in: .min ... .max)).new"
            let descriptor = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if descriptor >= 0 {
                defer { close(descriptor) }
                do {
                    let index = try write(to: descriptor, named: temporary)
                    // Where it cannot be given its name, it still serves until it is closed.
                    if rename(temporary, path) != 0 { unlink(temporary) }
                    return index
                } catch {
                    // A full disk is no reason to show nothing: there may be room elsewhere.
                    unlink(temporary)
                }
            }
        }
        let template = FileManager.default.temporaryDirectory.path + "/rlm-tui-map-XXXXXX"
        var name = Array(template.utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw MapError.unwritable(template) }
        defer { close(descriptor) }
        unlink(name)
        return try write(to: descriptor, named: template)
    }

    private func write(to descriptor: Int32, named name: String) throws -> ContextIndex {
        let target = IndexTarget(descriptor: descriptor, name: name)
        var head = ContextIndex.Head()
        head.contextByteCount = context.bytes.count
        head.form = form
        var text = context
        var textRange = 0..<context.bytes.count
        var steps: [DecodedJSON.Step] = []
        if form == .decoded {
            steps = try decode(to: target, &head)
            text = try MappedFile(descriptor: descriptor, path: name)
            textRange = head.decodedAt..<head.decodedAt + head.decodedCount
        }
        head.stepCount = steps.count
        try target.write(steps, at: head.stepsAt)
        try writeSamples(of: text, textRange, &head, to: target)
        return try finished(head, target)
    }

    /// Finds the samples of a stretch and writes them. What holds them is gone when it returns.
    private func writeSamples(
        of text: MappedFile, _ textRange: Range<Int>, _ head: inout ContextIndex.Head, to target: IndexTarget
    ) throws {
        let bytes = UnsafeRawBufferPointer(rebasing: text.bytes[textRange])
        // The number of buckets must be known before the samples are; about one gram in seven is one.
        head.bucketBits = Self.bucketBits(forSamples: bytes.count / 7)
        let samples = try SamplePartitions(bucketBits: head.bucketBits, limit: bytes.count)
        var released = 0
        withExtendedLifetime(text) {
            ContextSamples(bytes).forEach(samples.append) { end in
                if end - released >= 8 << 20 {
                    text.release(textRange.lowerBound + released..<textRange.lowerBound + end)
                    released = end
                }
            }
        }
        head.sampleCount = samples.total
        try write(samples, head, to: target)
    }

    /// Writes the sections that are found by key, a partition at a time.
    private func write(_ samples: SamplePartitions, _ head: ContextIndex.Head, to target: IndexTarget) throws {
        let buckets = 1 << (head.bucketBits - SamplePartitions.bits)
        var begin: UInt32 = 0
        for partition in 0..<1 << SamplePartitions.bits {
            let first = partition * buckets
            var starts = [UInt32](repeating: 0, count: buckets)
            var next = begin
            for bucket in 0..<buckets {
                starts[bucket] = next
                next &+= UInt32(samples.counts[first + bucket])
            }
            try target.write(starts, at: head.startsAt + first * 4)
            var places = [UInt32](repeating: 0, count: Int(next - begin))
            var tags = [UInt8](repeating: 0, count: Int(next - begin))
            var filter = [UInt64](repeating: 0, count: buckets)
            samples.forEach(in: partition) { sample in
                let bucket = ContextIndex.bucket(of: sample.key, bits: head.bucketBits) &- first
                let slot = Int(starts[bucket] &- begin)
                starts[bucket] &+= 1
                places[slot] = sample.place
                tags[slot] = ContextIndex.tag(of: sample.key)
                filter[bucket] |= ContextIndex.filterBit(of: sample.key, bits: head.bucketBits)
            }
            try target.write(places, at: head.placesAt + Int(begin) * 4)
            try target.write(tags, at: head.tagsAt + Int(begin))
            try target.write(filter, at: head.filterAt + first * 8)
            begin = next
        }
        try target.write([begin], at: head.startsAt + (buckets << SamplePartitions.bits) * 4)
    }

    private func finished(_ head: ContextIndex.Head, _ target: IndexTarget) throws -> ContextIndex {
        var head = head
        guard ftruncate(target.descriptor, off_t(head.byteCount)) == 0 else { throw MapError.unwritable(target.name) }
        let written = try MappedFile(descriptor: target.descriptor, path: target.name)
        head.checksum = withExtendedLifetime(written) { ContextIndex.checksum(of: written.bytes) }
        try target.write(head.words, at: 0)
        guard let index = ContextIndex(written, contextByteCount: context.bytes.count, form: form, isChecked: true)
        else {
            throw MapError.unwritable(target.name)
        }
        return index
    }

    private static func bucketBits(forSamples count: Int) -> Int {
        var bits = SamplePartitions.bits
        while bits < 24, 1 << (bits + 3) < count { bits += 1 }
        return bits
    }

    /// Writes the decoded text behind the head.
    private func decode(to target: IndexTarget, _ head: inout ContextIndex.Head) throws -> [DecodedJSON.Step] {
        var decoding = DecodedJSON(context.bytes)
        var portion: [UInt8] = []
        while decoding.next(1 << 20, into: &portion) {
            try target.write(portion, at: head.decodedAt + head.decodedCount)
            head.decodedCount += portion.count
            portion.removeAll(keepingCapacity: true)
        }
        return decoding.steps
    }
}

/// A file that an index is written to.
private struct IndexTarget {
    let descriptor: Int32
    let name: String

    /// Throws `MapError` where there is no room.
    func write<Value: BitwiseCopyable>(_ values: [Value], at offset: Int) throws {
        try values.withUnsafeBytes { bytes in
            var (rest, offset) = (bytes, offset)
            while let start = rest.baseAddress, !rest.isEmpty {
                let count = pwrite(descriptor, start, rest.count, off_t(offset))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw MapError.unwritable(name) }
                offset += count
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}

extension MapError {
    static func unwritable(_ path: String) -> MapError {
        let reason = String(cString: strerror(errno == 0 ? ENOSPC : errno)).lowercased()
        return MapError(
            description:
                "the index of the context cannot be written to '\(path)' (\(reason)); free some space there, or set "
                + "TMPDIR to a folder that has some")
    }
}
