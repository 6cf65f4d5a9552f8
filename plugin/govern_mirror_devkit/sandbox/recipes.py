"""Recipes of the plugin, placed in a project's flow (client)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .auth import Caller
from .clock import Clock
from .components import Components
from .datasets import Datasets
from .errors import BadRequest, NotFound
from .managed_folders import ManagedFolders
from .projects import Projects
from .store import Store
from .tags import stored_tags
from .versions import version_tag

_RECIPE = "recipe"


class Recipes:
    """The recipes of all projects."""

    def __init__(
        self,
        store: Store,
        projects: Projects,
        datasets: Datasets,
        folders: ManagedFolders,
        components: Components,
        clock: Clock,
    ) -> None:
        self._store = store
        self._projects = projects
        self._datasets = datasets
        self._folders = folders
        self._components = components
        self._clock = clock

    def create(self, caller: Caller, project_key: str, prototype: Mapping[str, Any]) -> str:
        """Create a recipe from the prototype that the client sends, and return its name.

        Raises:
            BadRequest: the name is taken, there is no output, a role the plugin requires is empty, or an input or
                output is not there.
            NotFound: the plugin has no recipe of that type.
        """
        self._projects.require_write(caller, project_key)
        descriptor = self._components.recipe(str(prototype.get("type")))
        inputs, outputs = prototype.get("inputs") or {}, prototype.get("outputs") or {}
        _check_roles(descriptor, inputs, outputs)
        output_refs = list(refs(outputs))
        if not output_refs:
            raise BadRequest("A recipe needs an output")
        for ref in (*refs(inputs), *output_refs):
            self._require_object(caller, project_key, ref)
        name = prototype.get("name") or f"compute_{output_refs[0]}"
        if self._store.get(_RECIPE, f"{project_key}/{name}") is not None:
            raise BadRequest(f"A recipe named {name} already exists")
        tag = version_tag(0, caller, self._clock)
        recipe = {
            "projectKey": project_key,
            "name": name,
            "type": prototype["type"],
            "params": prototype.get("params") or {"customConfig": {}},
            "inputs": inputs,
            "outputs": outputs,
            "tags": [],
            "customFields": {},
            "checklists": {"checklists": []},
            "versionTag": tag,
            "creationTag": tag,
        }
        self._store.put(_RECIPE, f"{project_key}/{name}", recipe)
        return str(name)

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's recipes."""
        self._projects.require_read(caller, project_key)
        return [recipe for _, recipe in self._store.items(_RECIPE, f"{project_key}/")]

    def get(self, caller: Caller, project_key: str, name: str) -> dict[str, Any]:
        """Return a recipe; raises NotFound."""
        self._projects.require_read(caller, project_key)
        recipe: dict[str, Any] | None = self._store.get(_RECIPE, f"{project_key}/{name}")
        if recipe is None:
            raise NotFound(f"Recipe {project_key}.{name} not found")
        return recipe

    def save(self, caller: Caller, project_key: str, name: str, recipe: object) -> None:
        """Replace a recipe's settings: its params, inputs and outputs."""
        self._projects.require_write(caller, project_key)
        stored = self.get(caller, project_key, name)
        if not isinstance(recipe, dict):
            raise BadRequest("A recipe must be an object")
        number = stored["versionTag"]["versionNumber"] + 1
        fixed = {key: stored[key] for key in ("projectKey", "name", "type", "creationTag")}
        saved = {**stored, **recipe, **fixed, "versionTag": version_tag(number, caller, self._clock)}
        saved["tags"] = stored_tags(saved.get("tags") or [])
        self._store.put(_RECIPE, f"{project_key}/{name}", saved)

    def delete(self, caller: Caller, project_key: str, name: str) -> None:
        """Remove a recipe; its outputs stay."""
        self._projects.require_write(caller, project_key)
        self.get(caller, project_key, name)
        self._store.delete(_RECIPE, f"{project_key}/{name}")

    def building(self, caller: Caller, project_key: str, ref: str) -> dict[str, Any] | None:
        """Return the recipe that has the object among its outputs, or None."""
        for recipe in self.listed(caller, project_key):
            if ref in refs(recipe["outputs"]):
                return recipe
        return None

    def flow_graph(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return the project's flow: nodes with predecessors and successors, as the client's graph reads them.

        Beside the nodes stand the names of datasets, recipes and folders (clssck/dataiku-sdk reads them).
        """
        datasets = [dataset["name"] for dataset in self._datasets.listed(caller, project_key)]
        folders = [folder["id"] for folder in self._folders.listed(caller, project_key)]
        nodes = {ref: _node("COMPUTABLE_DATASET", ref) for ref in datasets}
        nodes.update({ref: _node("COMPUTABLE_FOLDER", ref) for ref in folders})
        recipes = self.listed(caller, project_key)
        for recipe in recipes:
            node = nodes[recipe["name"]] = _node("RUNNABLE_RECIPE", recipe["name"])
            for ref in refs(recipe["inputs"]):
                if ref in nodes:
                    node["predecessors"].append(ref)
                    nodes[ref]["successors"].append(recipe["name"])
            for ref in refs(recipe["outputs"]):
                if ref in nodes:
                    node["successors"].append(ref)
                    nodes[ref]["predecessors"].append(recipe["name"])
        return {
            "nodes": nodes,
            "datasets": datasets,
            "recipes": [recipe["name"] for recipe in recipes],
            "folders": folders,
        }

    def _require_object(self, caller: Caller, project_key: str, ref: str) -> None:
        """Raise BadRequest unless a dataset or managed folder of that reference is there."""
        owner, _, name = ref.rpartition(".")
        try:
            self._datasets.dataset(caller, owner or project_key, name)
        except NotFound:
            try:
                self._folders.folder(caller, owner or project_key, name)
            except NotFound:
                raise BadRequest(f"No dataset or managed folder {ref} in project {project_key}") from None


def refs(roles: Mapping[str, Any]) -> Iterator[str]:
    """Yield the references of a recipe's inputs or outputs, over all roles."""
    for role in roles.values():
        for item in role.get("items") or []:
            yield item["ref"]


def _check_roles(descriptor: Mapping[str, Any], inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
    for word, declared, filled in (("input", "inputRoles", inputs), ("output", "outputRoles", outputs)):
        roles = {role["name"]: role for role in descriptor.get(declared) or []}
        for name in filled:
            if name not in roles:
                raise BadRequest(
                    f"The recipe has no {word} role {name!r}: expected one of {', '.join(roles) or 'none'}"
                )
        for name, role in roles.items():
            items = (filled.get(name) or {}).get("items") or []
            if role.get("required") and not items:
                raise BadRequest(f"The recipe's {word} role {name!r} must be filled")
            if role.get("arity") == "UNARY" and len(items) > 1:
                raise BadRequest(f"The recipe's {word} role {name!r} takes one object")


def _node(kind: str, ref: str) -> dict[str, Any]:
    return {"type": kind, "ref": ref, "predecessors": [], "successors": []}
