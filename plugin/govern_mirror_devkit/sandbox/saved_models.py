"""Saved models, agents and augmented LLMs, and their versions (client).

All are saved models of some type: an agent has the same id in the list of saved models and in that of agents. Versions
of what is trained carry the time of the training. Agents and augmented LLMs are edited in place, and nothing stamps
their versions: to tell one state from another there is only their definition.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import BadRequest, DssError, NotFound
from .projects import Projects
from .store import Store
from .tags import stored_tags
from .versions import version_tag

_MODEL = "saved_model"
_ID_CHARACTERS = string.ascii_letters + string.digits

TRAINED_TYPES = ("DSS_MANAGED", "MLFLOW_PYFUNC", "PROXY_MODEL", "LLM_GENERIC")
AGENT_SETTINGS = {
    "PYTHON_AGENT": "pythonAgentSettings",
    "PLUGIN_AGENT": "pluginAgentSettings",
    "TOOLS_USING_AGENT": "toolsUsingAgentSettings",
    "STRUCTURED_AGENT": "structuredAgentSettings",
}
"""Types of agents, and where a version's settings stand (client)."""

AUGMENTED_LLM = "RETRIEVAL_AUGMENTED_LLM"
_SETTINGS = {**AGENT_SETTINGS, AUGMENTED_LLM: "ragllmSettings"}
_FIRST_VERSION = "v1"


class SavedModels:
    """The saved models of all projects, agents and augmented LLMs among them."""

    def __init__(self, store: Store, projects: Projects, clock: Clock) -> None:
        self._store = store
        self._projects = projects
        self._clock = clock

    # models --------------------------------------------------------------------------------------------------

    def create(
        self,
        caller: Caller,
        project_key: str,
        name: object,
        model_type: str,
        *,
        identifier: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> str:
        """Create a saved model, and return its id of eight characters.

        What is edited in place has a first version at once; what is trained has none yet.

        Args:
            caller: who does; they must be able to write the project's content.
            project_key: the project.
            name: its name, which need not be unique (client).
            model_type: one of `TRAINED_TYPES`, of `AGENT_SETTINGS`, or `AUGMENTED_LLM`.
            identifier: its id, where one must be known beforehand.
            settings: of its first version, for what is edited in place.

        Raises:
            BadRequest: there is no such type, or no name.
        """
        self._projects.require_write(caller, project_key)
        if model_type not in TRAINED_TYPES and model_type not in _SETTINGS:
            raise BadRequest(f"Unknown type of saved model: {model_type!r}")
        if not isinstance(name, str) or not name.strip():
            raise BadRequest("A saved model needs a name")
        identifier = identifier or "".join(secrets.choice(_ID_CHARACTERS) for _ in range(8))
        tag = version_tag(0, caller, self._clock)
        model: dict[str, Any] = {
            "id": identifier,
            "projectKey": project_key,
            "name": name,
            "savedModelType": model_type,
            "tags": [],
            "creationTag": tag,
            "versionTag": tag,
            "versions": [],
        }
        if model_type in _SETTINGS:
            model["versions"] = [{"versionId": _FIRST_VERSION, _SETTINGS[model_type]: dict(settings or {})}]
            model["activeVersion"] = _FIRST_VERSION
        self._store.put(_MODEL, f"{project_key}/{identifier}", model)
        return identifier

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's saved models; only `id` and `name` are sure to be there, so no type is told."""
        self._projects.require_read(caller, project_key)
        names = ("id", "projectKey", "name", "tags")
        return [{name: model[name] for name in names} for _, model in self._store.items(_MODEL, f"{project_key}/")]

    def model(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        """Return a saved model's settings: type, active version, but no versions (client); raises NotFound."""
        model = self._stored(caller, project_key, identifier)
        return {key: value for key, value in model.items() if key != "versions"}

    def save(self, caller: Caller, project_key: str, identifier: str, settings: Mapping[str, Any]) -> None:
        """Replace a saved model's settings, as far as people may: not its type, ids, versions and tags of DSS."""
        self._projects.require_write(caller, project_key)
        model = self._stored(caller, project_key, identifier)
        names = ("id", "projectKey", "savedModelType", "versions", "creationTag", "activeVersion")
        unchanged = {key: model[key] for key in names if key in model}
        self._keep(caller, {**settings, **unchanged, "versionTag": model["versionTag"]})

    def delete(self, caller: Caller, project_key: str, identifier: str) -> None:
        """Delete a saved model with its versions."""
        self._projects.require_write(caller, project_key)
        self._stored(caller, project_key, identifier)
        self._store.delete(_MODEL, f"{project_key}/{identifier}")

    # versions ------------------------------------------------------------------------------------------------

    def versions(self, caller: Caller, project_key: str, identifier: str) -> list[dict[str, Any]]:
        """Return the versions: `id`, `active`, and of what was trained the time, in milliseconds.

        No source shows that DSS tells who trained a version.
        """
        model = self._stored(caller, project_key, identifier)
        return [_listed(version, model.get("activeVersion")) for version in model["versions"]]

    def snippet(self, caller: Caller, project_key: str, identifier: str, version_id: str) -> dict[str, Any]:
        """Return what the list shows of a version that was trained.

        Raises:
            DssError: it is a version of an agent or an augmented LLM, which has no details; its status is assumed.
            NotFound: there is no such version.
        """
        model = self._stored(caller, project_key, identifier)
        if model["savedModelType"] in _SETTINGS:
            raise DssError(500, "java.lang.IllegalArgumentException", f"{identifier} is not a machine learning model")
        return _snippet(_version(model, version_id))

    def train(
        self,
        caller: Caller,
        project_key: str,
        identifier: str,
        version_id: str | None = None,
        *,
        active: bool = True,
        again: bool = False,
    ) -> str:
        """Add a version, as a training does, and return its id: the time, where none is given.

        Args:
            caller: who trains; they must be able to write the project's content.
            project_key, identifier: the saved model.
            version_id: the version's id, as an import may choose it.
            active: make it the active one.
            again: let it take the place of the version with its id, which then has another time.

        Raises:
            BadRequest: the model is edited, not trained; or the id is taken.
        """
        self._projects.require_write(caller, project_key)
        with self._store.locked():
            model = self._stored(caller, project_key, identifier)
            if model["savedModelType"] in _SETTINGS:
                raise BadRequest(f"{identifier} is edited, not trained")
            now = self._clock.milliseconds()
            version_id = version_id or str(now)
            same = [version for version in model["versions"] if version["versionId"] == version_id]
            if same and not again:
                raise BadRequest(f"Version {version_id} of saved model {identifier} already exists")
            others = [version for version in model["versions"] if version["versionId"] != version_id]
            model["versions"] = [*others, {"versionId": version_id, "trainDate": now}]
            if active:
                model["activeVersion"] = version_id
            self._keep(caller, model)
        return version_id

    def activate(self, caller: Caller, project_key: str, identifier: str, version_id: str) -> None:
        """Make a version the active one; raises NotFound."""
        self._projects.require_write(caller, project_key)
        model = self._stored(caller, project_key, identifier)
        _version(model, version_id)
        self._keep(caller, {**model, "activeVersion": version_id})

    def delete_versions(self, caller: Caller, project_key: str, identifier: str, version_ids: object) -> None:
        """Delete versions; that the active one is refused is an assumption.

        Raises:
            BadRequest: one of them is the active one, or they are no list.
            NotFound: one of them is not there; nothing is deleted then.
        """
        self._projects.require_write(caller, project_key)
        if not isinstance(version_ids, list):
            raise BadRequest("versions must be a list")
        model = self._stored(caller, project_key, identifier)
        for version_id in version_ids:
            _version(model, str(version_id))
            if version_id == model.get("activeVersion"):
                raise BadRequest(f"Version {version_id} is active: it cannot be deleted")
        model["versions"] = [version for version in model["versions"] if version["versionId"] not in version_ids]
        self._keep(caller, model)

    # what is edited in place -----------------------------------------------------------------------------------

    def edited(self, caller: Caller, project_key: str, types: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return the agents, or the augmented LLMs, of a project; the keys are those that the client reads."""
        self._projects.require_read(caller, project_key)
        names = ("id", "projectKey", "name", "tags")
        models = [model for _, model in self._store.items(_MODEL, f"{project_key}/")]
        return [
            {**{name: model[name] for name in names}, "type": model["savedModelType"]}
            for model in models
            if model["savedModelType"] in types
        ]

    def definition(self, caller: Caller, project_key: str, identifier: str, types: tuple[str, ...]) -> dict[str, Any]:
        """Return an agent or augmented LLM with its versions; raises NotFound for what is of another type."""
        model = self._stored(caller, project_key, identifier)
        if model["savedModelType"] not in types:
            raise NotFound(f"{project_key}.{identifier} not found among {', '.join(types)}")
        return {**model, "type": model["savedModelType"]}

    def edit(
        self, caller: Caller, project_key: str, identifier: str, types: tuple[str, ...], definition: Mapping[str, Any]
    ) -> None:
        """Replace an agent or augmented LLM, versions included, as its form does.

        Raises:
            BadRequest: its versions are no list of objects with ids.
        """
        self._projects.require_write(caller, project_key)
        before = self.definition(caller, project_key, identifier, types)
        versions = definition.get("versions")
        if not isinstance(versions, list) or not all(isinstance(v, dict) and v.get("versionId") for v in versions):
            raise BadRequest("versions must be a list of objects with a versionId")
        unchanged = {key: before[key] for key in ("id", "projectKey", "savedModelType", "creationTag", "versionTag")}
        self._keep(caller, {**{key: value for key, value in definition.items() if key != "type"}, **unchanged})

    def _stored(self, caller: Caller, project_key: str, identifier: str) -> dict[str, Any]:
        self._projects.require_read(caller, project_key)
        model: dict[str, Any] | None = self._store.get(_MODEL, f"{project_key}/{identifier}")
        if model is None:
            raise NotFound(f"Saved model {project_key}.{identifier} not found")
        return model

    def _keep(self, caller: Caller, model: Mapping[str, Any]) -> None:
        tag = version_tag(model["versionTag"]["versionNumber"] + 1, caller, self._clock)
        document = {**model, "tags": stored_tags(model.get("tags") or []), "versionTag": tag}
        self._store.put(_MODEL, f"{model['projectKey']}/{model['id']}", document)


def _version(model: Mapping[str, Any], version_id: str) -> dict[str, Any]:
    for version in model["versions"]:
        if version["versionId"] == version_id:
            match: dict[str, Any] = version
            return match
    raise NotFound(f"Version {version_id} of saved model {model['id']} not found")


def _listed(version: Mapping[str, Any], active: str | None) -> dict[str, Any]:
    listed: dict[str, Any] = {"id": version["versionId"], "active": version["versionId"] == active}
    if "trainDate" in version:
        listed["snippet"] = _snippet(version)
    return listed


def _snippet(version: Mapping[str, Any]) -> dict[str, Any]:
    return {"trainDate": version["trainDate"], "versionId": version["versionId"]}
