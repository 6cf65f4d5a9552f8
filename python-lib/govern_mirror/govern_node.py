"""The one place that talks to a Govern node: `connect_govern()` and `GovernNode`.

Reading is by searches in large pages, so that the number of requests grows with pages and not with projects.
Writing follows the doctrine of `dss.store`: read, change, write, read back; a PUT or POST whose answer did not
arrive is never repeated blindly, a read tells first whether it landed.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any, TypeAlias

import dataikuapi

from govern_mirror.artifact import (
    ITEMS,
    ArtifactProject,
    Template,
    compared_fields,
    content,
    decode_artifact,
    governed_content,
    template_from,
)
from govern_mirror.blueprint import STANDARD, Blueprint, clipped
from govern_mirror.dss.client import TIMEOUT, Server, prepared, translated
from govern_mirror.errors import ConflictError, ConnectionFailed, GovernMirrorError, InputError, NotFound

DATAIKU_PROJECT = "bp.system.dataiku_project"
"""The blueprint of the artifacts by which Govern knows DSS projects (gp)."""

BUSINESS_INITIATIVE = "bp.system.business_initiative"
"""Govern's own blueprint of business initiatives; a forked template may refer to others as well."""

PAGE = 1000
"""Artifacts a page, as Dataiku's own plugin asks for (gp)."""

MOST_PAGES = 1000
"""A search that goes on for longer than this never ends: a million artifacts at full pages."""

TRIES = 3
"""How often a write starts again when its answer is doubtful, or someone else wrote in between."""

GOVERN = Server("Govern", "--govern-url or DKU_GOVERN_URL", "--govern-api-key or DKU_GOVERN_API_KEY")

GovernClient: TypeAlias = dataikuapi.GovernClient
GovernClientFactory: TypeAlias = Callable[[], GovernClient]
"""Makes a client; `GovernNode` calls it once a thread."""

Raw: TypeAlias = dict[str, Any]
"""An artifact as Govern answers it."""

_SEARCH = "/artifacts/search"
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class GovernInstance:
    """The address of a Govern node and how to reach it.

    Attributes:
        url: where it answers, such as `https://govern.example.com`.
        api_key: never printed.
        check_certificate: whether TLS certificates are checked.
    """

    url: str
    api_key: str = field(repr=False)
    check_certificate: bool = True


def connect_govern(instance: GovernInstance, timeout: tuple[float, float] = TIMEOUT) -> GovernClientFactory:
    """Return a function that makes clients of a Govern node; `GovernNode` calls it once a thread.

    Args:
        instance: the node.
        timeout: seconds to connect, and to wait for an answer.
    """

    def client() -> GovernClient:
        made = GovernClient(
            # the client joins host and path as they are
            instance.url.strip().rstrip("/"),
            api_key=instance.api_key,
            no_check_certificate=not instance.check_certificate,
        )
        return prepared(made, timeout, reading_posts=[_SEARCH])

    return client


@dataclass(frozen=True)
class DssRef:
    """A DSS project as Govern knows it.

    Attributes:
        artifact_id: of its artifact, which a Govern project lists.
        node_id, project_key: where it is.
        automation: whether it is on an automation node: such a project is never written.
        original_node_id, original_project_key: for one on an automation node, the project it was deployed from.
        governed_by: ids of the Govern projects that it is under, as either end tells, also of those that a survey
            leaves out (archived ones, ones whose template cannot be read). None must be created for it then.
    """

    artifact_id: str
    node_id: str
    project_key: str
    automation: bool = False
    original_node_id: str | None = None
    original_project_key: str | None = None
    governed_by: tuple[str, ...] = ()

    @property
    def original(self) -> tuple[str, str] | None:
        """Node id and project key of the project it was deployed from, if Govern tells both."""
        if self.automation and self.original_node_id and self.original_project_key:
            return self.original_node_id, self.original_project_key
        return None


class Fault(str, Enum):
    """What is wrong with something that a survey found."""

    UNREADABLE = "unreadable"
    NO_PROJECT = "no-project"
    TWICE = "twice"


@dataclass(frozen=True)
class SurveyProblem:
    """Something in Govern that is not as it should be; the rest of the survey stands.

    Attributes:
        artifact_id: the artifact it is about; empty when it tells no id.
        name: the artifact's name.
        fault: unreadable; points to no DSS project; or is pointed to, or points, twice.
        message: what it means and what to do.
    """

    artifact_id: str
    name: str
    fault: Fault
    message: str


@dataclass(frozen=True)
class Initiatives:
    """The business initiatives of a node.

    Attributes:
        names: name by artifact id.
        ids: artifact id by name; a name that several of them have is ambiguous and not here.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def named(cls, names: Mapping[str, str]) -> Initiatives:
        """Of names by artifact id."""
        holders: dict[str, list[str]] = defaultdict(list)
        for artifact_id, name in names.items():
            holders[name].append(artifact_id)
        return cls(dict(names), {name: ids[0] for name, ids in holders.items() if len(ids) == 1})


@dataclass(frozen=True)
class GovernSurvey:
    """All that a Govern node says of its projects, at one time.

    Attributes:
        projects: every Govern project that is not archived, in Govern's order; each keeps its `raw` artifact.
        dss_projects: the DSS projects under each, by the Govern project's artifact id; never missing, may be
            empty. Projects on automation nodes are among them, also those that only their original is governed of.
        known: every DSS project that Govern knows, governed or not.
        initiatives: the business initiatives.
        templates: the blueprint versions of the projects, by blueprint id and version id.
        problems: what is not as it should be.
    """

    projects: Sequence[ArtifactProject]
    dss_projects: Mapping[str, Sequence[DssRef]]
    known: Sequence[DssRef]
    initiatives: Initiatives
    templates: Mapping[tuple[str, str], Template]
    problems: Sequence[SurveyProblem] = ()

    def by_dss(self, node_id: str | None, project_key: str) -> ArtifactProject | None:
        """The Govern project of a DSS project.

        A project that Govern knows only as the original of one on an automation node is found through that one.

        Returns:
            None when Govern does not govern it, when it is not clear which Govern project does (then a problem
            says so), or when the node id is not known.
        """
        return self._by_dss.get((node_id, project_key)) or self._by_original.get((node_id, project_key))

    def ref(self, node_id: str | None, project_key: str) -> DssRef | None:
        """The DSS project as Govern knows it, governed or not; None when it does not, or knows it twice."""
        found = self._refs.get((node_id, project_key), [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _refs(self) -> dict[tuple[str | None, str], list[DssRef]]:
        refs: dict[tuple[str | None, str], list[DssRef]] = defaultdict(list)
        for ref in self.known:
            refs[ref.node_id, ref.project_key].append(ref)
        return dict(refs)

    @cached_property
    def _by_dss(self) -> dict[tuple[str | None, str], ArtifactProject]:
        return {
            (ref.node_id, ref.project_key): project
            for project in self.projects
            for ref in self.dss_projects[project.id]
        }

    @cached_property
    def _by_original(self) -> dict[tuple[str | None, str], ArtifactProject]:
        """Only originals that Govern does not know as projects of their own."""
        found: dict[tuple[str | None, str], list[ArtifactProject]] = defaultdict(list)
        for project in self.projects:
            for original in {ref.original for ref in self.dss_projects[project.id]} - {None}:
                if original is not None and original not in self._refs:
                    found[original].append(project)
        return {original: projects[0] for original, projects in found.items() if len(projects) == 1}


class GovernNode:
    """A Govern node: its governed projects, read in bulk and written safely.

    Args:
        clients: makes a client; called once a thread.
        blueprint: ours; its id says which blueprint governed projects have in Govern.
        page_size: artifacts a page of a search.
    """

    def __init__(self, clients: GovernClientFactory, blueprint: Blueprint = STANDARD, page_size: int = PAGE) -> None:
        self._clients = clients
        self._local = threading.local()
        self._node: tuple[str | None] | None = None
        self._page_size = page_size
        self.blueprint = blueprint

    @property
    def client(self) -> GovernClient:
        """This thread's client."""
        if not hasattr(self._local, "client"):
            self._local.client = self._clients()
        return self._local.client

    @property
    def node_id(self) -> str | None:
        """The node's id; None when it tells none.

        Raises:
            ConnectionFailed: it tells that it is another kind of node, such as DSS.
            GovernMirrorError: as `translated` says.
        """
        if self._node is None:
            try:
                info = self._call("GET", "/instance-info", "read the instance's information")
            except NotFound:
                info = {}  # a version that does not tell
            kind, found = info.get("nodeType"), info.get("nodeId")
            if isinstance(kind, str) and kind.upper() != "GOVERN":
                raise ConnectionFailed(
                    f"this is a {clipped(kind)} node, not a Govern node: give the address of Govern with "
                    f"{GOVERN.address}"
                )
            self._node = (found if isinstance(found, str) and found else None,)
        return self._node[0]

    # reading ------------------------------------------------------------------------------------------------

    def survey(self) -> GovernSurvey:
        """Read all governed projects, the DSS projects under them, and the business initiatives.

        One search finds all three in pages, one request reads each blueprint version; templates that refer to
        initiatives of other blueprints than Govern's own cost one more search.

        Raises:
            ConnectionFailed: a page repeats or the search never ends, or as `translated` says.
            GovernMirrorError: as `translated` says; a single item that cannot be read is a problem instead.
        """
        problems: list[SurveyProblem] = []
        searched = {self.blueprint.id, DATAIKU_PROJECT, BUSINESS_INITIATIVE}
        found = self._by_blueprint(searched, problems)
        templates = self._templates(found[self.blueprint.id])
        referred = {BUSINESS_INITIATIVE} | self._referred(templates.values())
        if referred - searched:
            found |= self._by_blueprint(referred - searched, problems)
        names = {raw["id"]: name for bp in sorted(referred) for raw in found.get(bp, ()) if (name := _name(raw))}
        initiatives = Initiatives.named(names)
        projects = list(self._decoded(found[self.blueprint.id], templates, initiatives, problems))
        refs = _dss_refs(found[DATAIKU_PROJECT], found[self.blueprint.id], problems)
        readable = {ids: template for ids, template in templates.items() if isinstance(template, Template)}
        joined = _joined(projects, refs, problems)
        return GovernSurvey(projects, joined, refs, initiatives, readable, problems)

    def template(self, blueprint_id: str, version_id: str) -> Template:
        """Read one blueprint version, e.g. to create a project of it.

        Raises:
            NotFound: there is none of these ids.
            GovernMirrorError: as `translated` says.
        """
        path = f"/blueprint/{_checked(blueprint_id)}/version/{_checked(version_id)}"
        answer = self._call("GET", path, f"read the template {version_id}")
        return template_from(_inside(answer, "blueprintVersion"), blueprint_id, version_id)

    def read(self, artifact_id: str) -> Raw:
        """Read one artifact as it is.

        Raises:
            NotFound: it does not exist any more, or the key may not read it.
            GovernMirrorError: as `translated` says.
        """
        return _inside(self._call("GET", f"/artifact/{_checked(artifact_id)}", f"read {artifact_id}"), "artifact")

    # writing ------------------------------------------------------------------------------------------------

    def save(
        self, artifact_id: str, change: Callable[[Raw], Mapping[str, Any]], expected: Mapping[str, Any] | None = None
    ) -> Raw:
        """Change one artifact safely: read, change, write, read back.

        Govern's PUT replaces the whole artifact and knows no versions, so the change is made on what was read just
        before. A PUT is never repeated blindly: after a doubtful answer a read tells whether it landed.

        Args:
            artifact_id: the artifact.
            change: a pure function from the artifact to the one to be; it must not alter its argument, and is
                called again when a write has to start anew. Returning an equal artifact writes nothing.
            expected: the artifact as it was when the change was decided, if it was decided before: then nothing is
                written when what sync compares has changed since.

        Returns:
            The artifact as it is afterwards.

        Raises:
            ConflictError: it changed since `expected`, or Govern does not hold what was written.
            NotFound: it was deleted meanwhile.
            ConnectionFailed: it is not known whether the write landed, or as `translated` says.
            GovernMirrorError: what `change` raises, and as `translated` says.
        """
        doubt: ConnectionFailed | None = None
        for _ in range(TRIES):
            first = self.read(artifact_id)
            self._require_unmoved(artifact_id, first, expected)
            body = change(first)
            if body == first:
                return first
            try:
                self._call("PUT", f"/artifact/{_checked(artifact_id)}", f"write {artifact_id}", dict(body))
            except ConnectionFailed as error:
                found = self._after_doubt(artifact_id, error)
                if not self._not_held(first, body, found):
                    return found
                doubt = error
                continue
            found = self.read(artifact_id)
            missing = self._not_held(first, body, found)
            if missing:
                raise ConflictError(
                    f"{artifact_id}: Govern accepted the change but does not hold {', '.join(missing)} as written: "
                    "someone else wrote it at the same moment, or a rule of its template changed it; look at it in "
                    "Govern and try again"
                )
            return found
        raise doubt or ConnectionFailed(f"{artifact_id} could not be written")

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
            GovernMirrorError: as `translated` says.
        """
        items = _ids(definition["fields"].get(ITEMS))
        if not items:
            raise InputError(f"{definition.get('name')}: a Govern project is created for at least one DSS project")
        for item in items:
            governor = _fields(self.read(item)).get("governed_by")
            if governor:
                raise ConflictError(
                    f"{item} is governed by {clipped(governor)} already: someone was faster; compare again"
                )
        doubt: ConnectionFailed | None = None
        for _ in range(TRIES):
            try:
                made = self._call("POST", "/artifacts", "create a Govern project", dict(definition)).get("artifactId")
            except ConnectionFailed as error:
                made, doubt = self._created(definition), error
            if isinstance(made, str) and made:
                return made
        raise doubt or ConnectionFailed(GOVERN.not_its_answer)

    def _require_unmoved(self, artifact_id: str, found: Raw, expected: Mapping[str, Any] | None) -> None:
        if expected is None:
            return
        now, then = governed_content(found, self.blueprint), governed_content(expected, self.blueprint)
        moved = sorted(key for key in {**now, **then} if now.get(key) != then.get(key))
        if moved:
            raise ConflictError(
                f"{artifact_id}: {', '.join(moved)} changed in Govern since it was compared; nothing was written, "
                "compare again"
            )

    def _after_doubt(self, artifact_id: str, error: ConnectionFailed) -> Raw:
        try:
            return self.read(artifact_id)
        except ConnectionFailed as unread:
            raise ConnectionFailed(
                f"{artifact_id}: it is not known whether the change was written, since Govern does not answer any "
                f"more; run it again, which looks first ({error})"
            ) from unread

    def _not_held(self, first: Mapping[str, Any], body: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
        """What of a change is not in what was found; a change of another value by someone else does not count."""
        was, ours, theirs = (content(each, self.blueprint) for each in (first, body, found))
        return sorted(key for key in {**was, **ours} if was.get(key) != ours.get(key) != theirs.get(key))

    def _created(self, definition: Mapping[str, Any]) -> str | None:
        """The Govern project that a doubtful POST made, found by its name and its DSS projects."""
        name, items = definition.get("name"), set(_ids(definition["fields"].get(ITEMS)))
        same_name = {"type": "field", "conditionType": "EQUALS", "condition": name, "caseSensitive": True}
        for raw in self._search([self.blueprint.id], [], [same_name]):
            if raw.get("name") == name and set(_ids(_fields(raw).get(ITEMS))) == items:
                return str(raw["id"])
        return None

    # the parts of a survey -----------------------------------------------------------------------------------

    def _by_blueprint(self, blueprint_ids: Iterable[str], problems: list[SurveyProblem]) -> dict[str, list[Raw]]:
        wanted = sorted(blueprint_ids)
        found: dict[str, list[Raw]] = {blueprint_id: [] for blueprint_id in wanted}
        for raw in self._search(wanted, problems):
            blueprint_id, _ = _version(raw)
            if blueprint_id is None:
                message = "an artifact does not tell its blueprint version: it is left out"
                problems.append(SurveyProblem(raw["id"], _name(raw), Fault.UNREADABLE, message))
            elif blueprint_id in found and raw.get("archived") is not True:
                found[blueprint_id].append(raw)
        return found

    def _templates(self, projects: Iterable[Raw]) -> dict[tuple[str, str], Template | GovernMirrorError]:
        """Each distinct blueprint version once; for one that cannot be read, why."""
        templates: dict[tuple[str, str], Template | GovernMirrorError] = {}
        for raw in projects:
            blueprint_id, version_id = _version(raw)
            if blueprint_id is None or version_id is None or (blueprint_id, version_id) in templates:
                continue
            try:
                templates[blueprint_id, version_id] = self.template(blueprint_id, version_id)
            except ConnectionFailed:
                raise
            except GovernMirrorError as error:
                templates[blueprint_id, version_id] = error
        return templates

    def _referred(self, templates: Iterable[Template | GovernMirrorError]) -> set[str]:
        """The blueprints that our reference fields refer to."""
        ours = [each.govern or "" for each in compared_fields(self.blueprint)]
        return {
            blueprint_id
            for template in templates
            if isinstance(template, Template)
            for name in ours
            if (definition := template.fields.get(name)) and definition.type == "REFERENCE"
            for blueprint_id in definition.blueprints
        }

    def _decoded(
        self,
        found: Iterable[Raw],
        templates: Mapping[tuple[str, str], Template | GovernMirrorError],
        initiatives: Initiatives,
        problems: list[SurveyProblem],
    ) -> Iterator[ArtifactProject]:
        for raw in found:
            blueprint_id, version_id = _version(raw)
            template = templates.get((blueprint_id or "", version_id or ""))
            if isinstance(template, Template):
                yield decode_artifact(raw, template, initiatives.names, blueprint=self.blueprint)
                continue
            why = template or "it does not tell which"
            message = f"the template of this Govern project cannot be read, so it is left out: {why}"
            problems.append(SurveyProblem(raw["id"], _name(raw), Fault.UNREADABLE, message))

    def _search(
        self,
        blueprint_ids: Sequence[str],
        problems: list[SurveyProblem],
        filters: Iterable[Mapping[str, Any]] = (),
    ) -> Iterator[Raw]:
        """Every artifact that is not archived and has one of the blueprints, each once, page by page."""
        body: dict[str, Any] = {
            "artifactSearchSource": {"type": "all"},
            "artifactFilters": [
                {"type": "blueprints", "blueprintIds": list(blueprint_ids)},
                {"type": "archived", "isArchived": False},
                *filters,
            ],
        }
        seen: set[str] = set()
        last: str | None = None
        for _ in range(MOST_PAGES):
            body["artifactSearchPagination"] = {"pageSize": self._page_size, "lastArtifactId": last}
            answer = self._call("POST", _SEARCH, "search its projects", body)
            hits, more = answer.get("uiArtifacts"), answer.get("hasNextPage")
            if not isinstance(hits, list) or not isinstance(more, bool):
                raise ConnectionFailed(GOVERN.not_its_answer)
            artifacts = list(_artifacts(hits, problems))
            fresh = {raw["id"]: raw for raw in artifacts if raw["id"] not in seen}
            if not fresh and (more or artifacts):
                raise ConnectionFailed(
                    "Govern's search repeats itself: a page shows only artifacts that earlier ones did, or none, and "
                    "yet more are said to follow; nothing was compared, try again and look at the Govern node"
                )
            yield from fresh.values()
            if not more:
                return
            seen |= fresh.keys()
            last = artifacts[-1]["id"]
        raise ConnectionFailed(
            f"Govern's search does not end: {MOST_PAGES} pages and still more are said to follow; nothing was "
            "compared, look at the Govern node"
        )

    def _call(self, method: str, path: str, doing: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        with translated(doing=doing, server=GOVERN):
            answer = self.client._perform_json(method, path, body=body)
        if not isinstance(answer, dict):
            raise ConnectionFailed(GOVERN.not_its_answer)
        return answer


def _artifacts(hits: Iterable[object], problems: list[SurveyProblem]) -> Iterator[Raw]:
    """The artifacts on a page; an item that is none, or tells no id, is a problem."""
    for hit in hits:
        raw = hit.get("artifact") if isinstance(hit, Mapping) else None
        if isinstance(raw, dict) and isinstance(raw.get("id"), str) and _ID.fullmatch(raw["id"]):
            yield raw
        else:
            message = f"the search shows something that is not an artifact with an id: {clipped(hit)}"
            problems.append(SurveyProblem("", _name(raw), Fault.UNREADABLE, message))


def _dss_refs(found: Iterable[Raw], governing: Iterable[Raw], problems: list[SurveyProblem]) -> list[DssRef]:
    """The DSS projects that Govern knows. Both ends tell what governs what; one is enough."""
    listed: dict[str, set[str]] = defaultdict(set)
    for raw in governing:
        for item in _ids(_fields(raw).get(ITEMS)):
            listed[item].add(raw["id"])
    refs = []
    for raw in found:
        fields = _fields(raw)
        node_id, key = fields.get("node_id"), fields.get("project_key")
        if not (isinstance(node_id, str) and node_id and isinstance(key, str) and key):
            message = "Govern's artifact of a DSS project tells no node id or no project key: it is left out"
            problems.append(SurveyProblem(raw["id"], _name(raw), Fault.NO_PROJECT, message))
            continue
        original_node, original_key = fields.get("original_node_id"), fields.get("original_project_key")
        ref = DssRef(
            raw["id"],
            node_id,
            key,
            automation=fields.get("automation_node") is True,
            original_node_id=original_node if isinstance(original_node, str) else None,
            original_project_key=original_key if isinstance(original_key, str) else None,
            governed_by=tuple(sorted(listed[raw["id"]] | set(_ids(fields.get("governed_by"))))),
        )
        refs.append(ref)
    return refs


def _joined(
    projects: Sequence[ArtifactProject], refs: Sequence[DssRef], problems: list[SurveyProblem]
) -> dict[str, list[DssRef]]:
    """The DSS projects under each Govern project; one that is under several is under none until Govern has one."""
    names = {project.id: project.name for project in projects}
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ref in refs:
        owners[ref.node_id, ref.project_key] |= {governor for governor in ref.governed_by if governor in names}
    joined: dict[str, list[DssRef]] = {project.id: [] for project in projects}
    placed: set[tuple[str, str]] = set()
    disputed: set[str] = set()
    for ref in refs:
        place = ref.node_id, ref.project_key
        governors = owners[place]
        if not governors and ref.original:
            governors = owners.get(ref.original, set())  # an automation node's project goes with its original
        if len(governors) > 1:
            disputed |= governors
            shown = ", ".join(f"{names[governor]} ({governor})" for governor in sorted(governors))
            message = (
                f"the DSS project {ref.project_key} of {ref.node_id} is under several Govern projects ({shown}): it "
                "is left alone until Govern has one"
            )
            problems.append(SurveyProblem(ref.artifact_id, ref.project_key, Fault.TWICE, message))
        elif governors and place in placed:
            message = f"Govern knows the DSS project {ref.project_key} of {ref.node_id} by several artifacts"
            problems.append(SurveyProblem(ref.artifact_id, ref.project_key, Fault.TWICE, message))
        elif governors:
            placed.add(place)
            joined[next(iter(governors))].append(ref)
    known = {ref.artifact_id for ref in refs}
    for project in projects:
        unknown = [item for item in _ids(_fields(project.raw).get(ITEMS)) if item not in known]
        if unknown:
            message = f"{project.name} lists {', '.join(unknown)}: not a DSS project that Govern knows"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
        elif not joined[project.id] and project.id not in disputed:
            message = f"the Govern project {project.name} has no DSS project: there is nothing to keep in step"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
    return joined


def _version(raw: Mapping[str, Any]) -> tuple[str | None, str | None]:
    ids = raw.get("blueprintVersionId")
    if not isinstance(ids, Mapping):
        return None, None
    blueprint_id, version_id = ids.get("blueprintId"), ids.get("versionId")
    return (
        blueprint_id if isinstance(blueprint_id, str) else None,
        version_id if isinstance(version_id, str) else None,
    )


def _fields(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = raw.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def _name(raw: object) -> str:
    name = raw.get("name") if isinstance(raw, Mapping) else None
    return name if isinstance(name, str) else ""


def _ids(raw: object) -> list[str]:
    """The artifact ids in a reference field, list or not."""
    return [each for each in (raw if isinstance(raw, list) else [raw]) if isinstance(each, str) and each]


def _inside(answer: Mapping[str, Any], key: str) -> Raw:
    found = answer.get(key)
    if not isinstance(found, dict):
        raise ConnectionFailed(GOVERN.not_its_answer)
    return found


def _checked(id_: str) -> str:
    """An id that is safe in a path, since the client does not quote it."""
    if not _ID.fullmatch(id_):
        raise InputError(f"{clipped(id_)!r} is not an id of Govern's")
    return id_
