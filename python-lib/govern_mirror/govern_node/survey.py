"""All that a Govern node says of its projects, at one time: `GovernSurvey`, and how it is read and joined.

Nothing here asks the node: whoever searches hands in how.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

from govern_mirror.artifact import ITEMS, ArtifactProject, Template, compared_fields, decode_artifact
from govern_mirror.errors import ConnectionFailed, GovernMirrorError
from govern_mirror.govern_node.connection import GOVERN, ID, Raw, fields_of, ids_in, name_of, version_of
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.nested import text_at
from govern_mirror.text import clipped


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
    """

    names: Mapping[str, str]

    @cached_property
    def ids(self) -> dict[str, str]:
        """Artifact id by name; a name that several of them have is ambiguous and not here."""
        holders = Counter(self.names.values())
        return {name: artifact_id for artifact_id, name in self.names.items() if holders[name] == 1}


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
        signoffs: what the search showed of the sign-offs of an artifact, by its id, as Govern wrote it; it may show
            none where there are some.
    """

    projects: Sequence[ArtifactProject]
    dss_projects: Mapping[str, Sequence[DssRef]]
    known: Sequence[DssRef]
    initiatives: Initiatives
    templates: Mapping[tuple[str, str], Template]
    problems: Sequence[SurveyProblem] = ()
    signoffs: Mapping[str, object] = field(default_factory=dict)

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
        refs = self._refs.get((node_id, project_key), [])
        return refs[0] if len(refs) == 1 else None

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
        by_original: dict[tuple[str | None, str], list[ArtifactProject]] = defaultdict(list)
        for project in self.projects:
            for original in {ref.original for ref in self.dss_projects[project.id]} - {None}:
                if original is not None and original not in self._refs:
                    by_original[original].append(project)
        return {original: projects[0] for original, projects in by_original.items() if len(projects) == 1}


def search(
    ask: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    blueprint_ids: Sequence[str],
    problems: list[SurveyProblem],
    filters: Iterable[Mapping[str, Any]] = (),
    *,
    page_size: int,
    most_pages: int,
    signoffs: dict[str, object] | None = None,
) -> Iterator[Raw]:
    """Every artifact that is not archived and has one of the blueprints, each once, page by page.

    Args:
        ask: sends the body of a search, and returns Govern's answer.
        blueprint_ids: the blueprints.
        problems: takes what is on a page and is not an artifact.
        filters: more of Govern's filters.
        page_size: artifacts a page.
        most_pages: a search that goes on for longer never ends.
        signoffs: takes what the pages show of sign-offs, by artifact id.

    Raises:
        ConnectionFailed: a page repeats, the search never ends, or the answer is not one of a search.
    """
    body: dict[str, Any] = {
        "artifactSearchSource": {"type": "all"},
        "artifactFilters": [
            {"type": "blueprints", "blueprintIds": list(blueprint_ids)},
            {"type": "archived", "isArchived": False},
            *filters,
        ],
    }
    earlier: set[str] = set()
    last: str | None = None
    for _ in range(most_pages):
        body["artifactSearchPagination"] = {"pageSize": page_size, "lastArtifactId": last}
        answer = ask(body)
        hits, more = answer.get("uiArtifacts"), answer.get("hasNextPage")
        if not isinstance(hits, list) or not isinstance(more, bool):
            raise ConnectionFailed(GOVERN.not_its_answer)
        artifacts = list(artifacts_on(hits, problems))
        if signoffs is not None:
            signoffs |= _signoffs_on(hits)
        fresh = {raw["id"]: raw for raw in artifacts if raw["id"] not in earlier}
        if not fresh and (more or artifacts):
            raise ConnectionFailed(
                "Govern's search repeats itself: a page shows only artifacts that earlier ones did, or none, and "
                "yet more are said to follow; nothing was compared, try again and look at the Govern node"
            )
        yield from fresh.values()
        if not more:
            return
        earlier |= fresh.keys()
        last = artifacts[-1]["id"]
    raise ConnectionFailed(
        f"Govern's search does not end: {most_pages} pages and still more are said to follow; nothing was "
        "compared, look at the Govern node"
    )


def artifacts_on(hits: Iterable[object], problems: list[SurveyProblem]) -> Iterator[Raw]:
    """The artifacts on a page; an item that is none, or tells no id, is a problem."""
    for hit in hits:
        raw = hit.get("artifact") if isinstance(hit, Mapping) else None
        if isinstance(raw, dict) and isinstance(raw.get("id"), str) and ID.fullmatch(raw["id"]):
            yield raw
        else:
            message = f"the search shows something that is not an artifact with an id: {clipped(hit)}"
            problems.append(SurveyProblem("", name_of(raw), Fault.UNREADABLE, message))


def _signoffs_on(hits: Iterable[object]) -> dict[str, object]:
    return {
        hit["artifact"]["id"]: hit["signoffs"]
        for hit in hits
        if isinstance(hit, Mapping)
        and hit.get("signoffs") is not None
        and isinstance(hit.get("artifact"), Mapping)
        and isinstance(hit["artifact"].get("id"), str)
    }


def by_blueprint(
    artifacts: Iterable[Raw], blueprint_ids: Iterable[str], problems: list[SurveyProblem]
) -> dict[str, list[Raw]]:
    """The artifacts that are not archived, by their blueprint; a list, maybe empty, for each that is asked for."""
    by_id: dict[str, list[Raw]] = {blueprint_id: [] for blueprint_id in blueprint_ids}
    for raw in artifacts:
        blueprint_id, _ = version_of(raw)
        if blueprint_id is None:
            message = "an artifact does not tell its blueprint version: it is left out"
            problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.UNREADABLE, message))
        elif blueprint_id in by_id and raw.get("archived") is not True:
            by_id[blueprint_id].append(raw)
    return by_id


def referred_blueprints(templates: Iterable[Template | GovernMirrorError], blueprint: Blueprint) -> set[str]:
    """The blueprints that our reference fields refer to."""
    return {
        blueprint_id
        for template in templates
        if isinstance(template, Template)
        for field in compared_fields(template.resolved(blueprint))
        if (definition := template.fields.get(field.govern or "")) and definition.type == "REFERENCE"
        for blueprint_id in definition.blueprints
    }


def decoded_projects(
    artifacts: Iterable[Raw],
    templates: Mapping[tuple[str, str], Template | GovernMirrorError],
    initiatives: Initiatives,
    blueprint: Blueprint,
    problems: list[SurveyProblem],
) -> Iterator[ArtifactProject]:
    """The Govern projects; one whose template could not be read is a problem instead."""
    for raw in artifacts:
        blueprint_id, version_id = version_of(raw)
        template = templates.get((blueprint_id or "", version_id or ""))
        if isinstance(template, Template):
            yield decode_artifact(raw, template, initiatives.names, blueprint=blueprint)
            continue
        why = template or "it does not tell which"
        message = f"the template of this Govern project cannot be read, so it is left out: {why}"
        problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.UNREADABLE, message))


def dss_refs(artifacts: Iterable[Raw], governing: Iterable[Raw], problems: list[SurveyProblem]) -> list[DssRef]:
    """The DSS projects that Govern knows. Both ends tell what governs what; one is enough."""
    governors: dict[str, set[str]] = defaultdict(set)
    for raw in governing:
        for item in ids_in(fields_of(raw).get(ITEMS)):
            governors[item].add(raw["id"])
    refs = []
    for raw in artifacts:
        fields = fields_of(raw)
        node_id, key = text_at(fields, "node_id"), text_at(fields, "project_key")
        if not node_id or not key:
            message = "Govern's artifact of a DSS project tells no node id or no project key: it is left out"
            problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.NO_PROJECT, message))
            continue
        ref = DssRef(
            raw["id"],
            node_id,
            key,
            automation=fields.get("automation_node") is True,
            original_node_id=text_at(fields, "original_node_id"),
            original_project_key=text_at(fields, "original_project_key"),
            governed_by=tuple(sorted(governors[raw["id"]] | set(ids_in(fields.get("governed_by"))))),
        )
        refs.append(ref)
    return refs


def joined_projects(
    projects: Sequence[ArtifactProject], refs: Sequence[DssRef], problems: list[SurveyProblem]
) -> dict[str, list[DssRef]]:
    """The DSS projects under each Govern project; one that is under several is under none until Govern has one."""
    names = {project.id: project.name for project in projects}
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ref in refs:
        owners[ref.node_id, ref.project_key] |= {governor for governor in ref.governed_by if governor in names}
    members: dict[str, list[DssRef]] = {project.id: [] for project in projects}
    places: set[tuple[str, str]] = set()
    disputed: set[str] = set()
    for ref in refs:
        place = ref.node_id, ref.project_key
        governors = owners[place]
        if not governors and ref.original:
            governors = owners.get(ref.original, set())  # an automation node's project goes with its original
        if len(governors) > 1:
            disputed |= governors
            labels = ", ".join(f"{names[governor]} ({governor})" for governor in sorted(governors))
            message = (
                f"the DSS project {ref.project_key} of {ref.node_id} is under several Govern projects ({labels}): it "
                "is left alone until Govern has one"
            )
            problems.append(SurveyProblem(ref.artifact_id, ref.project_key, Fault.TWICE, message))
        elif governors and place in places:
            message = f"Govern knows the DSS project {ref.project_key} of {ref.node_id} by several artifacts"
            problems.append(SurveyProblem(ref.artifact_id, ref.project_key, Fault.TWICE, message))
        elif governors:
            places.add(place)
            members[next(iter(governors))].append(ref)
    known_ids = {ref.artifact_id for ref in refs}
    for project in projects:
        unknown = [item for item in ids_in(fields_of(project.raw).get(ITEMS)) if item not in known_ids]
        if unknown:
            message = f"{project.name} lists {', '.join(unknown)}: not a DSS project that Govern knows"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
        elif not members[project.id] and project.id not in disputed:
            message = f"the Govern project {project.name} has no DSS project: there is nothing to keep in step"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
    return members
