"""The seal of a sync base, so that nobody who can edit a project's record can make up what was in step. Pure.

The base decides whose value wins, and it stands in a custom field that everyone who may write the project can edit.
So it is sealed by an HMAC with a key that only those who sync know, over the DSS project it belongs to: a base that
was made up, altered, or copied from another project does not match its seal.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache

from govern_mirror.model.item import ProjectFacts, SyncBase

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
