"""The plugin that the sandbox has installed: its identity, its settings, its presets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Any

from .auth import Caller
from .errors import BadRequest, Forbidden, NotFound
from .store import Store

_SETTINGS = "plugin_settings"


class Passwords(Enum):
    """How a PASSWORD reaches component code."""

    PLAIN = "plain"
    ENCRYPTED = "encrypted"
    MISSING = "missing"


class Plugins:
    """The instance's plugins: the one under the sandbox's plugin root, or none.

    Attributes:
        developer_groups: groups whose members may develop plugins, which lets them read the settings.
        passwords: how a PASSWORD reaches component code: as it is, encrypted (`e:AES:`), or not at all; DSS does each
            (docs, params).
        user_isolation: whether code of people runs as somebody else than DSS itself on the machine, so that macros with
            `impersonate: true` cannot reach DSS's files (docs, macros).
    """

    def __init__(self, store: Store, root: Path | None) -> None:
        self._store = store
        self._root = root
        self._descriptor: dict[str, Any] = {}
        if root is not None:
            self._descriptor = json.loads((root / "plugin.json").read_text(encoding="utf-8"))
        self.developer_groups: set[str] = set()
        self.passwords = Passwords.PLAIN
        self.user_isolation = True

    def folder(self, plugin_id: str | None = None) -> Path:
        """Return the folder of a plugin, of the one that is installed when None; raises NotFound."""
        if plugin_id is not None:
            self._require(plugin_id)
        if self._root is None:
            raise NotFound("No plugin is installed")
        return self._root

    def reload(self) -> None:
        """Read the plugin's files again, after somebody changed or replaced them; what runs goes on as it is."""
        if self._root is not None:
            self._descriptor = json.loads((self._root / "plugin.json").read_text(encoding="utf-8"))

    def listed(self, caller: Caller) -> list[dict[str, Any]]:
        """Return the installed plugins as the API lists them; id and version come from `plugin.json`."""
        self._require_developer(caller)
        if not self._descriptor:
            return []
        descriptor = self._descriptor
        plugin = {"id": descriptor["id"], "version": descriptor["version"], "meta": descriptor.get("meta", {})}
        return [{**plugin, "isDev": False}]

    def settings(self, caller: Caller, plugin_id: str) -> dict[str, Any]:
        """Return the plugin's settings, its presets among them (client).

        Raises:
            Forbidden: unless the caller is an administrator or may develop plugins.
            NotFound: when there is no such plugin.
        """
        self._require_developer(caller)
        self._require(plugin_id)
        return {**self._stored(), "accessibleParameterSetDescs": self._parameter_sets()}

    def save(self, caller: Caller, plugin_id: str, settings: object) -> None:
        """Replace the plugin's settings; only administrators may."""
        self._require(plugin_id)
        if not caller.is_admin:
            raise Forbidden("Only administrators may change the settings of a plugin")
        if not isinstance(settings, dict):
            raise BadRequest("Plugin settings must be an object")
        saved = {key: value for key, value in settings.items() if key != "accessibleParameterSetDescs"}
        self._store.put(_SETTINGS, plugin_id, saved)

    def configure(self, **config: Any) -> None:
        """Set instance-wide settings of the plugin, as an administrator does in the plugin's page."""
        stored = self._stored()
        stored["config"].update(config)
        self._store.put(_SETTINGS, self._descriptor["id"], stored)

    def add_preset(
        self, parameter_set: str, name: str, *, groups: tuple[str, ...] | None = None, owner: str = "", **config: Any
    ) -> None:
        """Add a preset of one of the plugin's parameter sets, as an administrator does.

        Args:
            parameter_set: the set's id.
            name: the preset's name.
            groups: whose members may use it; everybody when None.
            owner: who may use it, whatever their groups.
            config: its values.
        """
        stored = self._stored()
        preset_type = self._preset_type(parameter_set)
        preset = {"name": name, "type": preset_type, "config": config, "pluginConfig": {}, "owner": owner}
        permissions = [{"group": group, "use": True} for group in groups or ()]
        replaced = (preset_type, name)
        stored["presets"] = [kept for kept in stored["presets"] if (kept["type"], kept["name"]) != replaced]
        stored["presets"].append({**preset, "defaultPermission": {"use": groups is None}, "permissions": permissions})
        self._store.put(_SETTINGS, self._descriptor["id"], stored)

    def config(self) -> dict[str, Any]:
        """Return the instance-wide settings as component code gets them; defaults are the host's to apply."""
        return self._with_passwords(self._stored()["config"], self._descriptor.get("params") or [])

    def resolved(self, caller: Caller, params: Mapping[str, Any], descriptor: Mapping[str, Any]) -> dict[str, Any]:
        """Return a component's params with each chosen preset replaced by its values (docs, PRESET).

        A choice is `{"mode": "PRESET", "name"}` or `{"mode": "INLINE", "inlinedConfig"}`; no public source shows its
        shape, so other values pass as they are. Who may use a preset need not be able to see what is in it.

        Raises:
            BadRequest: when a preset is named that is not there.
            Forbidden: when the caller may not use it (client: `is_usable_by`), or values must not be given in the form.
        """
        resolved = dict(params)
        for param in descriptor.get("params") or []:
            value = resolved.get(param.get("name"))
            if param.get("type") == "PRESET" and isinstance(value, Mapping) and "mode" in value:
                resolved[param["name"]] = self._values(caller, param.get("parameterSetId", ""), value)
        return resolved

    def _values(self, caller: Caller, parameter_set: str, choice: Mapping[str, Any]) -> Any:
        if choice["mode"] != "PRESET":
            if not self._is_definable_inline(parameter_set):
                raise Forbidden(f"Values of {parameter_set} cannot be given in a form: choose a preset")
            return choice.get("inlinedConfig")
        for preset in self._stored()["presets"]:
            if (preset["type"], preset["name"]) == (self._preset_type(parameter_set), choice.get("name")):
                if not _is_usable(preset, caller):
                    raise Forbidden(f"You may not use the preset {choice.get('name')!r} of {parameter_set}")
                values = {**preset.get("config", {}), **preset.get("pluginConfig", {})}
                declared = next(desc["desc"] for desc in self._parameter_sets() if desc["id"] == parameter_set)
                return self._with_passwords(values, [*declared["params"], *declared["pluginParams"]])
        raise BadRequest(f"Preset {choice.get('name')!r} of {parameter_set} not found")

    def _with_passwords(self, values: Mapping[str, Any], declared: list[dict[str, Any]]) -> dict[str, Any]:
        secrets = {param["name"] for param in declared if param.get("type") == "PASSWORD"} & values.keys()
        if self.passwords is Passwords.MISSING:
            return {name: value for name, value in values.items() if name not in secrets}
        if self.passwords is Passwords.ENCRYPTED:
            return {**values, **{name: f"e:AES:{_scrambled(values[name])}" for name in secrets if values[name]}}
        return dict(values)

    def _is_definable_inline(self, parameter_set: str) -> bool:
        """Return the set's setting, else its descriptor's default; that without either it may be is an assumption."""
        for settings in self._stored().get("parameterSets") or []:
            permission = settings.get("defaultPermission") or {}
            if settings.get("type") == self._preset_type(parameter_set) and "definableInline" in permission:
                return bool(permission["definableInline"])
        descriptors = (desc["desc"] for desc in self._parameter_sets() if desc["id"] == parameter_set)
        return all(descriptor.get("defaultDefinableInline", True) for descriptor in descriptors)

    def _preset_type(self, parameter_set: str) -> str:
        return f"parameter-set-{self._descriptor.get('id')}-{parameter_set}"

    def _parameter_sets(self) -> list[dict[str, Any]]:
        if self._root is None:
            return []
        return [
            {
                "id": path.parent.name,
                "elementType": self._preset_type(path.parent.name),
                "desc": {"params": [], "pluginParams": [], **json.loads(path.read_text(encoding="utf-8"))},
            }
            for path in sorted(self._root.glob("parameter-sets/*/parameter-set.json"))
        ]

    def _stored(self) -> dict[str, Any]:
        stored: dict[str, Any] | None = self._store.get(_SETTINGS, self._descriptor.get("id", ""))
        return stored or {"config": {}, "codeEnvName": None, "parameterSets": [], "presets": []}

    def _require(self, plugin_id: str) -> None:
        if plugin_id != self._descriptor.get("id"):
            raise NotFound(f"Plugin {plugin_id} not found")

    def _require_developer(self, caller: Caller) -> None:
        if not caller.is_admin and not caller.groups & self.developer_groups:
            raise Forbidden("You may neither administrate this instance nor develop plugins")


def _is_usable(preset: Mapping[str, Any], caller: Caller) -> bool:
    """Return whether a caller may use a preset: by group, else by default (client).

    Assumptions: administrators and its owner always may; with several groups, one that may is enough.
    """
    if caller.is_admin or (preset.get("owner") and preset["owner"] == caller.login):
        return True
    uses = [item.get("use", False) for item in preset.get("permissions") or [] if item.get("group") in caller.groups]
    return any(uses) if uses else bool((preset.get("defaultPermission") or {}).get("use", False))


def _scrambled(password: object) -> str:
    """Return what stands for an encrypted password: nobody can read it."""
    return sha256(str(password).encode()).hexdigest()
