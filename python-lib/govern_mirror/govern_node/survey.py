"""All that a Govern node says of its projects, at one time: `GovernSurvey`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from govern_mirror.artifact import ArtifactProject, Template


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
