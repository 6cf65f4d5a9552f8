"""A Govern node: its governed projects, read in bulk and written safely.

Reading is by searches in large pages, so that the number of requests grows with pages and not with projects.
Writing is `dss.safe_write`'s: read, change, put, read back, and again after the settling time; a PUT or POST without a
clear answer is never repeated blindly, a look tells first whether it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from govern_mirror import clock
from govern_mirror.artifact import ITEMS, Template, template_from
from govern_mirror.bulk import for_each
from govern_mirror.dss.client import NODE_KEYS, PerThread, api_errors
from govern_mirror.dss.safe_write import MAX_FAILURES, SETTLING_SECONDS
from govern_mirror.errors import (
    Action,
    ConflictError,
    ConnectionFailed,
    GovernMirrorError,
    Hint,
    InputError,
    NotFound,
    WriteUnclear,
)
from govern_mirror.govern_node.artifact_write import ArtifactWrite, BulkArtifacts
from govern_mirror.govern_node.connection import (
    GOVERN,
    SEARCH,
    GovernClient,
    GovernClientFactory,
    Raw,
    checked,
    fields_of,
    ids_in,
    inside,
    name_of,
    version_of,
)
from govern_mirror.govern_node.items import ITEM_BLUEPRINTS, ItemArtifacts
from govern_mirror.govern_node.survey import (
    GovernSurvey,
    Initiatives,
    SurveyProblem,
    by_blueprint,
    decoded_projects,
    dss_refs,
    joined_projects,
    referred_blueprints,
    search,
)
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.nested import text_at
from govern_mirror.operation import bounded
from govern_mirror.text import clipped

DATAIKU_PROJECT = "bp.system.dataiku_project"
"""The blueprint of the artifacts by which Govern knows DSS projects (gp)."""

BUSINESS_INITIATIVE = "bp.system.business_initiative"
"""Govern's own blueprint of business initiatives; a forked template may refer to others as well."""

PAGE = 1000
"""Artifacts a page, as Dataiku's own plugin asks for (gp)."""

MOST_PAGES = 1000
"""A search that goes on for longer than this never ends: a million artifacts at full pages."""

MAX_SINGLE_READS = 8
"""Up to how many artifacts of a bulk write are read one by one to confirm it; above, one search does."""


class GovernNode(PerThread[GovernClient]):
    """A Govern node: its governed projects, read in bulk and written safely.

    Args:
        clients: makes a client; called once a thread.
        blueprint: ours; its id says which blueprint governed projects have in Govern.
        page_size: artifacts a page of a search.
        settling_seconds: how long every writer of this node waits before it looks for its write a second time.
    """

    def __init__(
        self,
        clients: GovernClientFactory,
        blueprint: Blueprint,
        page_size: int = PAGE,
        settling_seconds: float = SETTLING_SECONDS,
    ) -> None:
        super().__init__(clients)
        self.settling_seconds = settling_seconds
        self._node: tuple[str | None] | None = None
        self._page_size = page_size
        self.blueprint = blueprint

    @property
    def node_id(self) -> str | None:
        """The node's id; None when it tells none, as a version that knows no such question.

        Raises:
            ConnectionFailed: the answer is no node's information, or that of another kind of node, such as DSS.
            GovernMirrorError: as `api_errors` says.
        """
        if self._node is None:
            try:
                info = self._call("GET", "/instance-info", "read the instance's information")
            except NotFound:
                info = {"nodeId": None}  # a version that does not tell
            kind, node_id = info.get("nodeType"), info.get("nodeId")
            # one that tells nothing of a node would make what is in step look as if it never was
            if not NODE_KEYS & info.keys() or not isinstance(node_id, str | None):
                raise ConnectionFailed(f"{GOVERN.not_its_answer} (asked which node it is, it tells nothing of one)")
            if isinstance(kind, str) and kind.upper() != "GOVERN":
                raise ConnectionFailed(
                    f"this is a {clipped(kind)} node, not a Govern node",
                    hint=Hint(Action.CHECK_ADDRESS, setting=GOVERN.address),
                )
            self._node = (node_id or None,)
        return self._node[0]

    # reading ------------------------------------------------------------------------------------------------

    def survey(self) -> GovernSurvey:
        """Read all governed projects, the DSS projects under them, and the business initiatives.

        One search finds all three in pages, one request reads each blueprint version; templates that refer to
        initiatives of other blueprints than Govern's own cost one more search.

        Raises:
            ConnectionFailed: a page repeats or the search never ends, or as `api_errors` says.
            GovernMirrorError: as `api_errors` says; a single item that cannot be read is a problem instead.
        """
        problems: list[SurveyProblem] = []
        searched = {self.blueprint.id, DATAIKU_PROJECT, BUSINESS_INITIATIVE}
        signoffs: dict[str, object] = {}
        artifacts = self._by_blueprint(searched, problems, signoffs)
        templates = self._templates(artifacts[self.blueprint.id])
        referred = {BUSINESS_INITIATIVE} | referred_blueprints(templates.values(), self.blueprint)
        if referred - searched:
            artifacts |= self._by_blueprint(referred - searched, problems)
        names = {raw["id"]: name for bp in sorted(referred) for raw in artifacts.get(bp, ()) if (name := name_of(raw))}
        initiatives = Initiatives(names)
        governed = artifacts[self.blueprint.id]
        projects = list(decoded_projects(governed, templates, initiatives, self.blueprint, problems))
        refs = dss_refs(artifacts[DATAIKU_PROJECT], governed, problems)
        readable = {ids: template for ids, template in templates.items() if isinstance(template, Template)}
        dss_projects = joined_projects(projects, refs, problems)
        return GovernSurvey(projects, dss_projects, refs, initiatives, readable, problems, signoffs)

    def template(self, blueprint_id: str, version_id: str) -> Template:
        """Read one blueprint version, e.g. to create a project of it.

        Raises:
            NotFound: there is none of these ids.
            GovernMirrorError: as `api_errors` says.
        """
        path = f"/blueprint/{checked(blueprint_id)}/version/{checked(version_id)}"
        answer = self._call("GET", path, f"read the template {version_id}")
        return template_from(inside(answer, "blueprintVersion"), blueprint_id, version_id)

    def read(self, artifact_id: str) -> Raw:
        """Read one artifact as it is.

        Raises:
            NotFound: it does not exist any more, or the key may not read it.
            GovernMirrorError: as `api_errors` says.
        """
        return inside(self._call("GET", f"/artifact/{checked(artifact_id)}", f"read {artifact_id}"), "artifact")

    def signoffs(self, artifact_id: str) -> object:
        """Read an artifact's sign-offs as Govern lists them; their shape is not checked.

        Raises:
            GovernMirrorError: as `api_errors` says.
        """
        with api_errors(doing=f"read the sign-offs of {artifact_id}", server=GOVERN):
            return self.client._perform_json("GET", f"/artifact/{checked(artifact_id)}/signoffs")

    def signoff_details(self, artifact_id: str, step_id: str) -> object:
        """Read who is asked for the sign-off of a step, as Govern tells it; the shape is not checked.

        Raises:
            GovernMirrorError: as `api_errors` says.
        """
        path = f"/artifact/{checked(artifact_id)}/workflow/step/{checked(step_id)}/signoff/details"
        return self._call("GET", path, f"read who reviews {artifact_id}")

    def items(self) -> ItemArtifacts:
        """Read the bundles and model versions that are governed, and what DSS told of them, in one search by pages.

        Raises:
            GovernMirrorError: as `survey` says.
        """
        signoffs: dict[str, object] = {}
        return ItemArtifacts(self._by_blueprint(ITEM_BLUEPRINTS, [], signoffs), signoffs)

    # writing ------------------------------------------------------------------------------------------------

    def put(self, artifact_id: str, body: Mapping[str, Any]) -> None:
        """Replace one artifact; `save` does it safely."""
        self._call("PUT", f"/artifact/{checked(artifact_id)}", f"write {artifact_id}", dict(body))

    @bounded
    def save(
        self,
        artifact_id: str,
        change: Callable[[Raw], Mapping[str, Any]],
        expected: Mapping[str, Any] | None = None,
        bulk: BulkArtifacts | None = None,
        blueprint: Blueprint | None = None,
    ) -> Raw:
        """Change one artifact safely, as `SafeWrite` says.

        Args:
            artifact_id: the artifact.
            change: a pure function from the artifact to the one to be; it must not alter its argument, and is
                called again when a write has to start anew. Returning an equal artifact writes nothing.
            expected: the artifact as it was when the change was decided, if it was decided before: then nothing is
                written when what sync compares has changed since.
            bulk: takes what has to be confirmed with `confirm` once all are written; without, this write waits for the
                settling time itself.
            blueprint: the one that `expected` was compared with, if it is not this node's (`Template.resolved`).

        Returns:
            The artifact as it is afterwards.

        Raises:
            ConflictError: it changed since `expected`, or Govern does not hold what was written.
            NotFound: it was deleted meanwhile.
            WriteUnclear: it may have been written, and could not be looked up.
            GovernMirrorError: what `change` raises, and as `api_errors` says.
        """
        write = ArtifactWrite(self, artifact_id, change, expected, blueprint)
        outcome = write.run(settle=bulk is None)
        if bulk is not None and outcome.claim is not None:
            bulk[artifact_id] = write, outcome.claim
        return outcome.document

    def confirm(self, bulk: BulkArtifacts) -> dict[str, GovernMirrorError]:
        """Look once more for the artifacts of a bulk write, after the settling time, and write lost ones anew.

        Returns:
            Why an artifact could not be confirmed, by id; the others hold what was written.
        """
        if not bulk or not self.settling_seconds:
            return {}
        clock.sleep(self.settling_seconds)
        current = self._current() if len(bulk) > MAX_SINGLE_READS else {}

        def look(artifact_id: str) -> None:
            write, claim = bulk[artifact_id]
            document = current.get(artifact_id) or write.read_again()
            if not write.holds(claim, document):
                write.run(lost=claim)

        return {ending.item: ending.error for ending in for_each(bulk, bounded(look)) if ending.error is not None}

    @bounded
    def create(self, definition: Mapping[str, Any]) -> str:
        """Create a Govern project over some DSS projects, once.

        A POST is never repeated blindly: after a doubtful answer a search tells whether it landed.

        Args:
            definition: as `artifact.new_artifact` makes it: name, blueprint version, and in `dataiku_item` the
                artifact ids of at least one DSS project (`DssRef.artifact_id`).

        Returns:
            The id of the new artifact.

        Raises:
            InputError: the definition governs no DSS project.
            ConflictError: one of the DSS projects is governed already.
            NotFound: a DSS project or the blueprint version does not exist any more.
            GovernMirrorError: as `api_errors` says.
        """
        items = ids_in(definition["fields"].get(ITEMS))
        if not items:
            raise InputError(f"{definition.get('name')}: a Govern project is created for at least one DSS project")
        for item in items:
            governor = fields_of(self.read(item)).get("governed_by")
            if governor:
                raise ConflictError(
                    f"{item} is governed by {clipped(governor)} already: someone was faster; compare again"
                )
        doubt: ConnectionFailed | None = None
        for _ in range(MAX_FAILURES):
            artifact_id: str | None = None
            try:
                answer = self._call("POST", "/artifacts", "create a Govern project", dict(definition))
            except ConnectionFailed as error:
                doubt = error
            else:
                artifact_id = text_at(answer, "artifactId")
                # an answer without an id may have created it all the same
                doubt = doubt or ConnectionFailed(GOVERN.not_its_answer)
            artifact_id = artifact_id or self._looked_up(definition, doubt)
            if artifact_id:
                return artifact_id
        raise doubt or ConnectionFailed(GOVERN.not_its_answer)

    def _current(self) -> dict[str, Raw]:
        """All Govern projects by id, by one search; none where it fails, so that they are read one by one."""
        try:
            return {str(raw.get("id")): raw for raw in self._search([self.blueprint.id], [])}
        except GovernMirrorError:
            return {}

    def _looked_up(self, definition: Mapping[str, Any], error: ConnectionFailed) -> str | None:
        """The Govern project that a POST without a clear answer made, looked for until it may have arrived."""
        if error.never_sent:
            return None
        try:
            return self._created(definition) or self._created(definition, after=self.settling_seconds)
        except GovernMirrorError as unread:
            raise WriteUnclear(
                f"{definition.get('name')}: the answer to its creation did not arrive ({error}), and it could not be "
                f"looked up ({unread}): it may have been created; look before you try again"
            ) from unread

    def _created(self, definition: Mapping[str, Any], after: float = 0) -> str | None:
        """The Govern project that a POST made, found by its name and its DSS projects, after some seconds."""
        clock.sleep(after)
        name, items = definition.get("name"), set(ids_in(definition["fields"].get(ITEMS)))
        same_name = {"type": "field", "conditionType": "EQUALS", "condition": name, "caseSensitive": True}
        for raw in self._search([self.blueprint.id], [], [same_name]):
            if raw.get("name") == name and set(ids_in(fields_of(raw).get(ITEMS))) == items:
                return str(raw["id"])
        return None

    # the parts of a survey -----------------------------------------------------------------------------------

    def _by_blueprint(
        self,
        blueprint_ids: Iterable[str],
        problems: list[SurveyProblem],
        signoffs: dict[str, object] | None = None,
    ) -> dict[str, list[Raw]]:
        ids = sorted(blueprint_ids)
        return by_blueprint(self._search(ids, problems, signoffs=signoffs), ids, problems)

    def _templates(self, projects: Iterable[Raw]) -> dict[tuple[str, str], Template | GovernMirrorError]:
        """Each distinct blueprint version once; for one that cannot be read, why."""
        templates: dict[tuple[str, str], Template | GovernMirrorError] = {}
        for raw in projects:
            blueprint_id, version_id = version_of(raw)
            if blueprint_id is None or version_id is None or (blueprint_id, version_id) in templates:
                continue
            try:
                templates[blueprint_id, version_id] = self.template(blueprint_id, version_id)
            except GovernMirrorError as error:
                if isinstance(error, ConnectionFailed) and error.status is None:
                    raise  # the node itself is out of reach
                templates[blueprint_id, version_id] = error
        return templates

    def _search(
        self,
        blueprint_ids: Sequence[str],
        problems: list[SurveyProblem],
        filters: Iterable[Mapping[str, Any]] = (),
        signoffs: dict[str, object] | None = None,
    ) -> Iterator[Raw]:
        def ask(body: Mapping[str, Any]) -> dict[str, Any]:
            return self._call("POST", SEARCH, "search its projects", body)

        pages = {"page_size": self._page_size, "most_pages": MOST_PAGES}
        return search(ask, blueprint_ids, problems, filters, signoffs=signoffs, **pages)

    def _call(self, method: str, path: str, doing: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with api_errors(doing=doing, server=GOVERN):
            answer = self.client._perform_json(method, path, body=body)
        if not isinstance(answer, dict):
            raise ConnectionFailed(GOVERN.not_its_answer)
        return answer
