"""Visible checks of exercise 1.1: drawings whose class follows from how they are made."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from harness.grading.points import points
from harness.grading.submission import Submission

WORDS = ("twin", "shadow", "model", "thread", "none of these")
Flow = dict[str, Any]


def flow(source: str, target: str, carries: str, automatic: bool = True, identity: str = "") -> Flow:
    """One flow of a drawing."""
    return {
        "source": source,
        "target": target,
        "carries": carries,
        "automatic": automatic,
        "identity": identity,
    }


def word(submission: Submission, nodes: dict[str, str], flows: list[Flow]) -> str:
    """What the learner's function says of a drawing; one of the five words."""
    got = submission.call("classify", nodes, flows)
    assert got is not None, "`classify` gave None: does each of its ways end in a `return`?"
    is_word = isinstance(got, str) and got in WORDS
    assert is_word, f"`classify` must return one of {WORDS}, as they stand."
    return got


def way(nodes: list[str], first: str, last: str) -> list[Flow]:
    """A way along nodes on which the first and the last flow carry something of their own."""
    flows = [flow(a, b, "message") for a, b in pairwise(nodes)]
    flows[0]["carries"], flows[-1]["carries"] = first, last
    return flows


def closed_loop(length: int) -> tuple[dict[str, str], list[Flow], list[Flow]]:
    """A plant and a model with this many programs on the way up and on the way down."""
    above, below = [f"gateway {n}" for n in range(length)], [f"optimiser {n}" for n in range(length)]
    nodes = {"R-101": "plant", "replica": "model"} | dict.fromkeys(above + below, "other")
    up = way(["R-101", *above, "replica"], "reading", "reading" if not length else "message")
    down = way(["replica", *below, "R-101"], "set value" if not length else "state", "set value")
    return nodes, up, down


@points(
    2,
    hint="Page 1.1, 'A rule that tells them apart'. "
    "A hand is in a flow that says so, and in all that leaves a person.",
)
def test_a_hand_opens_the_loop(submission: Submission, seed: int) -> None:
    """A loop that closes by itself is a twin; with a hand anywhere in it, it is none."""
    for length in (0, 1 + seed % 2):
        nodes, up, down = closed_loop(length)
        got = word(submission, nodes, up + down)
        far = "Data may pass through any number of nodes on their way: look further than that."
        near = "Readings go up and a set value comes down, all by themselves: which word is that?"
        assert got == "twin", far if length else near
        for place in range(length + 1):
            by_hand = [f | {"automatic": n != place} for n, f in enumerate(down)]
            got = word(submission, nodes, up + by_hand)
            assert got != "twin", "A hand carries the set value here, and you call it a twin."
            assert got == "shadow", "The way down goes by hand, and the model hears the plant: which word?"
            by_hand = [f | {"automatic": n != place} for n, f in enumerate(up)]
            got = word(submission, nodes, by_hand + down)
            assert got not in ("twin", "shadow"), "A hand carries the readings here: the model does not hear."
            assert got == "model", "There is a model here that does not hear the plant: which word is that?"
    person = nodes | {"optimiser 0": "person"}
    assert word(submission, person, up + down) == "shadow", (
        "A person is on the way down here. What a person passes on is never automatic, however prompt."
    )


@points(
    1, hint="The kind of a node is nodes[name]; a way from the one to the other may lead through other nodes."
)
def test_names_and_order_say_nothing(submission: Submission, seed: int) -> None:
    """Other names, and the flows in another order, change no word."""
    chance = random.Random(seed)
    nodes, up, down = closed_loop(1)
    names = list(nodes)
    reading, order = up[0], flow("gateway 0", "optimiser 0", "order")
    cases = [up + down, up, down, up[:1] + down, [reading, order]]
    before = [word(submission, nodes, flows) for flows in cases]
    assert len(set(before)) > 1, (
        "Five different drawings get the same word. Here data go through other nodes on their way."
    )
    for said, flows in zip(before, cases, strict=True):
        for _ in range(3):
            mixed = chance.sample(flows, len(flows))
            assert word(submission, nodes, mixed) == said, "The flows in another order get another word."
    # The names change places, and a program may be called "model".
    called = dict(zip(names, chance.sample(["model", "plant", "person", "R-101"], 4), strict=True))
    renamed = {called[name]: kind for name, kind in nodes.items()}
    for said, flows in zip(before, cases, strict=True):
        other = [f | {"source": called[f["source"]], "target": called[f["target"]]} for f in flows]
        assert word(submission, renamed, other) == said, "With other names a drawing gets another word."


@points(2, hint="Page 1.1, 'A thread: which thermometer was that?': a tag names a place, not a thing.")
def test_records_of_one_thing_are_a_thread(submission: Submission, seed: int) -> None:
    """Records make a thread when all of them are about one thing, whoever carries them."""
    serial = str(4000 + seed)
    nodes = {"maker": "other", "fitter": "person", "register": "other"}
    records = [
        flow("maker", "register", "record", identity=serial),
        flow("fitter", "register", "record", False, serial),
        flow("register", "fitter", "record", identity=serial),
    ]
    got = word(submission, nodes, records)
    assert got != "shadow", "You call records a shadow. There is neither a plant nor a model here."
    assert got == "thread", "Every flow here is a record of one and the same thing: which word is that?"
    other = [*records[:2], records[2] | {"identity": serial + "1"}]
    assert word(submission, nodes, other) == "none of these", "Records of two things are no one's history."
    other = [*records[:2], records[2] | {"identity": ""}]
    assert word(submission, nodes, other) == "none of these", "One of these records says not whose it is."
    other = [*records[:2], records[2] | {"carries": "reading"}]
    assert word(submission, nodes, other) == "none of these", "One of these flows is no record."
