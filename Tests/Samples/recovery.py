"""A run in which things go wrong and are put right: torn lines, a missing field, a refused item of a batch."""

from scripted_model import Refusal

QUESTION = "Which supplier's parts gave the most real trouble from July to September, and what kind of trouble?"

TURNS = [
    """I start with a look at the notes.

```repl
print(type(context), len(context))
print(context[:260])
```""",
    """Lines of JSON. I parse all of them and keep the third quarter.

```repl
import json
notes = [json.loads(line) for line in context.splitlines()]
third = [note for note in notes if "07" <= note["date"][:2] <= "09"]
print(len(notes), len(third))
```""",
    """Some lines are torn. I keep what parses and count the rest.

```repl
notes, torn = [], []
for number, line in enumerate(context.splitlines(), 1):
    try:
        notes.append(json.loads(line))
    except json.JSONDecodeError as error:
        torn.append((number, error.msg))
third = [note for note in notes if "07" <= note["date"][:2] <= "09"]
print(len(notes), "parsed;", "torn:", torn)
print(len(third), "notes from July to September")
```""",
    """Two lines are lost, one of them in our months at most. Now the notes by supplier.

```repl
by_supplier = {}
for note in third:
    by_supplier.setdefault(note["supplier"], []).append(note["note"])
print({name: len(found) for name, found in by_supplier.items()})
```""",
    """A note without a supplier. I set such notes aside, and ask which of the others are real faults: routine work \
and our own mistakes should not count.

```repl
unnamed = [note for note in third if "supplier" not in note]
by_supplier = {}
for note in third:
    if "supplier" in note:
        by_supplier.setdefault(note["supplier"], []).append(note["note"])
print(len(unnamed), "without supplier:", unnamed)

names = sorted(by_supplier)
task = "How many of these notes tell of a fault of the part itself? Answer with a number and the kind of fault.\\n"
prompts = [task + name + ":\\n- " + "\\n- ".join(by_supplier[name]) for name in names]
judged = llm_query_batched(prompts)
```""",
    """One item of the batch failed, the others were answered and are in the exception. I ask again and keep what comes.

```repl
import warnings
try:
    judged = llm_query_batched(prompts)
except BatchError as error:
    judged = error.answers
    warnings.warn("%d of %d answers are missing" % (judged.count(None), len(judged)))
for name, text in zip(names, judged):
    print(name, "->", text)
```""",
    """Corvo's notes are what is refused, perhaps for a word in them. One by one I shall see which.

```repl
verdicts = []
for note in sorted(set(by_supplier["Corvo"])):
    try:
        verdicts.append((llm_query("Is this a fault of the part itself? yes or no: " + note), note))
    except SubcallError as error:
        verdicts.append((error.kind, note))
for verdict in verdicts:
    print(*verdict, sep="  ")
```""",
    """The filter takes exception to "sheared". In other words it should pass.

```repl
plain = [note.replace("sheared", "broke") for note in by_supplier["Corvo"]]
judged[names.index("Corvo")] = llm_query(task + "Corvo:\\n- " + "\\n- ".join(plain))
for name, text in zip(names, judged):
    print(name, "->", text)
```""",
    """Now every supplier has a verdict. I check the count of the first against the notes themselves.

```repl
import re
faults = {name: int(re.match(r"\\d+", text).group()) for name, text in zip(names, judged)}
worst = max(faults, key=faults.get)
print(faults, "worst:", worst)
assert faults[worst] <= len(by_supplier[worst])
answer["content"] = (
    f"{worst}: {faults[worst]} real faults of {len(by_supplier[worst])} notes from July to September "
    f"({judged[names.index(worst)].split(': ', 1)[1]}). {len(torn)} torn lines and {len(unnamed)} notes without a "
    "supplier could not be counted."
)
answer["ready"] = True
```""",
]

KINDS = {
    "Aldine": ("valves and gaskets that leak, split or stick", ("wept", "split", "stuck")),
    "Brightwell": ("sensors that read low", ("reads",)),
    "Corvo": ("bearings that run hot and couplings that break", ("hot", "broke")),
    "Dunmore": ("none, only work on schedule", ()),
}


class Script:
    def turn(self, messages, number):
        return TURNS[min(number, len(TURNS) - 1)]

    def answer(self, prompt):
        if "sheared" in prompt:
            raise Refusal("the request was held back by the content filter: violence")
        if prompt.startswith("Is this a fault"):
            return "yes" if any(word in prompt for word in ("hot", "broke", "wept", "stuck")) else "no"
        lines = prompt.splitlines()
        supplier = next(line[:-1] for line in lines if line.endswith(":"))
        kind, words = KINDS[supplier]
        count = sum(any(word in line for word in words) for line in lines if line.startswith("- "))
        return f"{count}: {kind}"
