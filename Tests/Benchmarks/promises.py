"""What BENCHMARKS.md promises, in one place: bench.py measures it and fails where a figure is worse.

A limit is meant for the machine on which the peer took `PEER_THEN`. In each run the peer is measured beside the program; where
it takes longer than then, the machine is slower or busy, and the limits of times grow by the same ratio. They never shrink.
"""

# Seconds that rlms 0.1.3 took for 5,000 batched sub-calls of 0 ms on the machine of BENCHMARKS.md.
PEER_THEN = 12.71

# Figure: what it is, its limit in seconds or bytes, and whether the limit grows with the peer's time.
PROMISES = {
    "sequential-run": ("3 iterations, 20 sequential sub-calls of 100 ms", 2.6, True),
    "batched-run": ("5,000 batched sub-calls of 0 ms", 1.5, True),
    "batched-call": ("own time a batched sub-call", 0.00025, True),
    "sequential-call": ("own time a sequential sub-call", 0.0007, True),
    "fork-own": ("continuing after 1 of 100 sub-calls changed, 10 MB context", 0.5, True),
    "fork-size": ("the fork in the store, as a share of the original", 0.05, False),
    "rebuild": ("rebuilding a run of 200 blocks and 2,000 answers", 2.5, True),
    "holds": ("1,000 holds let go at once, from 'resume' to the answer", 2.0, True),
    "diff": ("comparing two runs of 10,000 calls, whole program", 0.1, True),
    "stored": ("stored, 200 iterations over a 1 MB context", 4e6, False),
    # To reach are 15 s, and 150 MB below: BENCHMARKS.md says what is in the way.
    "import-million": ("import of 1,000,000 calls", 48, True),
    "import-million-memory": ("the same, memory at its highest", 150e6, False),
    "import-line-memory": ("import of one line of 100 MB, memory at its highest", 165e6, False),
    "first-screen-million": ("first usable screen, a run of 1,000,000 calls", 0.035, True),
    "first-screen-list": ("first usable screen, demo store, list of runs", 0.05, True),
    "map-index": ("context map: index of 100 MB", 1.0, True),
    "map-memory": ("context map: memory while it is made", 200e6, False),
    "map-matching": ("context map: a megabyte of prompts", 1 / 300, True),
    "first-screen-run": ("first usable screen, demo store, one run", 0.05, True),
}


def slowness(peer_now: float) -> float:
    """How much slower this machine is now than the one of the promises; at least 1."""
    return max(1.0, peer_now / PEER_THEN)


def limit(figure: str, slower: float) -> float:
    _, bound, grows = PROMISES[figure]
    return bound * slower if grows else bound
