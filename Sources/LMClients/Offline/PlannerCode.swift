/// Writes the planner's turns: a sentence of prose and a fenced block of Python, meant to be read by people.
struct PlannerCode {
    let question: Question
    /// What the look showed; nil before it, and when it showed nothing of use.
    let contexts: ContextLook?

    private var quotedQuestion: String { PythonLiteral.quoted(question.text) }

    func turn(_ step: Planner.Step) -> String {
        let (prose, code) = parts(step)
        return "\(prose)\n\n```repl\n\(code)\n```"
    }

    private func parts(_ step: Planner.Step) -> (prose: String, code: String) {
        switch step {
        case .look: ("Before I plan, I look at what the context is and how it begins.", look)
        case .find:
            (
                "I search for the question's words and have the places read where the rare ones meet.",
                find(isWide: false)
            )
        case .findWider:
            (
                "None of these places answers it. I search again, by the beginnings of words and more widely.",
                find(isWide: true)
            )
        case .check: ("There are answers. I weigh them against each other and see what the text really says.", check)
        case .answer: ("The text says so, and this is the answer.", finish("best"))
        case .count(let rule): ("This is a matter of counting: in chunks, summed up exactly in Python.", count(rule))
        case .checkCount(let rule): ("I check the sum by counting directly, with a pattern.", checkCount(rule))
        case .answerCount(let rule): ("Counted twice; this is the answer.", answerCount(rule))
        case .summarise: ("I cut the text into sections and have each of them summarised.", summarise)
        case .merge: ("Now one summary out of the sections', without repetitions.", merge)
        case .answerSummary: ("This is the summary: the whole first, then section by section.", finish("summary"))
        case .plainly: ("That raised an exception, so I go a plainer way, without sub-calls.", plainly)
        case .countPlainly(let rule):
            ("That raised an exception, so I count directly, without sub-calls.", countPlainly(rule))
        case .answerPlainly: ("The plain way found a line that answers.", finish("best"))
        case .giveUp(let reason):
            (
                "I stop here: a guess would be worse than saying so.",
                finish(PythonLiteral.quoted(reason.isEmpty ? Reader.unknown : "I do not know: \(reason)."))
            )
        }
    }

    private func finish(_ content: String) -> String {
        """
        answer["content"] = \(content)
        answer["ready"] = True
        """
    }

    /// The look shows more where it is the shape of lines that matters.
    private var look: String { ContextLook.code(characters: question.kind == .counting ? 2400 : 600) }

    /// One text of whatever the contexts are, for the block that follows the look.
    private var text: String { contexts?.textCode ?? "text = context if isinstance(context, str) else str(context)" }

    // MARK: Finding

    private func find(isWide: Bool) -> String {
        let terms = isWide ? question.words.map { String($0.prefix(max(4, $0.count - 3))) } : question.terms
        let reach = isWide ? 1200 : 300
        return """
            # Find: keep the places where most of the rare words meet, and let each be read by a sub-call.
            import math

            \(isWide ? "" : text + "\n")question = \(quotedQuestion)
            terms = \(PythonLiteral.list(Self.distinct(terms)))

            lower = text.replace("İ", "I").lower()  # the one letter whose lower case is longer
            counts = {term: lower.count(term) for term in terms if term in lower}
            rarity = {term: math.log(2 + len(lower) / count) for term, count in counts.items()}
            print("hits:", counts)

            def weight(start, end):
                piece = lower[max(0, start):end]
                return sum(value for term, value in rarity.items() if term in piece)

            def places(term):
                at = lower.find(term)
                while at >= 0:
                    yield at
                    at = lower.find(term, at + \(isWide ? 300 : 100))

            def line(at):
                start = lower.rfind("\\n", max(0, at - 200), at) + 1 or max(0, at - 200)
                return lower[start:at + 200].split("\\n")[0]

            candidates = set()
            for term in sorted(rarity, key=counts.get):
                candidates.update(places(term))
                if len(candidates) > 2000:
                    break

            ranked = sorted(candidates, key=lambda at: (-weight(at - 80, at + 80) - weight(at - \(reach), at + \(reach)), at))
            chosen, seen = [], set()
            for at in ranked:
                if line(at) not in seen and all(abs(at - other) > \(reach / 2) for other in chosen):
                    seen.add(line(at))
                    chosen.append(at)
                if len(chosen) == 12:
                    break

            prompts = [f"Question: {question}\\n\\nText:\\n{text[max(0, at - \(reach)):at + \(reach)]}" for at in chosen]
            replies = llm_query_batched(prompts) if prompts else []
            found = [(at, reply) for at, reply in zip(chosen, replies) if not reply.startswith("I do not know")]
            for at, reply in found:
                print(f"[{at}] {reply[:300]}")
            print("places:", len(chosen))
            print("answers:", len(found))
            """
    }

    private var check: String {
        """
        # Check: let one sub-call choose among the answers, then look the chosen one up in the text.
        different = list(dict.fromkeys(reply for _, reply in found))
        best = different[0]
        if len(different) > 1:
            best = llm_query(f"Question: {question}\\n\\nText:\\n" + "\\n".join(different))
            if best.startswith("I do not know"):
                best = different[0]

        at = text.find(best)
        print("best:", best)
        print("said by", sum(reply == best for _, reply in found), "of", len(found), "answers")
        print("word for word in the text:", f"yes, at {at}" if at >= 0 else "no")
        if at >= 0:
            print("…" + text[max(0, at - 120):at + len(best) + 120] + "…")
        """
    }

    // MARK: Counting

    private func count(_ rule: CountRule) -> String {
        """
        # Count: chunks of whole lines, one sub-call each; sums are made here, where they are exact.
        import json

        \(text)
        task = \(PythonLiteral.quoted(rule.task))
        lines = [line for line in text.split("\\n") if line]
        size = max(50, -(-len(lines) // 24))
        chunks = ["\\n".join(lines[i:i + size]) for i in range(0, len(lines), size)]
        replies = llm_query_batched([f"{task}\\n\\nText:\\n{chunk}" for chunk in chunks])

        totals = {}
        for reply in replies:
            for label, count in json.loads(reply).items():
                totals[label] = totals.get(label, 0) + count
        print(len(lines), "lines in", len(chunks), "chunks")
        print("totals:", totals)
        print("total:", sum(totals.values()))
        """
    }

    private func checkCount(_ rule: CountRule) -> String {
        """
        # Check: the same without any model. Where the two differ, the direct count is right.
        import re
        from collections import Counter

        \(rule.python)
        print("by sub-calls:", totals)
        print("directly:", dict(direct))
        print("they agree" if dict(direct) == totals else "they differ")
        print("total:", sum(direct.values()))
        """
    }

    private func countPlainly(_ rule: CountRule) -> String {
        """
        import re
        from collections import Counter

        lines = (context if isinstance(context, str) else "\\n".join(map(str, context or []))).split("\\n")
        \(rule.python)
        print("directly:", dict(direct))
        print("total:", sum(direct.values()))
        """
    }

    private func answerCount(_ rule: CountRule) -> String {
        let total = "{sum(direct.values())}"
        switch rule {
        case .field(let label):
            return finish("f" + PythonLiteral.quoted("\(total) lines are labelled \(braced(label))."))
        case .word(let word): return finish("f" + PythonLiteral.quoted("\(total) lines hold the word \(braced(word))."))
        case .occurrences(let word):
            return finish("f" + PythonLiteral.quoted("The word \(braced(word)) occurs \(total) times."))
        case .column, .key:
            let order = """
                ranked = sorted(direct.items(), key=lambda pair: (-pair[1], pair[0]))

                """
            if question.asksForMost {
                return order
                    + finish(#"f"{ranked[0][0]}, with {ranked[0][1]} lines." if ranked else "There are no labels.""#)
            }
            if question.asksForLeast {
                return order
                    + finish(#"f"{ranked[-1][0]}, with {ranked[-1][1]} lines." if ranked else "There are no labels.""#)
            }
            return order + finish(#""\n".join(f"{label}: {count}" for label, count in ranked)"#)
        }
    }

    private func braced(_ text: String) -> String {
        text.replacing("{", with: "{{").replacing("}", with: "}}")
    }

    // MARK: Summarising

    private var summarise: String {
        """
        # Summarise: sections that end at blank lines where there are any, one sub-call each.
        \(text)
        size = max(2000, -(-len(text) // 12))
        sections, start = [], 0
        while start < len(text):
            end = start + size
            if end < len(text):
                blank = text.rfind("\\n\\n", start + size // 2, end)
                end = blank if blank > 0 else end
            sections.append(text[start:end])
            start = end

        task = "Question: Summarise this section in two sentences."
        summaries = llm_query_batched([f"{task}\\n\\nText:\\n{section}" for section in sections])
        for number, section_summary in enumerate(summaries, 1):
            print(f"{number}. {section_summary[:200]}")
        print("sections:", len(sections))
        """
    }

    private var merge: String {
        """
        # Merge: one summary of the summaries; sections that say the same are listed once.
        points = [point for point in dict.fromkeys(summaries) if point.strip() and not point.startswith("I do not know")]
        whole = points[0] if len(points) == 1 else llm_query(
            "Question: Summarise this in two sentences.\\n\\nText:\\n" + "\\n".join(points)
        ) if points else "I do not know: the text has no sentences to summarise."
        summary = whole if len(points) < 2 else whole + "\\n\\n" + "\\n".join(f"- {point}" for point in points)
        print(len(sections), "sections,", len(points), "different summaries")
        print("best:", whole)
        """
    }

    // MARK: After an exception

    private var plainly: String {
        """
        words = \(PythonLiteral.list(question.terms))
        lines = (context if isinstance(context, str) else str(context)).split("\\n")
        best = max(lines, key=lambda line: sum(word in line.lower() for word in words), default="")[:500].strip()
        print("best:", best)
        print("shared words:", sum(word in best.lower() for word in \(PythonLiteral.list(question.words))))
        """
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
