"""Projects: the list, metadata, permissions, settings, tags, variables, timeline."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .auth import Accounts, Caller, Rights, rights
from .clock import Clock
from .errors import BadRequest, Forbidden, ProjectUnreadable
from .project_settings import new_settings, require_whole
from .release import Release
from .store import Store
from .tags import stored_tags, tag_color
from .versions import version_tag

_PROJECT, _METADATA, _PERMISSIONS, _SETTINGS = "project", "metadata", "permissions", "settings"
_VARIABLES, _TAGS, _TIMELINE, _ITEM = "variables", "tags", "timeline", "project_item"
_KEY_SHAPE = re.compile(r"^[A-Za-z0-9_]+$")
TIMELINE_LENGTH = 100
"""How many events a project's timeline keeps."""


class Projects:
    """The instance's projects.

    Attributes:
        metadata_write_moves_version_tag: no source tells whether it does; either can be tried.
        list_without_custom_fields: act as an instance whose project list lacks `customFields`.
    """

    def __init__(self, store: Store, accounts: Accounts, clock: Clock, release: Release) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._release = release
        self.metadata_write_moves_version_tag = True
        self.list_without_custom_fields = False

    # rights -------------------------------------------------------------------------------------------------

    def rights(self, caller: Caller, project_key: str) -> Rights:
        """Return what a caller may do in a project; nothing in one that does not exist."""
        permissions = self._store.get(_PERMISSIONS, project_key)
        return rights(caller, permissions, project_key) if permissions is not None else Rights()

    def require_read(self, caller: Caller, project_key: str) -> None:
        """Raise ProjectUnreadable unless the caller may read the project (and it exists)."""
        if not self.rights(caller, project_key).read:
            raise ProjectUnreadable(self._release.unreadable_project_status)

    def require_write(self, caller: Caller, project_key: str) -> None:
        """Raise Forbidden unless the caller may write the project's content."""
        self.require_read(caller, project_key)
        if not self.rights(caller, project_key).write:
            raise Forbidden(f"You may not write the content of project {project_key}")

    def require_admin(self, caller: Caller, project_key: str) -> None:
        """Raise Forbidden unless the caller is an administrator of the project."""
        self.require_read(caller, project_key)
        if not self.rights(caller, project_key).admin:
            raise Forbidden(f"You are not an administrator of project {project_key}")

    def _require_metadata(self, caller: Caller, project_key: str) -> None:
        self.require_read(caller, project_key)
        # a project-level API key needs ADMIN to get or set metadata (docs, publicapi/keys)
        if caller.project_key is not None and "ADMIN" not in caller.project_rights:
            raise Forbidden(f"This API key may not use the metadata of project {project_key}: it needs ADMIN")

    # the project --------------------------------------------------------------------------------------------

    def create(
        self,
        caller: Caller,
        project_key: str,
        name: str,
        owner: str,
        *,
        description: str | None = None,
        settings: Mapping[str, Any] | None = None,
        permissions: list[dict[str, Any]] | None = None,
        tags: list[str] | None = None,
        without_creation_tag: bool = False,
    ) -> None:
        """Create a project; `without_creation_tag` as imported ones can be (sage).

        Raises:
            BadRequest: the key is not valid, or taken.
        """
        if not _KEY_SHAPE.match(project_key or ""):
            raise BadRequest(f"Invalid project key: {project_key!r}")
        if self.exists(project_key):
            raise BadRequest(f"Project key already exists: {project_key}")
        tag = version_tag(0, caller, self._clock)
        signed = tag["lastModifiedBy"]
        project = {"projectKey": project_key, "ownerLogin": owner, "versionTag": tag, "contributors": [signed]}
        if not without_creation_tag:
            project["creationTag"] = tag
        metadata = {
            "label": name,
            "shortDesc": "",
            "description": description or "",
            "tags": stored_tags(tags or []),
            "checklists": {"checklists": []},
            "customFields": {},
        }
        with self._store.locked():
            self._store.put(_METADATA, project_key, metadata)
            self._store.put(_PERMISSIONS, project_key, {"owner": owner, "permissions": permissions or []})
            self._store.put(_SETTINGS, project_key, new_settings(settings or {}))
            self._store.put(_VARIABLES, project_key, {"standard": {}, "local": {}})
            self._store.put(_TAGS, project_key, {"tags": {}})
            self._note(caller, project, metadata, [], "PROJECT_CREATE")

    def exists(self, project_key: str) -> bool:
        """Return whether there is such a project."""
        return self._store.text(_PROJECT, project_key) is not None

    def all_keys(self) -> list[str]:
        """Return all project keys, in the order of creation."""
        return [key for key, _ in self._store.texts(_PROJECT)]

    def delete(self, caller: Caller, project_key: str) -> None:
        """Delete a project with all that is in it; only its administrators may."""
        self.require_admin(caller, project_key)
        with self._store.locked():
            for kind in (_PROJECT, _METADATA, _PERMISSIONS, _SETTINGS, _VARIABLES, _TAGS, _TIMELINE, _ITEM):
                self._store.delete(kind, project_key)
            self._store.delete_below(f"{project_key}/")

    def listed(self, caller: Caller) -> str:
        """Return the projects that the caller can see, as the JSON text of the list (dna: the item's keys)."""
        permissions = dict(self._store.texts(_PERMISSIONS))
        items = []
        for key, text in self._store.texts(_ITEM):
            allowed = rights(caller, json.loads(permissions[key]), key)
            if allowed.read:
                flags = f'"isProjectAdmin": {_json(allowed.admin)}, "canWriteProjectContent": {_json(allowed.write)}'
                items.append(f"{text[:-1]}, {flags}}}")
        if self.list_without_custom_fields:
            bare = [{k: v for k, v in json.loads(item).items() if k != "customFields"} for item in items]
            return json.dumps(bare)
        return f"[{', '.join(items)}]"

    def summary(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return one project as `GET /projects/{key}` shows it."""
        self.require_read(caller, project_key)
        allowed = self.rights(caller, project_key)
        item: dict[str, Any] = self._store.get(_ITEM, project_key)
        return {**item, "isProjectAdmin": allowed.admin, "canWriteProjectContent": allowed.write}

    def content(self, project_key: str) -> dict[str, Any]:
        """Return what a copy of the project holds of it, such as a bundle: metadata and settings."""
        return {kind: self._store.get(kind, project_key) for kind in (_METADATA, _SETTINGS)}

    # its documents ------------------------------------------------------------------------------------------

    def metadata(self, caller: Caller, project_key: str) -> dict[str, Any]:
        """Return the project's metadata."""
        self._require_metadata(caller, project_key)
        metadata: dict[str, Any] = self._store.get(_METADATA, project_key)
        return metadata

    def set_metadata(self, caller: Caller, project_key: str, metadata: object) -> None:
        """Replace the metadata whole; the last write wins, no version is checked (client: assumed)."""
        self._require_metadata(caller, project_key)
        self.require_write(caller, project_key)
        if not isinstance(metadata, dict):
            raise BadRequest("Project metadata must be an object")
        if "tags" in metadata:
            metadata = {**metadata, "tags": stored_tags(metadata["tags"])}
        with self._store.locked():
            self._store.put(_METADATA, project_key, metadata)
            moves_version = self.metadata_write_moves_version_tag
            self.touched(caller, project_key, "PROJECT_METADATA_EDIT", moves_version=moves_version)

    def document(self, caller: Caller, project_key: str, kind: str) -> dict[str, Any]:
        """Return another document of the project: permissions, settings, tags or variables."""
        self.require_read(caller, project_key)
        if kind == _PERMISSIONS:
            self.require_admin(caller, project_key)
        document: dict[str, Any] = self._store.get(kind, project_key)
        return document if kind != _TAGS else self._with_tags_in_use(project_key, document)

    def _with_tags_in_use(self, project_key: str, described: dict[str, Any]) -> dict[str, Any]:
        """Return the tags of the project: those that are described, and those in use on it (client: `get_tags`)."""
        metadata = self._store.get(_METADATA, project_key)
        used = metadata.get("tags")
        tags = described.get("tags")
        if not isinstance(used, list) or not isinstance(tags, dict):
            return described
        return {**described, "tags": {**{str(tag): {"color": tag_color(tag)} for tag in used}, **tags}}

    def set_document(
        self, caller: Caller, project_key: str, kind: str, document: object, *, moves_version: bool = True
    ) -> None:
        """Replace permissions or settings (as administrator), or tags or variables (as writer)."""
        if kind in (_PERMISSIONS, _SETTINGS):
            self.require_admin(caller, project_key)
        else:
            self.require_write(caller, project_key)
        if not isinstance(document, dict):
            raise BadRequest(f"The project's {kind} must be an object")
        if kind == _SETTINGS:
            require_whole(document)
        with self._store.locked():
            self._store.put(kind, project_key, document)
            if kind == _PERMISSIONS:
                project = self._store.get(_PROJECT, project_key)
                project["ownerLogin"] = document.get("owner")
                self._store.put(_PROJECT, project_key, project)
            self.touched(caller, project_key, f"PROJECT_{kind.upper()}_EDIT", moves_version=moves_version)

    def timeline(self, caller: Caller, project_key: str, count: int) -> dict[str, Any]:
        """Return the latest events of the project, newest first."""
        self.require_read(caller, project_key)
        events = self._store.get(_TIMELINE, project_key)
        project = self._store.get(_PROJECT, project_key)
        return {
            "allContributors": project["contributors"],
            "createdBy": project.get("creationTag", {}).get("lastModifiedBy"),
            "createdOn": project.get("creationTag", {}).get("lastModifiedOn"),
            "lastModifiedBy": project["versionTag"]["lastModifiedBy"],
            "lastModifiedOn": project["versionTag"]["lastModifiedOn"],
            "items": events[::-1][:count],
        }

    def touched(self, caller: Caller, project_key: str, action: str, *, moves_version: bool = True) -> None:
        """Note a write: it moves the version tag and the timeline."""
        with self._store.locked():
            project, metadata, events = (self._store.get(k, project_key) for k in (_PROJECT, _METADATA, _TIMELINE))
            if moves_version:
                number = project["versionTag"]["versionNumber"] + 1
                project["versionTag"] = version_tag(number, caller, self._clock)
            self._note(caller, project, metadata, events, action)

    def _note(
        self,
        caller: Caller,
        project: dict[str, Any],
        metadata: Mapping[str, Any],
        events: list[dict[str, Any]],
        action: str,
    ) -> None:
        """Store the project after a write, its timeline, and its item of the list, which the list then only joins.

        Nothing in it is null: DSS leaves a key out, or sends an empty object (dataiku-mcp, dataiku-utils).
        """
        project_key, signed = project["projectKey"], {"login": caller.login}
        if signed not in project["contributors"]:
            project["contributors"].append(signed)
        now = self._clock.milliseconds()
        events.append({"time": now, "user": caller.login, "action": action, "objectType": "PROJECT"})
        self._store.put(_TIMELINE, project_key, events[-TIMELINE_LENGTH:])
        self._store.put(_PROJECT, project_key, project)
        owner = project["ownerLogin"]
        item = {
            "projectKey": project_key,
            "name": metadata.get("label") or project_key,
            "shortDesc": metadata.get("shortDesc"),
            "tags": metadata.get("tags", []),
            "ownerLogin": owner,
            "ownerDisplayName": self._accounts.display_name(owner),
            # it is a setting of the project, not metadata (dataiku-utils; public exports of projects)
            "projectStatus": self._store.get(_SETTINGS, project_key).get("projectStatus"),
            "contributors": project["contributors"],
            "checklists": metadata.get("checklists", {"checklists": []}),
            "customFields": metadata.get("customFields", {}),
            "versionTag": project["versionTag"],
            "creationTag": project.get("creationTag"),
        }
        self._store.put(_ITEM, project_key, {key: value for key, value in item.items() if value is not None})


def _json(flag: bool) -> str:
    return "true" if flag else "false"
