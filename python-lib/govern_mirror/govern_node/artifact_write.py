"""How one artifact of a Govern node is written safely."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from govern_mirror.artifact import content, governed_content
from govern_mirror.dss.safe_write import SafeWrite
from govern_mirror.errors import ConflictError
from govern_mirror.govern_node.connection import Raw
from govern_mirror.model.blueprint import Blueprint

ArtifactClaim: TypeAlias = Mapping[str, tuple[Any, Any]]
"""What a write changed: the values that an artifact tells, by name, before and after."""


class Artifacts(Protocol):
    """Where artifacts are read and put: a Govern node."""

    settling_seconds: float

    @property
    def blueprint(self) -> Blueprint:
        """The template in use."""

    def read(self, artifact_id: str) -> Raw:
        """Read an artifact."""

    def put(self, artifact_id: str, body: Raw) -> None:
        """Replace an artifact."""


class ArtifactWrite(SafeWrite[Raw, Raw, ArtifactClaim]):
    """A change of one artifact.

    Args:
        node: where it is read and put.
        artifact_id: the artifact.
        change: a pure function from the artifact to the one to be.
        expected: the artifact as it was when the change was decided, if that was before.
        blueprint: the one that `expected` was compared with, if it is not that of the node (`Template.resolved`).
    """

    def __init__(
        self,
        node: Artifacts,
        artifact_id: str,
        change: Callable[[Raw], Mapping[str, Any]],
        expected: Mapping[str, Any] | None = None,
        blueprint: Blueprint | None = None,
    ) -> None:
        self.name = artifact_id
        self.settling_seconds = node.settling_seconds
        self._node = node
        self._blueprint = blueprint or node.blueprint
        self._change = change
        self._expected = expected
        self._base: Raw = {}

    def read(self) -> Raw:
        """Read the artifact."""
        return self._node.read(self.name)

    def put(self, body: Raw) -> None:
        """Replace the artifact."""
        self._node.put(self.name, body)

    def plan(self, document: Raw) -> Raw | None:
        """Make the change on what was read; None when it changes nothing."""
        self._require_expected(document)
        self._base = document
        body = dict(self._change(document))
        return None if body == document else body

    def body(self, planned: Raw, base: Raw) -> Raw:
        """Return the planned artifact: it was made from this very base, since one read serves for both."""
        return planned

    def claim(self, planned: Raw, body: Raw) -> ArtifactClaim:
        """Return the values that this write changes."""
        before = content(self._base, self._blueprint)
        after = content(body, self._blueprint)
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return {name: (before.get(name), after.get(name)) for name in names}

    def holds(self, claim: ArtifactClaim, document: Raw) -> bool:
        """Whether the artifact holds each value; a change of another value by someone else does not count."""
        return not self._missing(claim, document)

    def require_unchanged(self, claim: ArtifactClaim, document: Raw) -> None:
        """Raise ConflictError unless the artifact holds the values of before: only those were put back over ours."""
        current = content(document, self._blueprint)
        others = [name for name in self._missing(claim, document) if current.get(name) != claim[name][0]]
        if others:
            raise ConflictError(
                f"{self.name}: Govern accepted the change but does not hold {', '.join(others)} as written: someone "
                "else wrote it at the same moment, or a rule of its template changed it; look at it in Govern and try "
                "again"
            )
        self._expected = None  # it was met when this was decided; what is there now was just compared

    def _missing(self, claim: ArtifactClaim, document: Raw) -> list[str]:
        current = content(document, self._blueprint)
        return sorted(name for name, (_, after) in claim.items() if current.get(name) != after)

    def _require_expected(self, document: Raw) -> None:
        if self._expected is None:
            return
        current, expected = (governed_content(raw, self._blueprint) for raw in (document, self._expected))
        names = sorted(name for name in {**current, **expected} if current.get(name) != expected.get(name))
        if names:
            raise ConflictError(
                f"{self.name}: {', '.join(names)} changed in Govern since it was compared; nothing was written, "
                "compare again"
            )


BulkArtifacts: TypeAlias = dict[str, tuple[ArtifactWrite, ArtifactClaim]]
"""The artifacts of a bulk write that still have to be confirmed after the settling time, by id."""
