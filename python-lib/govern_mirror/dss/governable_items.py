"""Bundles and saved models of a project, as far as a review needs them: what DSS stamped each with, and who made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from govern_mirror import fast_json
from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors, read_json
from govern_mirror.dss.summary import END_OF_TIME, version_tag
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, NotFound
from govern_mirror.model.event import digest
from govern_mirror.nested import get, text_at
from govern_mirror.times import parse_time

AUGMENTED_LLM = "RETRIEVAL_AUGMENTED_LLM"
AGENT_TYPES = frozenset({"PYTHON_AGENT", "PLUGIN_AGENT", "TOOLS_USING_AGENT", "STRUCTURED_AGENT"})
"""Types of saved models whose versions are edited in place, so that nothing stamps them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Bundle:
    """A bundle of a project.

    Attributes:
        id: unique in the project at a time; before DSS 15 an id could be exported again.
        exported_on: when, in milliseconds since 1970 (UTC); None where DSS does not tell.
        exported_by: a login.
    """

    id: str
    exported_on: int | None
    exported_by: str | None


@dataclass(frozen=True)
class ModelVersion:
    """A version of a saved model, of an agent or of an augmented LLM.

    Attributes:
        model_id, model_name: the saved model.
        id: of the version.
        is_agent: whether it is one of an agent or an augmented LLM.
        is_active: whether it is the one that is used.
        trained_on: when it was trained, in milliseconds since 1970 (UTC); None for agents and where DSS does not tell.
        changed_by: login of who last changed the saved model: whom DSS names in place of who trained it.
        definition: 128 bits over an agent's definition, in hexadecimal; None where it cannot be read.
        changed_on: when the saved model was last changed, such as which version is active, in milliseconds since 1970
            (UTC); None where DSS does not tell.
    """

    model_id: str
    model_name: str
    id: str
    is_agent: bool
    is_active: bool
    trained_on: int | None
    changed_by: str | None
    definition: str | None
    changed_on: int | None = None


def exported_bundles(client: Client, project_key: str) -> list[Bundle]:
    """Return the bundles of a project.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/bundles/exported"
    items = read_json(client, path, dict, project_key, "list the bundles").get("bundles")
    if not isinstance(items, list):
        raise ConnectionFailed(NOT_DSS)
    return [_bundle(item) for item in items if text_at(item, "bundleId")]


def exported_bundle(client: Client, project_key: str, bundle_id: str) -> Bundle:
    """Return one bundle of a project.

    Raises:
        NotFound: it was never exported, or was deleted.
        GovernMirrorError: as `api_errors` says.
    """
    for bundle in exported_bundles(client, project_key):
        if bundle.id == bundle_id:
            return bundle
    raise NotFound(f"project {project_key} has no bundle {bundle_id}: it was never exported, or was deleted")


def _bundle(item: Mapping[str, Any]) -> Bundle:
    exported = get(item, ("exportManifest", "exportUserInfo"))
    return Bundle(str(item["bundleId"]), milliseconds(get(exported, ("exportedOn",))), text_at(exported, "exportedBy"))


def model_version(client: Client, project_key: str, model_id: str, version_id: str) -> ModelVersion:
    """Return one version of a saved model or agent.

    Raises:
        NotFound: there is none.
        GovernMirrorError: as `api_errors` says.
    """
    for version in model_versions(client, project_key, model_id):
        if version.id == version_id:
            return version
    raise NotFound(f"the saved model {model_id} of project {project_key} has no version {version_id}")


def model_versions(client: Client, project_key: str, model_id: str) -> list[ModelVersion]:
    """Return the versions of a saved model, agent or augmented LLM.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/savedmodels/{path_part(model_id, 'saved model')}"
    model = read_json(client, path, dict, project_key, f"read the saved model {model_id}")
    kind = model.get("savedModelType")
    is_agent = kind == AUGMENTED_LLM or kind in AGENT_TYPES
    agent = _agent(client, project_key, model_id, str(kind)) if is_agent else None
    definitions: dict[str, str | None] = {}
    if agent is None:
        doing = f"list the versions of the saved model {model_id}"
        versions = read_json(client, f"{path}/versions", list, project_key, doing)
    else:
        # its settings list its versions, too
        by_id = {id_: version for version in agent["versions"] if (id_ := text_at(version, "versionId"))}
        definitions = {id_: definition_digest(version) for id_, version in by_id.items()}
        versions = [{"id": id_, "active": id_ == text_at(agent, "activeVersion")} for id_ in by_id]
    changed_by, _ = version_tag(model)
    changed_on = milliseconds(get(model, ("versionTag", "lastModifiedOn")))
    return [
        ModelVersion(
            model_id,
            text_at(model, "name") or model_id,
            id_,
            is_agent,
            is_active=item.get("active") is True,
            trained_on=None if is_agent else milliseconds(get(item, ("snippet", "trainDate"))),
            changed_by=changed_by,
            definition=definitions.get(id_),
            changed_on=changed_on,
        )
        for item in versions
        if (id_ := text_at(item, "id") or text_at(item, "versionId"))
    ]


def _agent(client: Client, project_key: str, model_id: str, kind: str) -> Mapping[str, Any] | None:
    """The settings of an agent or augmented LLM, all its versions among them; None where they cannot be read."""
    collection = "retrieval-augmented-llms" if kind == AUGMENTED_LLM else "agents"
    try:
        with api_errors(project_key, f"read the agent {model_id}"):
            path = f"/projects/{path_part(project_key)}/{collection}/{path_part(model_id)}"
            agent = client._perform_json("GET", path)
    except ConnectionFailed:
        raise
    except GovernMirrorError:
        return None  # older DSS, or no right to read it
    return agent if isinstance(agent, Mapping) and isinstance(agent.get("versions"), list) else None


def definition_digest(definition: Mapping[str, Any]) -> str | None:
    """128 bits over an agent's definition; None where it is nested so deep that nobody could compare all of it."""
    return None if fast_json.is_deep(definition) else digest(fast_json.text_of(definition, sort_keys=True))


def milliseconds(stamp: object) -> int | None:
    """A time of DSS, which is epoch milliseconds or ISO 8601, as milliseconds; None when it is neither."""
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        return int(stamp) if 0 < stamp < END_OF_TIME else None
    try:
        at = parse_time(stamp, timezone.utc) if isinstance(stamp, str) else None
    except ValueError:
        return None
    return None if at is None else (at - _EPOCH) // timedelta(milliseconds=1)


def exact_time(milliseconds_since_1970: int | None) -> datetime | None:
    """A time of DSS as a datetime (UTC), to the millisecond; None where DSS does not tell."""
    if milliseconds_since_1970 is None:
        return None
    return datetime.fromtimestamp(milliseconds_since_1970 / 1000, timezone.utc)


def subject_of(source: Bundle | ModelVersion) -> dict[str, Any] | None:
    """What an approval is bound to; None where DSS does not tell it.

    Of a bundle: id, export time and exporter. Of a version: id and training time, or an agent's definition.
    """
    if isinstance(source, Bundle):
        subject = {"bundle": source.id, "exported_on": source.exported_on, "exported_by": source.exported_by}
        return None if source.exported_on is None else subject
    name, stamp = ("definition", source.definition) if source.is_agent else ("trained_on", source.trained_on)
    return None if stamp is None else {"model": source.model_id, "version": source.id, name: stamp}


def saved_model_ids(client: Client, project_key: str) -> list[str]:
    """Return the ids of a project's saved models, agents and augmented LLMs among them.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/savedmodels/"
    models = read_json(client, path, list, project_key, "list the saved models")
    return [id_ for id_ in (text_at(item, "id") for item in models) if id_]
