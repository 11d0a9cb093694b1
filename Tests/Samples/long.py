"""A long run: a sextant followed through a novel, a chapter an iteration, with a recursive call for three chapters that
contradict each other."""

import re

from texts import SEXTANT

QUESTION = (
    "Follow the brass sextant: who has it at the end of each chapter, how often does it change hands, "
    "and who has it last?"
)

LOOK = [
    """First the shape of the text.

```repl
print(len(context), context.count("CHAPTER"))
print(context[:150])
```""",
    """Does every chapter name it?

```repl
chapters = context.split("CHAPTER ")[1:]
print([chapter.count("sextant") for chapter in chapters])
```""",
    """Every one does, so I ask of each who has the sextant at its end.

```repl
holders = {}
def ask(n):
    holders[n] = llm_query(f"Who has the sextant at the end of this chapter? A name alone.\\n\\n{chapters[n - 1]}")
    print(n, holders[n])
```""",
]

REMARKS = {
    3: "It changes hands.", 5: "Again.", 7: "A death.", 9: "Debts.", 11: "Back to the cook.", 16: "A consul decides.",
    18: "Bought twice by the same man.", 20: "Lost at sea, it seems.", 21: "Not lost.", 22: "The last chapter.",
}

# Chapters 12 to 14 are left to a call with a REPL of its own.
SINGLE = [number for number in range(1, len(SEXTANT) + 1) if number not in (12, 13, 14)]

RECURSE = """Chapters 12 to 14 tell of a theft, a sale and a receipt, and not all of it can be so. I give the three to a \
call of its own.

```repl
task = "Who really has the sextant at the end of each of these chapters? Weigh rumour against fact. One line a chapter."
told = rlm_query(task + "\\n\\nCHAPTER " + "CHAPTER ".join(chapters[11:14]))
print(told)
```"""

ENDING = [
    """I take the three lines in and count.

```repl
for line in told.splitlines():
    n, name = line.split(": ")
    holders[int(n)] = name
order = [holders[n] for n in sorted(holders)]
changes = sum(a != b for a, b in zip(order, order[1:]))
print(len(order), changes, order[-1])
```""",
    """All chapters are there. A last check of the final one by its own words.

```repl
print([s for s in chapters[-1].split(". ") if "sextant" in s])
```""",
    """That agrees.

```repl
table = "\\n".join(f"{n}. {holders[n]}" for n in sorted(holders))
FINAL(f"{order[-1]} has it last; it changes hands {changes} times.\\n{table}")
```""",
]

CHILD = [
    """The request and three chapters are in the context.

```repl
task, *parts = context.split("CHAPTER ")
print(task.strip())
print([len(part) for part in parts])
```""",
    """Rumour and fact, sentence by sentence.

```repl
claims = [s for part in parts for s in part.split(". ") if "sextant" in s]
verdicts = llm_query_batched(["Rumour or fact? One word.\\n\\n" + claim for claim in claims])
for verdict, claim in zip(verdicts, claims):
    print(verdict, "|", claim[:70])
```""",
    """The theft is a rumour, the sale was a story told to the crew, and the receipt changes nothing yet.

```repl
lines = []
for part in parts:
    name = llm_query("Facts only: who has the sextant at the end of this chapter? A name alone.\\n\\n" + part)
    lines.append(part.split()[0] + ": " + name)
print(lines)
FINAL("\\n".join(lines))
```""",
]


class Script:
    def turn(self, messages, number):
        if "The request is in the context itself" in messages[1]["content"]:
            return CHILD[number]
        turns = list(LOOK)
        for chapter in SINGLE:
            if chapter == 15:
                turns.append(RECURSE)
            remark = REMARKS.get(chapter, "Next.") if chapter > 1 else "From the beginning."
            turns.append(f"{remark}\n\n```repl\nask({chapter})\n```")
        turns += ENDING
        return turns[min(number, len(turns) - 1)]

    def answer(self, prompt):
        if prompt.startswith("Rumour or fact?"):
            return "rumour" if "They say" in prompt or "told the crew" in prompt or "swore" in prompt else "fact"
        chapter = int(re.search(r"\n\n(\d+)\n", prompt).group(1))
        return SEXTANT[chapter - 1][0]
