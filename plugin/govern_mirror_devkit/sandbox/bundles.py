"""Bundles: copies of a project under an id, as they are made on a design node (client; docs, creating bundles)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .auth import Caller
from .clock import Clock
from .errors import BadRequest, NotFound
from .projects import Projects
from .release import Release
from .store import Store

_BUNDLE, _CONTENT = "bundle", "bundle_content"

_MANIFEST, _METADATA, _CONFIG = "bundle.json", "project_config/params.json", "project_config/settings.json"
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


class Bundles:
    """The bundles of all projects.

    Their order in the list, and which ids are refused, are assumptions. Project Standards checks are not run.

    Attributes:
        times_are_texts: give times as ISO 8601 instead of milliseconds; public code reads either.
    """

    def __init__(self, store: Store, projects: Projects, release: Release, clock: Clock, node_id: str) -> None:
        self._store = store
        self._projects = projects
        self._release = release
        self._clock = clock
        self._node_id = node_id
        self.times_are_texts = False

    def export(
        self, caller: Caller, project_key: str, bundle_id: str, release_notes: str = "", *, with_checks: bool = True
    ) -> None:
        """Make a bundle of a project as it is now; it needs *Write project content* (docs).

        DSS 15 refuses an id that is there (live 15). Earlier ones make another bundle of it, which has not been
        published; that it has not is an assumption.

        Raises:
            BadRequest: the id is not valid, or taken.
        """
        self._projects.require_write(caller, project_key)
        if not _is_valid(bundle_id):
            raise BadRequest(f"Invalid bundle id: {bundle_id!r}")
        key = f"{project_key}/{bundle_id}"
        with self._store.locked():
            if self._release.bundles_are_final and self._store.text(_BUNDLE, key) is not None:
                raise BadRequest(f"Bundle {bundle_id} already exists in project {project_key}")
            user_info = {"exportedBy": caller.login, "exportedOn": self._clock.milliseconds()}
            manifest: dict[str, Any] = {
                "exportUserInfo": user_info,
                "designNodeId": self._node_id,
                "generatedWithDSSVersion": self._release.version,
                "projectStandardsSkipped": not with_checks,
            }
            # either place is read by public code
            (manifest if self._release.major >= 15 else user_info)["releaseNotes"] = release_notes
            self._store.put(_BUNDLE, key, {"bundleId": bundle_id, "state": "EXPORTED", "exportManifest": manifest})
            self._store.put(_CONTENT, key, self._projects.content(project_key))

    def listed(self, caller: Caller, project_key: str) -> str:
        """Return the project's bundles, as JSON text."""
        self._projects.require_read(caller, project_key)
        texts = [text for _, text in self._store.texts(_BUNDLE, f"{project_key}/")]
        if self.times_are_texts:
            texts = [json.dumps(_with_times_as_texts(json.loads(text))) for text in texts]
        return f'{{"bundles": [{", ".join(texts)}]}}'

    def bundle(self, caller: Caller, project_key: str, bundle_id: str) -> dict[str, Any]:
        """Return one bundle as the list shows it, for what runs inside DSS: the API has no such call (client).

        Raises NotFound.
        """
        self._projects.require_read(caller, project_key)
        bundle: dict[str, Any] | None = self._store.get(_BUNDLE, f"{project_key}/{bundle_id}")
        if bundle is None:
            raise NotFound(f"Bundle {bundle_id} not found in project {project_key}")
        return bundle

    def delete(self, caller: Caller, project_key: str, bundle_id: str) -> None:
        """Remove a bundle; what was published of it stays where it is, and its id is free again."""
        self._projects.require_write(caller, project_key)
        self.bundle(caller, project_key, bundle_id)
        for kind in (_BUNDLE, _CONTENT):
            self._store.delete(kind, f"{project_key}/{bundle_id}")

    def archive(self, caller: Caller, project_key: str, bundle_id: str) -> bytes:
        """Return a bundle as the zip that is downloaded.

        What a project's repository shows of its metadata stands in `project_config/params.json` (public exports); the
        other names are an assumption. Who may download is one, too: who may write the project's content.
        """
        self._projects.require_write(caller, project_key)
        bundle = self.bundle(caller, project_key, bundle_id)
        content = self._store.get(_CONTENT, f"{project_key}/{bundle_id}")
        manifest = {"bundleId": bundle_id, "projectKey": project_key, "exportManifest": bundle["exportManifest"]}
        return packed(manifest, content)

    def note_published(self, project_key: str, bundle_id: str, state: Mapping[str, Any]) -> None:
        """Remember when, by whom and where to a bundle was published."""
        key = f"{project_key}/{bundle_id}"
        with self._store.locked():
            self._store.put(_BUNDLE, key, {**self._store.get(_BUNDLE, key), "publishedBundleState": dict(state)})


def _is_valid(bundle_id: str) -> bool:
    if not bundle_id.strip() or bundle_id in (".", ".."):
        return False
    return not any(character in '/\\"<>' or not character.isprintable() for character in bundle_id)


def packed(manifest: Mapping[str, Any], content: Mapping[str, Any]) -> bytes:
    """Return a bundle's archive; the same bundle gives the same bytes."""
    buffer = io.BytesIO()
    parts = {_MANIFEST: manifest, _METADATA: content["metadata"], _CONFIG: content["settings"]}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, document in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH_OF_ZIP), json.dumps(document))
    return buffer.getvalue()


def unpacked(archive: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the manifest and the content of a bundle's archive.

    Raises:
        BadRequest: it is not one.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            manifest, metadata, settings = (json.loads(opened.read(name)) for name in (_MANIFEST, _METADATA, _CONFIG))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadRequest(f"Not the archive of a bundle: {error}") from error
    return manifest, {"metadata": metadata, "settings": settings}


def _with_times_as_texts(bundle: dict[str, Any]) -> dict[str, Any]:
    for holder, name in (
        (bundle["exportManifest"]["exportUserInfo"], "exportedOn"),
        (bundle.get("publishedBundleState") or {}, "publishedOn"),
    ):
        if name in holder:
            at = datetime.fromtimestamp(holder[name] / 1000, timezone.utc)
            holder[name] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return bundle
