"""What was read of a node joined into the parts of a survey; nothing here asks the node."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from govern_mirror.artifact import ITEMS, ArtifactProject, Template, compared_fields, decode_artifact
from govern_mirror.errors import GovernMirrorError
from govern_mirror.govern_node.raw import Raw, fields_of, ids_in, name_of, version_of
from govern_mirror.govern_node.survey import DssRef, Fault, Initiatives, SurveyProblem
from govern_mirror.model.blueprint import Blueprint


def by_blueprint(
    artifacts: Iterable[Raw], blueprint_ids: Iterable[str], problems: list[SurveyProblem]
) -> dict[str, list[Raw]]:
    """The artifacts that are not archived, by their blueprint; a list, maybe empty, for each that is asked for."""
    found: dict[str, list[Raw]] = {blueprint_id: [] for blueprint_id in blueprint_ids}
    for raw in artifacts:
        blueprint_id, _ = version_of(raw)
        if blueprint_id is None:
            message = "an artifact does not tell its blueprint version: it is left out"
            problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.UNREADABLE, message))
        elif blueprint_id in found and raw.get("archived") is not True:
            found[blueprint_id].append(raw)
    return found


def referred_blueprints(templates: Iterable[Template | GovernMirrorError], blueprint: Blueprint) -> set[str]:
    """The blueprints that our reference fields refer to."""
    return {
        blueprint_id
        for template in templates
        if isinstance(template, Template)
        for each in compared_fields(template.resolved(blueprint))
        if (definition := template.fields.get(each.govern or "")) and definition.type == "REFERENCE"
        for blueprint_id in definition.blueprints
    }


def decoded_projects(
    found: Iterable[Raw],
    templates: Mapping[tuple[str, str], Template | GovernMirrorError],
    initiatives: Initiatives,
    blueprint: Blueprint,
    problems: list[SurveyProblem],
) -> Iterator[ArtifactProject]:
    """The Govern projects; one whose template could not be read is a problem instead."""
    for raw in found:
        blueprint_id, version_id = version_of(raw)
        template = templates.get((blueprint_id or "", version_id or ""))
        if isinstance(template, Template):
            yield decode_artifact(raw, template, initiatives.names, blueprint=blueprint)
            continue
        why = template or "it does not tell which"
        message = f"the template of this Govern project cannot be read, so it is left out: {why}"
        problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.UNREADABLE, message))


def dss_refs(found: Iterable[Raw], governing: Iterable[Raw], problems: list[SurveyProblem]) -> list[DssRef]:
    """The DSS projects that Govern knows. Both ends tell what governs what; one is enough."""
    listed: dict[str, set[str]] = defaultdict(set)
    for raw in governing:
        for item in ids_in(fields_of(raw).get(ITEMS)):
            listed[item].add(raw["id"])
    refs = []
    for raw in found:
        fields = fields_of(raw)
        node_id, key = fields.get("node_id"), fields.get("project_key")
        if not (isinstance(node_id, str) and node_id and isinstance(key, str) and key):
            message = "Govern's artifact of a DSS project tells no node id or no project key: it is left out"
            problems.append(SurveyProblem(raw["id"], name_of(raw), Fault.NO_PROJECT, message))
            continue
        original_node, original_key = fields.get("original_node_id"), fields.get("original_project_key")
        ref = DssRef(
            raw["id"],
            node_id,
            key,
            automation=fields.get("automation_node") is True,
            original_node_id=original_node if isinstance(original_node, str) else None,
            original_project_key=original_key if isinstance(original_key, str) else None,
            governed_by=tuple(sorted(listed[raw["id"]] | set(ids_in(fields.get("governed_by"))))),
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
        unknown = [item for item in ids_in(fields_of(project.raw).get(ITEMS)) if item not in known]
        if unknown:
            message = f"{project.name} lists {', '.join(unknown)}: not a DSS project that Govern knows"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
        elif not joined[project.id] and project.id not in disputed:
            message = f"the Govern project {project.name} has no DSS project: there is nothing to keep in step"
            problems.append(SurveyProblem(project.id, project.name, Fault.NO_PROJECT, message))
    return joined
