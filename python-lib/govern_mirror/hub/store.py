"""The hub's project as it is kept in DSS: one managed folder, with a file for each entry and the configuration.

Files of a managed folder are overwritten in silence and know no versions. So an entry's file has a name of its own,
which its content gives, and is read back; the configuration is written after the entry that it comes from, which says
what it must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from govern_mirror import fast_json
from govern_mirror.dss import Client, Metadata, ProjectStore
from govern_mirror.dss.managed_folders import (
    DEFAULT_CONNECTION,
    create_folder,
    file_sizes,
    folder_connection,
    folders_named,
    put_file,
)
from govern_mirror.dss.managed_folders import read_file as read_folder_file
from govern_mirror.dss.safe_write import SafeWrite
from govern_mirror.errors import ConflictError, NotFound, WriteRefused
from govern_mirror.hub.configuration import Configuration
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, folder_prefix, read_entry
from govern_mirror.hub.opened import CONFIGURATION, REMINDERS, HubError, OpenedHub, heads_of
from govern_mirror.model.blueprint import HUB_FIELD
from govern_mirror.nested import text_at
from govern_mirror.operation import bounded
from govern_mirror.times import iso_time

FOLDER_NAME = "govern"
"""The name of the hub's managed folder."""


class Hub:
    """The hub of an instance, with the rights of the key or ticket that asks.

    Args:
        store: the instance.
        project_key: the hub's project.
    """

    def __init__(self, store: ProjectStore, project_key: str) -> None:
        self.project_key = project_key
        self._store = store
        self._folder: str | None = None

    @bounded
    def set_up(self, connection: str = DEFAULT_CONNECTION, *, dry_run: bool = False) -> bool:
        """Create the hub's folder where there is none, and note its id in the hub's project.

        Args:
            connection: the connection that a new folder is kept on.
            dry_run: only look.

        Returns:
            Whether anything was created or noted, or would be.

        Raises:
            HubError: there are several folders of its name, or one that is not the hub's.
            GovernMirrorError: DSS does not let this key.
        """
        noted = _folder_noted(self._metadata())
        ids = folders_named(self._store.client, self.project_key, FOLDER_NAME)
        self._require_one(ids)
        if noted and noted in ids:
            return False
        if noted and not ids:
            raise HubError(
                f"the hub's folder {noted} is gone from {self.project_key}, and with it what was approved: restore it "
                f"from a backup. To begin anew without it, clear the custom field {HUB_FIELD} of the project first"
            )
        if ids:
            self._require_own(ids[0], connection)
        if dry_run:
            return True
        folder = ids[0] if ids else create_folder(self._store.client, self.project_key, FOLDER_NAME, connection)
        _HubFieldWrite(self._store, self.project_key, folder).run()
        self._folder = folder
        return True

    def paths(self) -> frozenset[str]:
        """The paths of all files of the hub.

        Raises:
            HubError: the hub was not set up, or is not as it was.
            GovernMirrorError: as `api_errors` says.
        """
        return frozenset(file_sizes(self._store.client, self.project_key, self.folder))

    @property
    def folder(self) -> str:
        """The id of the hub's folder.

        Raises:
            HubError: the hub was not set up, or its folder is gone or not the only one of its name.
            GovernMirrorError: as `api_errors` says.
        """
        if self._folder is None:
            noted = _folder_noted(self._metadata())
            if not noted:
                raise HubError(f"{self.project_key} is no hub yet: set it up with `hub init {self.project_key}`")
            ids = folders_named(self._store.client, self.project_key, FOLDER_NAME)
            self._require_one(ids)
            if noted not in ids:
                raise HubError(
                    f"the hub's folder {noted} is gone from {self.project_key}, and with it what was approved: "
                    "restore it from a backup"
                )
            self._folder = noted
        return self._folder

    def open(self) -> OpenedHub:
        """Read which files the hub has, whose entries and configuration are read from there on.

        Raises:
            GovernMirrorError: as `paths` says.
        """
        return OpenedHub(self.project_key, self.read, self.paths())

    @bounded
    def append(self, entry: LedgerEntry) -> LedgerEntry:
        """Write an entry, and read it back.

        Raises:
            WriteRefused: it could not be read again, and then nothing of its item could; nothing was written.
            ConflictError: DSS accepted it, and does not hold it.
            WriteUnclear: it may have been written.
            GovernMirrorError: as `api_errors` says.
        """
        try:
            read_entry(entry.path, entry.content)
        except (ValueError, RecursionError) as error:
            raise WriteRefused(
                f"nothing was recorded, since the hub could not read it again ({error}): shorten what the project holds"
            ) from error
        put_file(self._store.client, self.project_key, self.folder, entry.path, entry.content)
        if self.read(entry.path) != entry.content:
            raise ConflictError(f"DSS accepted the entry {entry.id} and does not hold it as it was sent: try again")
        return entry

    @bounded
    def configure(self, configuration: Configuration, by: str, now: datetime) -> LedgerEntry:
        """Bring a configuration into force: first its entry in the ledger, then the configuration itself.

        Raises:
            ConflictError: somebody else changed it at the same moment, such as who may do so: it is not in force.
            GovernMirrorError: it could not be written; the one before is in force then.
        """
        opened = self.open()
        entries = opened.entries(None)
        document = configuration.to_json()
        entry = self.append(
            LedgerEntry(EntryKind.CONFIGURATION, None, None, now, by, heads_of(entries), {"configuration": document})
        )
        own = folder_prefix(None)
        if {path for path in self.paths() - opened.paths if path.startswith(own)} - {entry.path}:
            raise ConflictError(
                f"your change is recorded as entry {entry.id} and is not in force, since somebody else changed the "
                "configuration at the same moment: look at what is in force now, and try again"
            )
        origin = {name: entry.document[name] for name in ("at", "by", "parents")}
        file = {"format": 1, "entry": entry.id, "configuration": document, **origin}
        content = fast_json.sorted_ascii(file).encode("ascii")
        put_file(self._store.client, self.project_key, self.folder, CONFIGURATION, content)
        if self.read(CONFIGURATION) != content:
            raise ConflictError("somebody else configured the hub at the same moment: look at it, and try again")
        return entry

    @property
    def client(self) -> Client:
        """This thread's client, with the rights by which the hub is reached."""
        return self._store.client

    @bounded
    def remember_reminders(self, until: datetime) -> None:
        """Note up to when people were reminded.

        Raises:
            GovernMirrorError: it could not be written.
        """
        content = fast_json.sorted_ascii({"format": 1, "until": iso_time(until)}).encode("ascii")
        put_file(self._store.client, self.project_key, self.folder, REMINDERS, content)

    def _metadata(self) -> Metadata:
        try:
            return self._store.metadata(self.project_key)
        except NotFound as error:
            raise HubError(f"the hub {self.project_key} cannot be read: {error}", hint=error.hint) from error

    def _require_one(self, ids: list[str]) -> None:
        if len(ids) > 1:
            raise HubError(
                f"{self.project_key} has {len(ids)} managed folders named {FOLDER_NAME}, so that nobody can say which "
                "is the hub: rename those that are not"
            )

    def _require_own(self, folder: str, connection: str) -> None:
        """Require that a folder of the hub's name, which nothing notes as the hub's, is one that a set-up left behind.

        Else whoever could write the project before could have put approvals there, on a connection of their choice.
        """
        client, key = self._store.client, self.project_key
        if file_sizes(client, key, folder):
            raise HubError(
                f"{key} has a managed folder {FOLDER_NAME} with files in it, which nobody vouches for: rename it. "
                f"Where it is this hub's own, restored from a backup, note its id {folder} in the project's custom "
                f"field {HUB_FIELD}"
            )
        kept_on = folder_connection(client, key, folder)
        if kept_on != connection:
            raise HubError(
                f"{key} has a managed folder {FOLDER_NAME} on the connection {kept_on} already: rename it, so that one "
                f"is made on {connection}"
            )

    def read(self, path: str) -> bytes:
        """Read a file.

        Raises:
            GovernMirrorError: it cannot be read.
        """
        return read_folder_file(self._store.client, self.project_key, self.folder, path)


def _folder_noted(metadata: Metadata) -> str | None:
    return text_at(metadata.get("customFields"), HUB_FIELD)


class _HubFieldWrite(SafeWrite[Metadata, str, str]):
    """Notes the id of the hub's folder in the custom field of its project; all else stays as it is."""

    reads_twice = True

    def __init__(self, store: ProjectStore, project_key: str, folder_id: str) -> None:
        self.name = project_key
        self.settling_seconds = store.settling_seconds
        self._store = store
        self._folder_id = folder_id

    def read(self) -> Metadata:
        return self._store.base(self.name)

    def put(self, body: Metadata) -> None:
        self._store.put_metadata(self.name, body)

    def plan(self, document: Metadata) -> str | None:
        return None if self.holds(self._folder_id, document) else self._folder_id

    def body(self, planned: str, base: Metadata) -> Metadata:
        fields = base.get("customFields")
        return {**base, "customFields": {**(fields if isinstance(fields, Mapping) else {}), HUB_FIELD: planned}}

    def claim(self, planned: str, body: Metadata) -> str:
        return planned

    def holds(self, claim: str, document: Metadata) -> bool:
        return _folder_noted(document) == claim

    def require_unchanged(self, claim: str, document: Metadata) -> None:
        other = _folder_noted(document)
        if other and other != claim:
            raise WriteRefused(f"somebody else set up the hub in {self.name} at the same moment: look at it")
