import Trajectory

/// What host and worker say to each other.
extension WorkerFrame {
    /// A sub-call that user code makes: its number, whether its main thread waits for it, and what it asks.
    var subcall: (number: Int, isMain: Bool, SubcallRequest)? {
        guard let number = number(1), let kind = Call.Kind(rawValue: text(2)), let block = self.number(5) else {
            return nil
        }
        var prompts: [[Message]] = []
        var at = 8
        while at < fields.count {
            guard let count = self.number(at), count > 0, count <= (fields.count - at - 1) / 2 else { return nil }
            prompts.append(
                (0..<count).map { index in
                    let field = at + 1 + 2 * index
                    return Message(role: Message.Role(rawValue: text(field)) ?? .user, content: text(field + 1))
                }
            )
            at += 1 + 2 * count
        }
        guard !prompts.isEmpty, prompts.count <= Self.promptCountLimit else { return nil }
        let model = text(6) == "1" ? text(7) : nil
        return (
            number, text(4) == "1",
            SubcallRequest(kind: kind, prompts: prompts, model: model, isBatch: text(3) == "1", block: block)
        )
    }

    /// The answer to a sub-call.
    static func answer(_ number: Int, _ outcomes: [SubcallOutcome]) -> [UInt8] {
        var fields = ["answer", String(number)]
        fields.reserveCapacity(2 + 3 * outcomes.count)
        for outcome in outcomes {
            switch outcome {
            case .answer(let text): fields += ["a", text, ""]
            case .failure(let failure): fields += ["f", failure.kind, failure.message]
            case .limit(let message): fields += ["l", message, ""]
            }
        }
        return encode(fields)
    }

    /// Bytes of all fields.
    var byteCount: Int { fields.reduce(0) { $0 + $1.count } }

    /// How a block ended, in a `done` frame.
    var outcome: BlockResult.Outcome {
        switch text(2) {
        case "clean": .clean
        case "limit": .limitReached(text(4, limit: Self.messageLimit))
        default:
            .raised(Failure(kind: text(3, limit: Self.nameLimit), message: text(4, limit: Self.messageLimit)))
        }
    }

    /// The variables after a block, in a `done` frame.
    var variables: [Variable] {
        stride(from: 7, to: fields.count - 4, by: 5).prefix(Self.variableCountLimit).map { at in
            Variable(
                name: text(at, limit: Self.nameLimit),
                type: text(at + 1, limit: Self.nameLimit),
                byteCount: number(at + 2),
                preview: text(at + 3, limit: Self.nameLimit),
                isChanged: text(at + 4) == "1"
            )
        }
    }
}
