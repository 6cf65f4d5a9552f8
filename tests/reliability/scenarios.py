"""The commands and macros that the suites run, and the states that they begin with: a new command is one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from reliability.content import ITEMS, TIMELINE, artifact, foreign, governed
from reliability.world import Run, State, World

UNCLEAR = re.compile(
    r"may have been|maybe published|may have replaced it|may be (written|there|done)|not known whether|unclear",
    re.IGNORECASE,
)
"""How a message says that nobody knows whether something was written."""

LEFT_EMPTY = re.compile(r"was created, and is empty")
"""How a message says that something was created, and that what belongs in it was not written."""

DONE, FAILED, UNKNOWN, HALF_DONE = "done", "failed", "unclear", "half done"


def is_unclear(text: str) -> bool:
    """Whether a text says so; a table folds its lines anywhere."""
    return UNCLEAR.search(" ".join(text.split())) is not None


def nothing_between(held: Any) -> bool:
    """No state between: what is written at once is there, or is not."""
    return False


@dataclass(frozen=True)
class Part:
    """One object that a command writes.

    Attributes:
        name: what it is, for messages.
        read: what it holds.
        reported: what the command said about it: done, failed, half done or unclear.
        is_half_done: whether it is in a state between, which only a command that says so may leave.
    """

    name: str
    read: Callable[[World], Any]
    reported: Callable[[Run], str]
    is_half_done: Callable[[Any], bool] = nothing_between


@dataclass(frozen=True)
class Scenario:
    """A command, and what it begins with.

    Attributes:
        name: its name in test ids.
        state: the state it begins with.
        command: what is run.
        code: how it ends when nothing goes wrong.
        parts: what it writes; empty for a command that only reads.
        keys: the projects whose foreign content must stay.
    """

    name: str
    state: str
    command: Callable[[World], Run]
    code: int = 0
    parts: tuple[Part, ...] = ()
    keys: tuple[str, ...] = ("P",)

    @property
    def reads_only(self) -> bool:
        """Whether it writes nothing."""
        return not self.parts

    def __str__(self) -> str:
        return self.name


# what a command said ----------------------------------------------------------------------------------------------


def by_exit_code(run: Run) -> str:
    """A command on one object: 0 done, anything else not done, unless it says how far it came or that it is unclear."""
    if run.code == 0:
        return DONE
    if run.code is None or is_unclear(run.text):
        return UNKNOWN
    return HALF_DONE if LEFT_EMPTY.search(" ".join(run.text.split())) else FAILED


def by_row(key: str) -> Callable[[Run], str]:
    """A command on several projects: the row of the one that is meant."""

    def reported(run: Run) -> str:
        row = _table_row(run.out, key)
        if not row:
            return by_exit_code(run)
        words = " ".join([row, *(line for line in run.err.splitlines() if key in line)])
        if is_unclear(words) or run.code is None:
            return UNKNOWN
        return DONE if re.match(r"(initialized|adopted|filled|removed|unchanged)\b", row) else FAILED

    return reported


def _table_row(out: str, key: str) -> str:
    """The outcome and message of a project in the first table, put together where the table folds them."""
    tables = [table for table in out.split("\n\n") if re.match(r"PROJECT +OUTCOME\b", table.strip())]
    texts, is_meant = list[str](), False
    for line in "\n".join(tables).strip().splitlines():
        if line[:1].strip():
            is_meant = line.split()[0] == key
        if is_meant:
            texts.append(line.removeprefix(key).strip())
    return " ".join(texts)


def by_macro_row(key: str) -> Callable[[Run], str]:
    """A macro on several projects: the row of the one that is meant."""

    def reported(run: Run) -> str:
        if run.code != 0:
            return by_exit_code(run)
        (row,) = [row for row in run.json["records"] if row[0] == key]
        return UNKNOWN if is_unclear(" ".join(row)) else FAILED if row[1] in ("failed", "skipped") else DONE

    return reported


def by_sync_line(*words: str, unless_failed: bool = False) -> Callable[[Run], str]:
    """A sync: what its lines say about one side of the pair."""

    def reported(run: Run) -> str:
        is_said = any(re.search(rf"^\S+: {word}\b", run.text, re.MULTILINE) for word in words)
        if is_said or run.code == 0:
            return DONE
        return UNKNOWN if run.code is None or is_unclear(run.text) else FAILED

    return reported


def project(key: str = "P", reported: Callable[[Run], str] = by_exit_code) -> Part:
    """What is governed in a project."""
    return Part(key, lambda world: governed(world, key), reported)


def govern_project(reported: Callable[[Run], str], key: str = "P") -> Part:
    """The Govern project over a DSS project."""
    return Part(f"artifact of {key}", lambda world: artifact(world, key), reported)


def other(name: str, read: Callable[[World], Any]) -> Part:
    """Something else that a command writes."""
    return Part(name, read, by_exit_code)


# the states -------------------------------------------------------------------------------------------------------


def _succeeds(world: World, *arguments: str) -> None:
    run = world.run(*arguments)
    if run.code != 0:
        raise AssertionError(f"{arguments} ended with {run.code}: {run.err} {run.crash!r}")


def _fresh(world: World) -> None:
    """Nothing is governed."""


def _started(world: World) -> None:
    """P is governed, with an inherited rating, and its first step is going on."""
    _succeeds(world, "init", "P", "--value", "High", "--initiative", "Growth")
    _succeeds(world, "advance", "P")


def _two_started(world: World) -> None:
    _started(world)
    _succeeds(world, "init", "Q", "--risk", "Low")


def _nearly_full(world: World) -> None:
    """The next note of P moves its oldest events to the wiki."""
    _started(world)
    for number in range(400):
        before = world.save()
        _succeeds(world, "step", "note", "P", "exploration", note(number))
        if TIMELINE in world.articles("P"):
            world.restore(before)
            return
    raise AssertionError("the record never moves its events to the wiki")


def _overflowed(world: World) -> None:
    """The oldest events of P are in the wiki, where people wrote around them; the next note moves more."""
    _nearly_full(world)
    _succeeds(world, "step", "note", "P", "exploration", note(1000))
    world.write_article("P", TIMELINE, f"{world.articles('P')[TIMELINE]}\nWritten by Eve below.\n")
    for number in range(400):
        before, length = world.save(), len(world.articles("P")[TIMELINE])
        _succeeds(world, "step", "note", "P", "exploration", note(1001 + number))
        if len(world.articles("P")[TIMELINE]) != length:
            world.restore(before)
            return
    raise AssertionError("the article never grows")


def _with_items(world: World) -> None:
    """P is governed, and so are two of its bundles."""
    _started(world)
    for bundle in ("v1", "v2"):
        world.sandbox.bundles.export(world.sandbox.admin, "P", bundle)
        _succeeds(world, "advance", f"P/bundle/{bundle}")


def _full_of_items(world: World) -> None:
    """The next note of either bundle of P moves its oldest events to the wiki."""
    _with_items(world)
    for bundle in ("v1", "v2"):
        _until(world, lambda world: ITEMS in world.articles("P"), f"P/bundle/{bundle}")


def _many_items(world: World) -> None:
    """The first note of P/bundle/last moves those that were written longest ago to the wiki, P/bundle/v1 first."""
    _with_items(world)
    world.sandbox.bundles.export(world.sandbox.admin, "P", "last")
    for number in range(3, 20):
        before = world.save()
        _succeeds(world, "step", "note", "P/bundle/last", "review", note(9998) * 10)
        if ITEMS in world.articles("P"):
            world.restore(before)
            return
        world.restore(before)
        world.sandbox.bundles.export(world.sandbox.admin, "P", f"v{number}")
        _succeeds(world, "step", "note", f"P/bundle/v{number}", "review", note(number) * 10)
    raise AssertionError("no item ever moves to the wiki")


def _items_away(world: World) -> None:
    """P/bundle/v1 and P/bundle/v2 stand in the wiki."""
    _many_items(world)
    _succeeds(world, "step", "note", "P/bundle/last", "review", note(9998) * 10)


def _until(world: World, moves: Callable[[World], bool], address: str) -> None:
    """Write notes of an item up to the one after which something is so."""
    for number in range(400):
        before = world.save()
        _succeeds(world, "step", "note", address, "review", note(number))
        if moves(world):
            world.restore(before)
            return
    raise AssertionError(f"no note of {address} ever moves anything to the wiki")


def note(number: int) -> str:
    """Notes long enough to fill a record within some dozens of commands."""
    return f"{number:06d} " + "we looked at it again and again; " * 3


def _copied(world: World) -> None:
    """P carries the record and the fields of Q, as a duplicate does."""
    _succeeds(world, "init", "Q", "--value", "High", "--sponsor", "Ada")
    _succeeds(world, "advance", "Q")
    original = world.sandbox.metadata("Q")["customFields"]
    ours = {name: value for name, value in original.items() if name.startswith("govern_")}
    world.edit("P", lambda metadata: metadata["customFields"].update(ours))


def _paired(world: World) -> None:
    """P is governed on both sides and in step; then each side changes something else."""
    _started(world)
    _govern(world, fields={"qualification_value_rating": "High"})
    _succeeds(world, "sync", "both", "--prefer", "dss", "--force")
    _succeeds(world, "qualify", "P", "--risk", "Low")
    _edit_artifact(world, lambda document: document["fields"].update(cost_rating="Medium low"))


def _in_step(world: World) -> None:
    """P is governed on both sides, with nothing to sync."""
    _started(world)
    _govern(world, fields={"qualification_value_rating": "High"})
    _succeeds(world, "sync", "both", "--prefer", "dss", "--force")


def _in_govern_only(world: World) -> None:
    _govern(world, fields={"qualification_value_rating": "High", "cost_rating": "Low"})


def _govern(world: World, fields: dict[str, Any]) -> None:
    node = world.govern.node
    version = {"blueprintId": "bp.system.business_initiative", "versionId": "bv.system.default"}
    node.create({"name": "Growth", "blueprintVersionId": version})
    (ref,) = [item.id for item in node.artifacts() if item.fields.get("project_key") == "P"]
    node.govern("Project P", ref, fields={"description": "What Govern knows", "countries": ["France"], **fields})


def _edit_artifact(world: World, change: Callable[[dict[str, Any]], None], key: str = "P") -> None:
    node = world.govern.node
    for item in node.artifacts():
        if any(node.get(ref).fields.get("project_key") == key for ref in item.fields.get("dataiku_item") or []):
            node.edit(item.id, change)


def _with_folder(world: World) -> None:
    _started(world)
    folder = world.sandbox.managed_folders.create(world.sandbox.admin, "P", {"name": "reports"})
    (world.home / "folder_id").write_text(folder["id"], encoding="utf-8")


def _reported(world: World) -> None:
    """The report stands in the wiki of P, with people's words around it; since then something changed."""
    _started(world)
    _succeeds(world, "report", "--publish-wiki", "P")
    text = world.articles("P")["Governed projects"]
    world.write_article("P", "Governed projects", f"Read this first.\n\n{text}\nAnd this afterwards.\n")
    _succeeds(world, "advance", "P")


STATES: dict[str, Callable[[World], None]] = {
    "fresh": _fresh,
    "started": _started,
    "two started": _two_started,
    "nearly full": _nearly_full,
    "overflowed": _overflowed,
    "copied": _copied,
    "paired": _paired,
    "in step": _in_step,
    "in govern only": _in_govern_only,
    "with folder": _with_folder,
    "with items": _with_items,
    "full of items": _full_of_items,
    "many items": _many_items,
    "items away": _items_away,
    "reported": _reported,
}


@dataclass
class States:
    """The states of one world, each made once."""

    world: World
    _made: dict[str, State] = field(default_factory=dict)
    _empty: State | None = None

    def enter(self, name: str) -> State:
        """Put the world into a state."""
        if self._empty is None:
            self._empty = self.world.save()
        if name not in self._made:
            self.world.restore(self._empty)
            STATES[name](self.world)
            self._made[name] = self.world.save()
        self.world.restore(self._made[name])
        return self._made[name]


# the commands -----------------------------------------------------------------------------------------------------


def cli(*arguments: str) -> Callable[[World], Run]:
    """A command line."""
    return lambda world: world.run(*arguments)


def macro(macro_id: str, **params: Any) -> Callable[[World], Run]:
    """A macro, run in P."""
    return lambda world: world.run_macro(macro_id, params)


def _folder_id(world: World) -> str:
    return (world.home / "folder_id").read_text(encoding="utf-8")


def _publish_to_folder(world: World) -> Run:
    return world.run("report", "--publish-folder", f"P.{_folder_id(world)}")


def _install_scenario(world: World) -> Run:
    return world.run(
        "scenario", "install", "P", "--daily", "06:00", "--timezone", "UTC", "--managed-folder", _folder_id(world)
    )


def _apply_plan_file(world: World) -> Run:
    file = world.home / "plan.yaml"
    file.write_text(
        f"format_version: 1\nnode_id: {world.sandbox.node_id}\nprojects:\n  P:\n    overview:\n      sponsor: Ada\n"
        "    qualification:\n      risk:\n        rating: Low\n",
        encoding="utf-8",
    )
    return world.run("sync", "apply", str(file))


def _folder_content(world: World) -> list[str]:
    return [path.split("/", 2)[-1] for path, _ in world.sandbox.store.blobs("managed_file", "P/")]


def _wiki_report(world: World) -> str:
    text = world.articles("P").get("Governed projects", "")
    return re.sub(r"begin \S+ -->|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}Z)?( UTC)?", "", text)


def _new_wiki_report(world: World) -> str | None:
    return _wiki_report(world) if "Governed projects" in world.articles("P") else None


def _scenarios_of(world: World) -> Any:
    return [
        {
            **{key: each.get(key) for key in ("id", "name", "active", "type", "tags")},
            "steps": [step["id"] for step in each["params"]["steps"]],
            "triggers": [trigger["id"] for trigger in each["triggers"]],
        }
        for item in world.sandbox.scenarios.listed(world.sandbox.admin, "P")
        for each in [world.sandbox.scenarios.get(world.sandbox.admin, "P", item["id"])]
    ]


def _is_one_empty_scenario(scenarios: Any) -> bool:
    return [(each["active"], each["steps"], each["triggers"]) for each in scenarios] == [(False, [], [])]


ONE = (project(),)
V1, V2, LAST = (f"P/bundle/{bundle}" for bundle in ("v1", "v2", "last"))
"""The bundles of the states with items."""

ROW = (project("P", by_row("P")),)
PUSHED = govern_project(by_sync_line("pushed", "created"))
PULLED = project(reported=by_sync_line("pulled", "created"))

WRITING = [
    Scenario("init", "fresh", cli("init", "P", "--value", "High", "--sponsor", "Ada"), parts=ONE),
    Scenario("init-blanks", "started", cli("init", "P", "--risk", "Low", "--sponsor", "Ada"), parts=ONE),
    Scenario("init-adopt", "copied", cli("init", "P", "--adopt"), parts=ONE, keys=("P", "Q")),
    Scenario(
        "init-two",
        "fresh",
        cli("init", "P", "Q"),
        parts=(project("P", by_row("P")), project("Q", by_row("Q"))),
        keys=("P", "Q"),
    ),
    Scenario("qualify", "started", cli("qualify", "P", "--risk", "Low", "--decision", "Go"), parts=ONE),
    Scenario("advance", "started", cli("advance", "P", "--reason", "ready"), parts=ONE),
    Scenario("step-set", "started", cli("step", "set", "P", "rollout", "--reason", "late"), parts=ONE),
    Scenario("step-note", "started", cli("step", "note", "P", "exploration", "Looked at it."), parts=ONE),
    Scenario(
        "step-document", "started", cli("step", "document", "P", "exploration", "Plan=https://example.com/p"), parts=ONE
    ),
    Scenario("overflow", "nearly full", cli("step", "note", "P", "exploration", note(9999)), parts=ONE),
    Scenario("overflow-again", "overflowed", cli("step", "note", "P", "exploration", note(9999)), parts=ONE),
    Scenario("item-advance", "with items", cli("advance", V1, "--reason", "ready"), parts=(project(V1),)),
    Scenario("item-note", "with items", cli("step", "note", V1, "review", "Seen."), parts=(project(V1),)),
    Scenario("item-history", "full of items", cli("step", "note", V1, "review", note(9999)), parts=(project(V1),)),
    Scenario(
        "item-pushed-away", "many items", cli("step", "note", LAST, "review", note(9998) * 10), parts=(project(LAST),)
    ),
    Scenario("item-comes-back", "items away", cli("advance", V1), parts=(project(V1),)),
    Scenario("ungovern", "started", cli("ungovern", "P", "--yes"), parts=ROW),
    Scenario("ungovern-history", "overflowed", cli("ungovern", "P", "--yes"), parts=ROW),
    Scenario("ungovern-purge", "overflowed", cli("ungovern", "P", "--yes", "--purge"), parts=ROW),
    Scenario("plan-file", "started", _apply_plan_file, parts=(PULLED,)),
    Scenario("sync-pull", "paired", cli("sync", "pull"), parts=(PULLED,)),
    Scenario("sync-push", "paired", cli("sync", "push"), parts=(PUSHED,)),
    Scenario("sync-both", "paired", cli("sync", "both"), parts=(PUSHED, PULLED)),
    Scenario("sync-create-here", "in govern only", cli("sync", "pull", "--create", "--force"), parts=(PULLED,)),
    Scenario("sync-create-there", "started", cli("sync", "push", "--create", "--force"), parts=(PUSHED,)),
    Scenario(
        "publish-wiki", "reported", cli("report", "--publish-wiki", "P"), parts=(other("the article", _wiki_report),)
    ),
    Scenario(
        "publish-wiki-new",
        "started",
        cli("report", "--publish-wiki", "P"),
        parts=(Part("the article", _new_wiki_report, by_exit_code, lambda text: text == ""),),
    ),
    Scenario("publish-folder", "with folder", _publish_to_folder, parts=(other("the folder", _folder_content),)),
    Scenario(
        "probe-write",
        "started",
        cli("doctor", "P", "--probe-write"),
        parts=(Part("P", lambda world: governed(world, "P"), lambda run: FAILED),),
    ),
    Scenario(
        "scenario-install",
        "with folder",
        _install_scenario,
        parts=(Part("the scenario", _scenarios_of, by_exit_code, _is_one_empty_scenario),),
    ),
    Scenario(
        "macro-init",
        "fresh",
        macro("initialize-workflow", value_rating="High"),
        parts=(project("P", by_macro_row("P")),),
    ),
    Scenario("macro-qualify", "started", macro("record-qualification", risk_rating="Low"), parts=ONE),
    Scenario("macro-advance", "started", macro("advance-workflow", action="advance"), parts=ONE),
]
"""Every command that writes."""

READING = [
    Scenario("show", "two started", cli("show", "P", "--format", "json")),
    Scenario("show-history", "overflowed", cli("show", "P", "--format", "json")),
    Scenario("report", "two started", cli("report", "--format", "json")),
    Scenario("show-item", "items away", cli("show", V1, "--format", "json")),
    Scenario("items", "items away", cli("items", "P", "--format", "json")),
    Scenario("gate", "started", cli("gate", "P", "--step", "exploration"), code=0),
    Scenario("gate-closed", "started", cli("gate", "P", "--step", "rollout"), code=3),
    Scenario("sync-status", "paired", cli("sync", "status", "--format", "json"), code=3),
    Scenario("sync-in-step", "in step", cli("sync", "status", "--format", "json")),
    Scenario("advance-dry-run", "started", cli("advance", "P", "--dry-run"), code=3),
    Scenario("ungovern-dry-run", "started", cli("ungovern", "P", "--dry-run"), code=3),
]
"""Commands that write nothing."""

ALL = {scenario.name: scenario for scenario in (*WRITING, *READING)}


def untouched(world: World, scenario: Scenario) -> dict[str, Any]:
    """The foreign content of every project that a scenario is about."""
    return {key: foreign(world, key) for key in scenario.keys}
