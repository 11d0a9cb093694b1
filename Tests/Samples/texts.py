"""The contexts of the sample runs: made-up texts, the same every time."""

import json
import random


def harbour_log():
    """A harbour master's log of one summer, with one line that answers and some that only look so."""
    choice = random.Random(4)
    boats = ["Gannet", "Marianne", "Old Tom", "Perseverance", "Sula", "Good Hope", "Kittiwake", "Brothers"]
    cargo = ["herring", "salt", "slate", "timber", "coal", "lamp oil", "barrels, empty", "wool", "lime"]
    winds = ["SW 4", "W 6, squally", "NW 3", "calm, fog till noon", "S 2", "E 5", "SW 7, bar closed at ebb"]
    lines = ["# Log of the harbour office, Porthaven, May to September"]
    fixed = {
        77: "Carpenter has hung a new door on the chart room; the old key still fits.",
        163: "Paid the locksmith for oiling the chart room safe. He asks for a shilling more.",
        214: "Mr Pascoe's shop sells a combination of tea and tobacco at a price. Declined.",
        402: "Relief clerk begins. Told him: the combination of the chart room safe is 41-07-26, and to keep it to "
             "himself.",
        518: "The safe arrival of the Good Hope was rung from the chapel.",
        633: "Chart room painted. Charts aired on the slip, two lost to the wind.",
    }
    for number in range(1, 721):
        day = (number - 1) // 5
        month, date = ["May", "Jun", "Jul", "Aug", "Sep"][day // 31], day % 31 + 1
        hour = 6 + (number - 1) % 5 * 3
        stamp = f"{date:02d} {month} {hour:02d}:{choice.randrange(60):02d}  "
        if number in fixed:
            lines.append(stamp + fixed[number])
            continue
        boat = choice.choice(boats)
        kind = choice.randrange(4)
        if kind == 0:
            text = f"{boat} in from the grounds, {choice.randrange(8, 90)} cran."
        elif kind == 1:
            text = f"{boat} cleared with {choice.choice(cargo)}, {choice.randrange(3, 60)} tons."
        elif kind == 2:
            text = f"Wind {choice.choice(winds)}. {choice.randrange(2, 14)} boats at the quay."
        else:
            text = f"Dues from the {boat}: {choice.randrange(1, 9)}s {choice.randrange(12)}d, entered."
        lines.append(stamp + text)
    return "\n".join(lines) + "\n"


def tickets():
    """Support tickets, a line each: date | label | text."""
    choice = random.Random(11)
    texts = {
        "billing": [
            "charged twice for the same month", "the invoice shows the old address",
            "refund has not arrived after {n} days", "card refused, though the bank says it is fine",
        ],
        "login": [
            "password link has expired before I could use it", "locked out after {n} tries",
            "the code by text message never comes", "asked to log in again every {n} minutes",
        ],
        "shipping": [
            "parcel stands still in the depot since {n} days", "box came wet, contents fine",
            "delivered to number {n}, I live at another one", "tracking says delivered, nothing here",
        ],
        "praise": ["thank you, that was quick", "the {n} page guide is very good", "your colleague was kind"],
    }
    labels = ["billing"] * 3 + ["login"] * 4 + ["shipping"] * 5 + ["praise"]
    lines = []
    for number in range(1, 401):
        label = choice.choice(labels)
        text = choice.choice(texts[label]).format(n=choice.randrange(2, 30))
        lines.append(f"03-{(number - 1) // 13 + 1:02d} | {label} | {text}")
    return "\n".join(lines) + "\n"


REPORTS = [
    ("Aldine", "the seal of valve {n} wept again at full pressure"),
    ("Aldine", "gasket on line {n} split along the seam, replaced from stock"),
    ("Brightwell", "sensor {n} reads four degrees low, swapped and sent back"),
    ("Corvo", "bearing {n} ran hot; no damage, greased"),
    ("Corvo", "coupling {n} sheared at start-up, line down for an hour"),
    ("Brightwell", "cable of probe {n} was pulled out by a trolley, our own fault"),
    ("Dunmore", "belt {n} changed on schedule, nothing found"),
    ("Aldine", "valve {n} stuck half open, freed with a mallet"),
]


def maintenance():
    """A plant's maintenance notes, JSON lines of which a few are torn, as loggers leave them."""
    choice = random.Random(59)
    lines = []
    for number in range(1, 121):
        supplier, text = choice.choice(REPORTS)
        month = 1 + (number - 1) // 10
        note = {"date": f"{month:02d}-{choice.randrange(1, 29):02d}", "supplier": supplier,
                "note": text.format(n=choice.randrange(1, 40))}
        if number in (64, 83):
            del note["supplier"]
        line = json.dumps(note)
        lines.append(line[:-9] if number in (37, 88) else line)
    return "\n".join(lines) + "\n"


# Who holds the sextant at the end of each chapter, and how it came to be so.
SEXTANT = [
    ("Captain Roe", "Captain Roe bought a brass sextant from a widow in Leith and "
     "paid without a word about the price."),
    ("Captain Roe", "The mate asked to borrow the sextant; Captain Roe laughed and locked it in his chest."),
    ("Ines", "Roe lost at cards, and Ines the cook carried the sextant away under her apron."),
    ("Ines", "Ines polished the sextant with ash and wrapped it in a flour sack."),
    ("the surgeon", "For a week of bark against the fever Ines gave the sextant to the surgeon."),
    ("the surgeon", "The surgeon measured the height of the mast with the sextant and was out by a yard."),
    ("Matthias", "The surgeon died off Cape Verde; Matthias, his boy, took the sextant and his coat."),
    ("Matthias", "Matthias took the noon sight with the sextant for the first time and wrote it on his sleeve."),
    ("the harbour bailiff", "In Bridgetown the bailiff seized the sextant from "
     "Matthias against the surgeon's debts."),
    ("the harbour bailiff", "The bailiff hung the sextant on a nail above his desk, where flies sat on it."),
    ("Ines", "Ines paid the bailiff in silver and had the sextant by nightfall."),
    ("Ines", "They say Captain Roe stole the sextant in the night, but it was his own telescope he carried off; "
             "Ines slept with the flour sack for a pillow and the sextant in it."),
    ("Matthias", "Ines pressed the sextant into the boy's hands and told the crew she had sold it to a Dane."),
    ("Matthias", "A Dane came aboard and swore he had bought the sextant; he had a "
     "receipt, and Matthias had the sextant."),
    ("Matthias", "Ice to the north. Matthias kept the sextant inside his shirt so that the screws would not freeze."),
    ("the Dane", "The Dane won the quarrel before the consul, and Matthias had to hand him the sextant."),
    ("the Dane", "The Dane could not read the sextant's vernier and was too proud to ask."),
    ("Captain Roe", "Roe bought the sextant a second time, from the Dane, for a third "
     "of what it had cost him in Leith."),
    ("Captain Roe", "Captain Roe set the sextant on the chart table and told nobody where he had got it."),
    ("the sea", "A green sea stove in the skylight, and the sextant went overboard with the chart table."),
    ("a fisherman of Unst", "A fisherman of Unst drew up a sextant in his net, with a crab in the frame."),
    ("Matthias", "The fisherman sold the sextant for a shilling to a young mate named Matthias, who wept."),
]

PADDING = [
    "The wind went round with the sun and nobody remarked on it.", "There was salt pork again.",
    "Two of the hands mended the fore-topsail and sang out of tune.",
    "The log was hove every hour and showed six knots.",
    "A whale kept company until the dog watch.", "Rain filled the boats, and they washed their shirts in them.",
    "The parrot learned a word that the chaplain did not care for.", "Land was seen, and turned out to be cloud.",
    "Somebody had written a name in the tar of the windlass.", "They spoke a brig out of Nantes, all well.",
    "The cooper quarrelled with the carpenter about a bung.", "Flying fish came aboard and were fried.",
]


def novel():
    """A short novel in which a sextant goes from hand to hand."""
    choice = random.Random(31)
    chapters = []
    for number, (_, sentence) in enumerate(SEXTANT, 1):
        around = choice.sample(PADDING, 6)
        chapters.append(f"CHAPTER {number}\n\n" + " ".join(around[:3] + [sentence] + around[3:]))
    return "\n\n".join(chapters) + "\n"
