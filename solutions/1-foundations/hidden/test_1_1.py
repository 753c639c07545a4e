"""Hidden checks of exercise 1.1: unseen drawings, against a rule worked out by reachability matrices.

A wrong answer is compared with what each of the known wrong rules says of all the drawings of a check, so
that the message names the very mistake.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.grading.points import points
from harness.grading.submission import Submission

Flow = dict[str, Any]
Drawing = dict[str, Any]
# One pool for all kinds, so that no name tells what it stands for.
NAMES = (
    *("plant", "model", "person", "other", "R-101", "C-101", "E-101", "replica", "twin", "operator", "K7"),
    *("M. Sato", "gateway", "optimiser", "historian", "line 2", "north", "register", "TT-101", "shadow"),
)


class Sketch:
    """A drawing in the making; nodes get names that say nothing."""

    def __init__(self, seed: int, salt: str) -> None:
        self.chance = random.Random(f"{seed} {salt}")
        self._names = self.chance.sample(NAMES, len(NAMES))
        self.nodes: dict[str, str] = {}
        self.flows: list[Flow] = []

    def node(self, kind: str = "other") -> str:
        """A new node; its name."""
        self.nodes[name := self._names.pop()] = kind
        return name

    def flow(
        self, source: str, target: str, carries: str, automatic: bool = True, identity: str = ""
    ) -> None:
        """A new flow."""
        keys = ("source", "target", "carries", "automatic", "identity")
        self.flows.append(dict(zip(keys, (source, target, carries, automatic, identity), strict=True)))

    def way(
        self, start: str, goal: str, first: str, last: str, *, length: int = 0, hand: bool = False
    ) -> list[str]:
        """A way through programs, one of its flows by hand if asked; the nodes on it."""
        stops = [start, *(self.node() for _ in range(length)), goal]
        carried = [first, *["message"] * length]
        carried[-1] = last if length else first
        by_hand = self.chance.randrange(length + 1) if hand else -1
        for n, what in enumerate(carried):
            self.flow(stops[n], stops[n + 1], what, n != by_hand)
        return stops

    def noise(self) -> None:
        """Flows that change nothing: a screen, notes taken by hand, two programs that talk in a circle."""
        person, one, two = self.node("person"), self.node(), self.node()
        self.flow(one, two, "message")
        self.flow(two, one, "message")
        self.flow(two, person, "state")
        self.flow(person, one, "note", False)
        for start in (name for name, kind in list(self.nodes.items()) if kind == "plant"):
            self.flow(start, person, "reading")
            self.flow(one, start, "weather")

    def done(self) -> Drawing:
        """The drawing, its nodes and flows in no order."""
        nodes = list(self.nodes.items())
        self.chance.shuffle(nodes)
        self.chance.shuffle(self.flows)
        return {"nodes": dict(nodes), "flows": self.flows}


def loop(seed: int, salt: str, **change: Any) -> Drawing:
    """A plant and a model with a way up and a way down, one of them changed."""
    s = Sketch(seed, salt)
    plant, model = s.node("plant"), s.node("model")
    length = change.get("length", s.chance.randint(1, 3))
    up = change.get("up", "reading")
    if up:
        stops = s.way(plant, model, up, "message", length=length, hand=change.get("hand_up", False))
        if length > 1:
            s.flow(stops[2], stops[1], "message")  # a circle on the way
    down = change.get("down", "set value")
    if down:
        end = s.node() if change.get("elsewhere") else plant
        length = max(length, 2) if change.get("person") else length
        stops = s.way(model, end, "state", down, length=length, hand=change.get("hand_down", False))
        if change.get("person"):
            s.nodes[stops[1]] = "person"
    if change.get("against"):
        s.flow(plant, stops[1], "reading")  # towards the model only if arrows are read backwards
        s.flow(s.node(), model, "message")
    s.noise()
    return s.done()


def papers(seed: int, salt: str, *, spoilt: str = "") -> Drawing:
    """Records of one thing, or not quite."""
    s = Sketch(seed, salt)
    register, senders = s.node(), [s.node(), s.node("person"), s.node(), s.node("plant")]
    serial = str(s.chance.randint(1000, 9998))
    for sender in senders:
        s.flow(sender, register, "record", s.nodes[sender] != "person", serial)
    s.flow(register, senders[0], "record", True, serial)
    last = s.chance.choice(s.flows)
    last |= {"two": {"identity": str(int(serial) + 1)}, "reading": {"carries": "reading"}}.get(spoilt, {})
    if spoilt == "blank":
        last["identity"] = ""
    if spoilt == "nobody":
        s.flows = [f | {"identity": ""} for f in s.flows]
    return s.done()


def controller(seed: int, salt: str) -> Drawing:
    """A controller that reads and moves the plant; no model."""
    s = Sketch(seed, salt)
    plant, program = s.node("plant"), s.node()
    s.way(plant, program, "reading", "reading")
    s.way(program, plant, "set value", "set value")
    s.noise()
    return s.done()


def lone_model(seed: int, salt: str) -> Drawing:
    """A plant and a model between which nothing flows."""
    s = Sketch(seed, salt)
    s.node("plant"), s.node("model")
    return s.done()


# --- the rule, and what becomes of it when something is overlooked -----------------------------------------


def classified(drawing: Drawing, *, overlooked: str = "") -> str:
    """The word for a drawing, by powers of its matrix of flows; `overlooked` makes it a wrong rule."""
    nodes, flows = drawing["nodes"], drawing["flows"]
    hears = _connects(drawing, "plant", "model", overlooked)
    acts = _connects(drawing, "model", "plant", overlooked)
    if overlooked == "hearing" and acts:
        return "twin"
    if hears:
        return "twin" if acts else "shadow"
    if "model" in nodes.values():
        return "model"
    unnamed = overlooked in ("identity", "blank")
    kept = [f for f in flows if f["carries"] == "record" and (f["identity"] or unnamed)]
    things = {f["identity"] for f in flows} - ({""} if overlooked == "blank" else set())
    same = overlooked == "same" or len(things) == 1
    if len(kept) == len(flows) and same:
        return {"thread": "none of these", "thread or shadow": "shadow"}.get(overlooked, "thread")
    return "none of these"


def _connects(drawing: Drawing, start: str, goal: str, overlooked: str) -> bool:
    nodes, names = drawing["nodes"], list(drawing["nodes"])
    step = np.zeros((len(names), len(names)), dtype=bool)
    for f in drawing["flows"]:
        a, b = f["source"], f["target"]
        if _counts(f, nodes, overlooked):
            step[names.index(a), names.index(b)] = True
            if overlooked == "direction":
                step[names.index(b), names.index(a)] = True
    ways = step
    for _ in range(1 if overlooked == "detours" else len(names)):
        ways = ways | (ways @ step)
    kinds = np.array([nodes[name] for name in names])
    goals = kinds == goal
    if overlooked == "neighbours":
        ways = step
    if overlooked == "whereto" and start == "model":
        goals = kinds == "other"
    return bool(ways[np.ix_(kinds == start, goals)].any())


def _counts(f: Flow, nodes: dict[str, str], overlooked: str) -> bool:
    by_hand = not f["automatic"] and overlooked != "hands"
    person = nodes[f["source"]] == "person" and overlooked not in ("persons", "hands")
    tells = nodes[f["source"]] != "plant" or f["carries"] == "reading" or overlooked == "telling"
    moves = nodes[f["target"]] != "plant" or f["carries"] == "set value" or overlooked == "moving"
    # Each of the two filters belongs to one way; neither can be on the other way, which ends there.
    return not by_hand and not person and tells and moves


MISTAKES = {
    "persons": "The drawing says automatic, but a person passes it on: that is never automatic.",
    "hands": "Some flows go by hand, and you count them as if they went by themselves.",
    "telling": "Something other than a reading leaves the plant, and you say that the model hears it.",
    "moving": "Something other than a set value enters the plant, such as advice, and you say that it acts.",
    "hearing": "A model that acts without hearing the plant is a blind recipe, and no twin.",
    "whereto": "The model acts on something, but not on the plant: that makes no twin.",
    "direction": "You follow flows backwards: data go from source to target only.",
    "neighbours": "You look at neighbours only: data may pass through several other nodes.",
    "detours": "You look two flows far: data may pass through more nodes than that.",
    "same": "Records make a thread only if all are about one and the same thing.",
    "identity": "A record without an identity is about nobody knows what, and makes no thread.",
    "blank": "One record without an identity is about nobody knows what, and spoils the thread.",
    "thread": "You find no thread where every flow is a record of one thing.",
    "thread or shadow": "You call the records of one thing a shadow: no model hears a plant there.",
}


def all_right(submission: Submission, drawings: Sequence[Drawing], otherwise: str) -> None:
    """Whether every drawing gets its word; if not, the mistake that explains all the answers."""
    got = [submission.call("classify", d["nodes"], d["flows"]) for d in drawings]
    assert all(isinstance(word, str) for word in got), "What `classify` gives is not a word each time."
    if got == [classified(d) for d in drawings]:
        return
    assert any(word != got[0] for word in got), "All the unseen drawings of this check get the same word."
    for overlooked, message in MISTAKES.items():
        assert got != [classified(d, overlooked=overlooked) for d in drawings], message
    raise AssertionError(otherwise)


FAMILIES: dict[str, Callable[[int, str], Drawing]] = {
    "closed": lambda seed, salt: loop(seed, salt),
    "closed directly": lambda seed, salt: loop(seed, salt, length=0),
    "closed by one": lambda seed, salt: loop(seed, salt, length=1),
    "by hand down": lambda seed, salt: loop(seed, salt, hand_down=True),
    "person down": lambda seed, salt: loop(seed, salt, person=True),
    "by hand up": lambda seed, salt: loop(seed, salt, hand_up=True),
    "advice": lambda seed, salt: loop(seed, salt, down="advice"),
    "order": lambda seed, salt: loop(seed, salt, down="order", elsewhere=True, length=0),
    "set value elsewhere": lambda seed, salt: loop(seed, salt, down="set value", elsewhere=True),
    "name plate": lambda seed, salt: loop(seed, salt, up="record", down=""),
    "recipe": lambda seed, salt: loop(seed, salt, up=""),
    "backwards": lambda seed, salt: loop(seed, salt, up="", against=True),
    "screen": lambda seed, salt: loop(seed, salt, down=""),
    "lone model": lone_model,
    "controller": controller,
    "thread": papers,
    "two things": lambda seed, salt: papers(seed, salt, spoilt="two"),
    "nobody's": lambda seed, salt: papers(seed, salt, spoilt="nobody"),
    "one is blank": lambda seed, salt: papers(seed, salt, spoilt="blank"),
    "with a reading": lambda seed, salt: papers(seed, salt, spoilt="reading"),
}


def drawn(seeds: Sequence[int], *families: str) -> list[Drawing]:
    """Drawings of some families, one a seed."""
    return [FAMILIES[family](seed, family) for seed in seeds for family in families]


# These are among the twelve at any rate, so that no two of the mistakes look alike there.
ALWAYS = ("closed", "closed by one", "by hand down", "person down", "recipe", "thread", "two things")


@points(2, hint="Page 1.1: what a person passes on is never automatic, however prompt.")
def test_hands_and_persons(submission: Submission, seeds: list[int]) -> None:
    """Hands and persons on unseen ways, with other flows around them."""
    loops = ("closed", "closed directly", "closed by one")
    drawings = drawn(seeds, *loops, "by hand down", "person down", "by hand up")
    all_right(
        submission, drawings, "With hands and persons on the way, some unseen drawings get a wrong word."
    )


@points(2, hint="It takes a reading to hear the plant, and a set value that arrives there to move it.")
def test_what_flows_and_where_to(submission: Submission, seeds: list[int]) -> None:
    """What leaves the plant, what enters it, and where the model's flows end."""
    ways = ("closed", "screen", "recipe", "backwards", "name plate")
    drawings = drawn(seeds, *ways, "advice", "order", "set value elsewhere")
    all_right(submission, drawings, "By what the flows carry, some unseen drawings get a wrong word.")


@points(1, hint="A thread follows one thing through its records; read the line about it word by word.")
def test_threads_and_none_of_these(submission: Submission, seeds: list[int]) -> None:
    """Threads, records that make none, and drawings that are none of these."""
    records = ("thread", "two things", "nobody's", "one is blank", "with a reading")
    drawings = drawn(seeds, *records, "controller", "lone model")
    drawings.append({"nodes": {"R-101": "plant"}, "flows": []})
    all_right(submission, drawings, "Where no model hears a plant, some unseen drawings get a wrong word.")


@points(2, hint="Whatever is left: draw one of the lab's twelve on paper, and follow your code along it.")
def test_twelve_unseen_drawings(submission: Submission, seeds: list[int]) -> None:
    """Twelve unseen drawings for each of three seeds, every one right."""
    for seed in seeds:
        others = random.Random(seed).sample(sorted(FAMILIES.keys() - set(ALWAYS)), 12 - len(ALWAYS))
        drawings = drawn([seed + 1], *ALWAYS, *others)
        all_right(submission, drawings, "Of twelve unseen drawings at least one gets a wrong word.")
