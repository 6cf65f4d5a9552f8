"""What was in step: the bases in the projects' records, their seal, and which of them count. Pure.

The base decides whose value wins, and it stands in a custom field that everyone who may write the project can edit.
So it is sealed by an HMAC with a key that only those who sync know, over the DSS project it belongs to: a base that
was made up, altered, or copied from another project does not match its seal.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from govern_mirror.errors import Action, GovernMirrorError, Hint
from govern_mirror.model.item import Item, Problem, ProjectFacts, SyncBase
from govern_mirror.sync.compare import UNKNOWN_VALUE, PairedProjects, comparable_paths

_ROUNDS = 100_000
"""Rounds that make guessing a short secret slow; once a run, some hundredths of a second."""

_SALTS = {
    "secret": b"govern-mirror sync base, from a sync secret",
    "key": b"govern-mirror sync base, from a Govern key",
}
_LABEL = b"govern-mirror sync base: which key"


class SealState(str, Enum):
    """What a seal says of a base."""

    VALID = "valid"
    UNSEALED = "unsealed"
    FOREIGN = "foreign"
    ALTERED = "altered"


@dataclass(frozen=True)
class SealKey:
    """The key that bases are sealed with.

    Attributes:
        key: never printed, and not what it was derived from.
        key_id: which key it is, without telling anything of it: the first 8 hex digits of an HMAC of a constant.
    """

    key: bytes = field(repr=False)
    key_id: str

    @classmethod
    def from_secret(cls, secret: str) -> SealKey:
        """The key of a sync secret, the same wherever that secret is given."""
        return _derived("secret", secret)

    @classmethod
    def from_api_key(cls, api_key: str) -> SealKey:
        """The key for those who gave no sync secret, from the Govern key that they sync with."""
        return _derived("key", api_key)

    def sealed(self, base: SyncBase, project: ProjectFacts) -> SyncBase:
        """The base of a project with this key's seal on it."""
        bare = replace(base, key_id=self.key_id, seal=None)
        return replace(bare, seal=self._seal(bare, project))

    def check(self, base: SyncBase, project: ProjectFacts) -> SealState:
        """Say what the seal of a project's base is worth."""
        if base.seal is None or base.key_id is None:
            return SealState.UNSEALED
        if not hmac.compare_digest(base.key_id.encode("utf-8", "replace"), self.key_id.encode()):
            return SealState.FOREIGN
        seal = self._seal(base, project)
        same = hmac.compare_digest(base.seal.encode("utf-8", "replace"), seal.encode())
        return SealState.VALID if same else SealState.ALTERED

    def _seal(self, base: SyncBase, project: ProjectFacts) -> str:
        covered = [
            project.node_id,
            project.project_key,
            base.node_id,
            base.artifact_id,
            self.key_id,
            sorted(base.prints.items()),
        ]
        # JSON in ASCII: every text is quoted, so that no two contents are the same bytes
        return hmac.new(self.key, json.dumps(covered).encode("ascii"), hashlib.sha256).hexdigest()


@lru_cache(maxsize=4)
def _derived(kind: str, secret: str) -> SealKey:
    key = hashlib.pbkdf2_hmac("sha256", secret.encode("utf-8", "surrogatepass"), _SALTS[kind], _ROUNDS)
    return SealKey(key, hmac.new(key, _LABEL, hashlib.sha256).hexdigest()[:8])


MAX_NAMED = 5
"""How many projects a problem names."""

_AS_CONFLICTS = "It does not count: equal values are taken as in step and sealed, different ones are conflicts"


def trusted_bases(
    groups: Iterable[PairedProjects], seal: SealKey, govern_node_id: str | None
) -> tuple[dict[str, Mapping[str, str]], list[Problem]]:
    """Check the seal of every base: what the projects' records say that was in step, as far as it counts.

    Args:
        groups: DSS projects by Govern project.
        seal: the key of this run.
        govern_node_id: the Govern node, which a base must name to count; None where it names none.

    Returns:
        Fingerprints by path, by project key, and which bases do not count, and why. Of one that does not, each print is
        `UNKNOWN_VALUE`: equal values are in step, and different ones a conflict.

    Raises:
        GovernMirrorError: a base that counts names a node, and Govern names none: whether it is that one is not known.
    """
    prints: dict[str, Mapping[str, str]] = {}
    void: dict[SealState, list[str]] = {}
    foreign_ids: set[str] = set()
    by_node: dict[str | None, list[str]] = {}
    for group in groups:
        if group.counterpart.creates_over:
            continue  # what was in step with another Govern project says nothing of one that does not exist yet
        for project in group.projects:
            base, key = project.sync_base, project.facts.project_key
            if base is None:
                continue
            state = seal.check(base, project.facts)
            if state is not SealState.VALID:
                void.setdefault(state, []).append(key)
                foreign_ids |= {base.key_id or ""} if state is SealState.FOREIGN else set()
                prints[key] = _unknown(project)
            elif base.node_id is not None and govern_node_id is None:
                raise GovernMirrorError(
                    f"what was in step of {key} was agreed with the Govern node {base.node_id}, and Govern does not "
                    "say which node it is: nothing was compared or written, since every value would look as if it had "
                    "never been in step. Try again, or let whoever runs Govern look at its `/instance-info`"
                )
            elif base.node_id != govern_node_id:
                by_node.setdefault(base.node_id, []).append(key)
                if base.node_id is None:
                    prints[key] = _unknown(project)
            elif base.artifact_id == group.counterpart.id:
                prints[key] = base.prints
    problems = [_problem(state, keys, seal, foreign_ids) for state, keys in void.items()]
    problems += [_problem_of_node(node, keys, govern_node_id) for node, keys in by_node.items()]
    if govern_node_id is None:
        message = (
            "Govern does not say which node it is: what is in step is sealed without its name, so that it could be "
            "taken for in step with another Govern node too; once Govern names itself, different values are conflicts"
        )
        problems.append(Problem("govern", None, "a node id", message))
    return prints, problems


def _unknown(project: Item) -> dict[str, str]:
    return dict.fromkeys(comparable_paths(project.blueprint), UNKNOWN_VALUE)


def _problem(state: SealState, keys: list[str], seal: SealKey, foreign_ids: set[str]) -> Problem:
    what = {
        SealState.UNSEALED: "without a seal, as version 0.1.0 wrote it or as somebody made it up",
        SealState.FOREIGN: (
            f"sealed with another key ({', '.join(sorted(key_id[:8] for key_id in foreign_ids)[:MAX_NAMED])}, and this "
            f"run's is {seal.key_id}); give everyone who syncs the same sync secret, or the same Govern key"
        ),
        SealState.ALTERED: "that does not match its seal: somebody altered it, or copied it from another project",
    }
    return _problem_of(keys, f"{what[state]}. {_AS_CONFLICTS}", "a base that this key sealed")


def _problem_of_node(node_id: str | None, keys: list[str], govern_node_id: str | None) -> Problem:
    if node_id is None:
        what = f"that names no Govern node, and this is {govern_node_id}. {_AS_CONFLICTS}"
    else:
        what = (
            f"agreed with the Govern node {node_id}, and this is {govern_node_id}. It does not count: what is compared "
            "is compared as if it had never been in step"
        )
    return _problem_of(keys, what, "a base agreed with this Govern node")


def _problem_of(keys: list[str], what: str, expected: str) -> Problem:
    names = ", ".join(keys[:MAX_NAMED]) + (f" and {len(keys) - MAX_NAMED} more" if len(keys) > MAX_NAMED else "")
    message = f"{names}: the record holds a sync base {what}"
    return Problem(keys[0] if len(keys) == 1 else "sync base", f"{len(keys)}", expected, message, Hint(Action.PREFER))
