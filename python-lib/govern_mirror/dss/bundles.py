"""Bundles and saved models of a project, as far as a review needs them: what DSS stamped each with, and who made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from govern_mirror import fast_json
from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.dss.summary import version_tag
from govern_mirror.errors import ConnectionFailed, NotFound
from govern_mirror.model.event import digest
from govern_mirror.nested import get, text_at
from govern_mirror.times import iso_time, parse_time

AGENT_TYPES = frozenset(
    {
        "PYTHON_AGENT",
        "PLUGIN_AGENT",
        "TOOLS_USING_AGENT",
        "STRUCTURED_AGENT",
        "RETRIEVAL_AUGMENTED_LLM",
    }
)
"""Types of saved models that are agents or augmented LLMs: their versions are trained by nobody."""

_MAX_MILLISECONDS = 32503680000000
"""The year 3000."""


@dataclass(frozen=True)
class Bundle:
    """A bundle of a project.

    Attributes:
        id: unique in the project at a time; before DSS 15 an id could be exported again.
        exported_on: when (UTC); None where DSS does not tell.
        exported_stamp: that time exactly as DSS tells it, which is what an approval is bound to.
        exported_by: a login.
        release_notes: in people's words.
    """

    id: str
    exported_on: datetime | None
    exported_stamp: str | None
    exported_by: str | None
    release_notes: str | None


@dataclass(frozen=True)
class ModelVersion:
    """A version of a saved model, of an agent or of an augmented LLM.

    Attributes:
        model_id, model_name: the saved model.
        id: of the version.
        is_agent: whether it is one of an agent or an augmented LLM.
        is_active: whether it is the one that is used.
        trained_on: when it was trained (UTC); None for agents and where DSS does not tell.
        trained_stamp: that time exactly as DSS tells it.
        changed_by: login of who last changed the saved model: whom DSS names in place of who trained it.
        definition: 128 bits over an agent's definition, in hexadecimal; None where it cannot be read.
    """

    model_id: str
    model_name: str
    id: str
    is_agent: bool
    is_active: bool
    trained_on: datetime | None
    trained_stamp: str | None
    changed_by: str | None
    definition: str | None


def exported_bundles(client: Client, project_key: str) -> list[Bundle]:
    """Return the bundles of a project.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    with api_errors(project_key, "list the bundles"):
        answer = client._perform_json("GET", f"/projects/{path_part(project_key)}/bundles/exported")
    listed = answer.get("bundles") if isinstance(answer, Mapping) else None
    if not isinstance(listed, list):
        raise ConnectionFailed(NOT_DSS)
    return [_bundle(item) for item in listed if text_at(item, "bundleId")]


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
    stamp = exported.get("exportedOn") if isinstance(exported, Mapping) else None
    return Bundle(
        str(item["bundleId"]),
        _time(stamp),
        None if stamp is None else str(stamp),
        text_at(exported, "exportedBy"),
        text_at(exported, "releaseNotes"),
    )


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


def model_versions(client: Client, project_key: str, model_id: str) -> Iterator[ModelVersion]:
    """Yield the versions of a saved model or agent.

    Raises:
        GovernMirrorError: as `api_errors` says.
    """
    path = f"/projects/{path_part(project_key)}/savedmodels/{path_part(model_id, 'saved model')}"
    with api_errors(project_key, f"read the saved model {model_id}"):
        model = client._perform_json("GET", path)
    with api_errors(project_key, f"list the versions of the saved model {model_id}"):
        versions = client._perform_json("GET", f"{path}/versions")
    if not isinstance(model, Mapping) or not isinstance(versions, list):
        raise ConnectionFailed(NOT_DSS)
    is_agent = model.get("savedModelType") in AGENT_TYPES
    changed_by, _ = version_tag(model)
    inline = model.get("inlineVersions")
    definitions = {
        text_at(version, "versionId"): version for version in (inline if isinstance(inline, list) else ())
    }
    for item in versions:
        id_ = text_at(item, "id") or text_at(item, "versionId")
        if not id_:
            continue
        stamp = get(item, ("snippet", "trainDate"))
        definition = definitions.get(id_) if is_agent else None
        yield ModelVersion(
            model_id,
            text_at(model, "name") or model_id,
            id_,
            is_agent,
            item.get("active") is True,
            _time(stamp),
            None if stamp is None else str(stamp),
            changed_by,
            digest(fast_json.sorted_ascii(dict(definition))) if definition else None,
        )


def _time(stamp: object) -> datetime | None:
    """A time of DSS: epoch milliseconds, or ISO 8601."""
    if isinstance(stamp, int | float) and not isinstance(stamp, bool) and 0 < stamp < _MAX_MILLISECONDS:
        return datetime.fromtimestamp(stamp / 1000, timezone.utc)
    try:
        return parse_time(stamp, timezone.utc) if isinstance(stamp, str) else None
    except ValueError:
        return None


def subject_of_bundle(bundle: Bundle) -> dict[str, Any] | None:
    """What an approval of a bundle is bound to: id, export time and exporter; None where DSS does not tell when."""
    if bundle.exported_stamp is None:
        return None
    return {
        "bundle": bundle.id,
        "exported_on": iso_time(bundle.exported_on) or bundle.exported_stamp,
        "exported_stamp": bundle.exported_stamp,
        "exported_by": bundle.exported_by,
    }


def subject_of_version(version: ModelVersion) -> dict[str, Any] | None:
    """What an approval of a version is bound to: id and training time, or an agent's definition; None without."""
    if version.is_agent:
        return version.definition and {
            "agent": version.model_id, "version": version.id, "definition": version.definition
        }
    if version.trained_stamp is None:
        return None
    return {
        "model": version.model_id,
        "version": version.id,
        "trained_on": iso_time(version.trained_on) or version.trained_stamp,
        "trained_stamp": version.trained_stamp,
    }
