"""The bundles and model versions that a Govern node governs, joined with the items of DSS that they stand for.

Nothing here asks the node. People may edit what Govern keeps of a governed bundle, but not what DSS tells Govern of its
own: so an item is named by the latter, and where the two do not point at each other, one to one, nothing is taken.

Source: the blueprints of bundles and of governed model versions, and the fields `govern_bundles`, `govern_models`,
`govern_model_versions`, `dataiku_item`, `dataiku_project` and `governed_by` are public. The blueprint by which Govern
knows versions of saved models, and the fields that tell the ids of a bundle and of a version, are not: what they do not
tell as assumed is told as a problem, and never guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from govern_mirror.artifact import ITEMS
from govern_mirror.errors import InputError
from govern_mirror.govern_node.connection import Raw, fields_of, ids_in, name_of
from govern_mirror.govern_node.survey import GovernSurvey
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.nested import text_at

GOVERN_BUNDLE = "bp.system.govern_bundle"
GOVERN_MODEL = "bp.system.govern_model"
GOVERN_MODEL_VERSION = "bp.system.govern_model_version"
DATAIKU_BUNDLE = "bp.system.dataiku_bundle"
DATAIKU_MODEL_VERSION = "bp.system.dataiku_saved_model_version"

ITEM_BLUEPRINTS = (GOVERN_BUNDLE, GOVERN_MODEL, GOVERN_MODEL_VERSION, DATAIKU_BUNDLE, DATAIKU_MODEL_VERSION)
_GOVERNED = {GOVERN_BUNDLE: DATAIKU_BUNDLE, GOVERN_MODEL_VERSION: DATAIKU_MODEL_VERSION}
"""What is governed by what."""


@dataclass(frozen=True)
class ItemArtifacts:
    """What a search shows of items.

    Attributes:
        by_blueprint: the artifacts that are not archived, by their blueprint.
        signoffs: what it shows of the sign-offs of an artifact, by its id; it may show none where there are some.
    """

    by_blueprint: Mapping[str, Sequence[Raw]]
    signoffs: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteItem:
    """An item of DSS that Govern governs.

    Attributes:
        address: where it stands in DSS. Whether a version is one of a model or of an agent Govern need not tell: here
            it is named as a model's.
        artifact_id: of what governs it.
        shown: what the search showed of its sign-offs; None when it showed none.
    """

    address: Address
    artifact_id: str
    shown: object = None


@dataclass(frozen=True)
class ItemProblem:
    """Why nothing is taken of what Govern governs.

    Attributes:
        project_key: the DSS project, where that is known.
        message: why, without the names that Govern has.
    """

    project_key: str | None
    message: str


def linked_items(
    artifacts: ItemArtifacts, survey: GovernSurvey, node_id: str | None
) -> tuple[list[RemoteItem], list[ItemProblem]]:
    """Join what Govern governs with the items of one DSS node.

    Args:
        artifacts: as the search showed them.
        survey: the Govern projects, and the DSS projects under them.
        node_id: the DSS node.
    """
    parents = _parents(artifacts, survey)
    dataiku_items = {
        raw["id"]: (blueprint, raw) for blueprint in _GOVERNED.values() for raw in _of(artifacts, blueprint)
    }
    projects = {ref.artifact_id: ref for ref in survey.known if ref.node_id == node_id}
    others = {ref.artifact_id for ref in survey.known} - projects.keys()
    counts = Counter(address for blueprint, raw in dataiku_items.values() if (address := _address(blueprint, raw)))
    items, problems = [], []
    for blueprint, dataiku_blueprint in _GOVERNED.items():
        for raw in _of(artifacts, blueprint):
            names = ids_in(fields_of(raw).get(ITEMS))
            kind, item = dataiku_items.get(names[0], (None, None)) if len(names) == 1 else (None, None)
            if item is None or kind != dataiku_blueprint:
                why = "stands for no item of DSS, or for several, that Govern tells"
                problems.append(ItemProblem(None, f"a governed item {why}: nothing of its sign-off is taken"))
                continue
            owner = text_at(fields_of(item), "dataiku_project")
            if owner in others:
                continue  # of another instance
            ref = projects.get(owner or "")
            address = _address(dataiku_blueprint, item)
            if ref is None or address is None or address.project_key != ref.project_key or ref.automation:
                message = "a governed item does not tell its project or ids as DSS does: nothing is taken of it"
                problems.append(ItemProblem(ref.project_key if ref else None, message))
                continue
            project = survey.by_dss(node_id, ref.project_key)
            fault = _fault(raw, item, parents, project.id if project else None, counts[address])
            if fault:
                problems.append(ItemProblem(ref.project_key, f"{address}: {fault}: nothing is taken of its sign-off"))
            else:
                items.append(RemoteItem(address, raw["id"], artifacts.signoffs.get(raw["id"])))
    return items, problems


def _fault(raw: Raw, item: Raw, parents: Mapping[str, set[str]], project: str | None, times: int) -> str | None:
    """Why what governs an item and the item do not belong together; None when they do."""
    if ids_in(fields_of(item).get("governed_by")) != [raw["id"]]:
        return "what DSS told Govern of it names another governor than Govern itself does"
    if times > 1:
        return "Govern knows it twice"
    if project is None:
        return "its project is not governed in Govern, or by several"
    if parents.get(raw["id"]) != {project}:
        return "it is not under the Govern project of its DSS project"
    return None


def _parents(artifacts: ItemArtifacts, survey: GovernSurvey) -> dict[str, set[str]]:
    """The ids of the Govern projects that list a governed bundle or version, by its id."""
    models = {raw["id"]: ids_in(fields_of(raw).get("govern_model_versions")) for raw in _of(artifacts, GOVERN_MODEL)}
    parents: dict[str, set[str]] = defaultdict(set)
    for project in survey.projects:
        fields = fields_of(project.raw)
        items = ids_in(fields.get("govern_bundles"))
        for model in ids_in(fields.get("govern_models")):
            items += models.get(model, [])
        for id_ in items:
            parents[id_].add(project.id)
    return parents


def _of(artifacts: ItemArtifacts, blueprint: str) -> Sequence[Raw]:
    return artifacts.by_blueprint.get(blueprint, ())


def _address(blueprint: str, raw: Raw) -> Address | None:
    """The address of what an artifact of DSS's own tells; None when it tells none."""
    fields = fields_of(raw)
    key = text_at(fields, "project_key")
    ids: list[str | None]
    if blueprint == DATAIKU_BUNDLE:
        kind, ids = ItemKind.BUNDLE, [text_at(fields, "bundle_id") or name_of(raw)]
    else:
        kind, ids = ItemKind.MODEL_VERSION, [text_at(fields, "saved_model_id"), text_at(fields, "version_id")]
    try:
        return parse_address("/".join((key or "", kind.value, *(id_ or "" for id_ in ids))))
    except InputError:
        return None
