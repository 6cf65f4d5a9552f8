"""Upload a file as a document of a project, and download it again: an attachment in the project's wiki."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.actions.session import Session
from govern_mirror.errors import Action, Hint, InputError, WriteRefused
from govern_mirror.model.blueprint import Kind
from govern_mirror.model.item import Item
from govern_mirror.model.uploads import TYPES, UploadLimits, attachment_name, check_name, check_upload
from govern_mirror.model.values import Document

OFF = "files cannot be uploaded here: an administrator has not allowed it. Add a link"

_UPLOADED = re.compile(r"/projects/(?P<key>[^/#?]+)/wiki/[^/#?]+#file=(?P<id>[^/#?&]+)$")
"""How the link of an uploaded file ends."""

_NAME = re.compile(rf"[A-Za-z0-9 ._-]+\.(?:{'|'.join(TYPES)})", re.IGNORECASE)


@dataclass(frozen=True)
class Download:
    """A file to be handed on: a name that says what it is, and its content."""

    name: str
    content: bytes


@refuses_wrong_types
def upload(session: Session, project_key: str, name: str, content: bytes) -> Document:
    """Attach a file to the project's wiki, and return the document that links to it.

    Nothing is written into the project's fields: the document is saved as every other one. The same file under the same
    name is attached once, however often it is tried.

    Args:
        session: the instance, settings and user.
        project_key: a governed project.
        name: of the file, as people know it.
        content: of the file.

    Raises:
        InputError: uploads are off, or the file is none that is allowed; the message says what is.
        WriteRefused: the project is not governed, or must not be written.
        GovernMirrorError: as `Attachments.add` says.
    """
    require_upload(session, name)
    check_upload(name, content, session.settings.upload_limits)
    item = session.store.decoded(project_key, session.store.metadata(project_key))
    if not item.is_governed or item.read_only:
        hint = None if item.is_governed else Hint(Action.GOVERN, project_key)
        raise WriteRefused(f"{project_key} is not written: {item.read_only or 'it is not governed'}", hint=hint)
    attached = session.store.attachments(project_key).add(attachment_name(name, content), content)
    article, file = (quote(part, safe="") for part in (attached.article_id, attached.id))
    return Document(name, f"{session.store.project_url(project_key)}wiki/{article}#file={file}")


def require_upload(session: Session, name: str) -> None:
    """Require what can be known before the content: that uploads are on, and the name.

    Raises:
        InputError: they are off, or the name or its type is not allowed.
    """
    limits = session.settings.upload_limits
    if not limits.allowed:
        raise InputError(OFF)
    check_name(name, limits)


@refuses_wrong_types
def download(session: Session, project_key: str, upload_id: str) -> Download:
    """Read a file that was uploaded as a document of a project.

    Raises:
        NotFound: there is none with this id, or the user may not read it.
        GovernMirrorError: as `Attachments.read` says.
    """
    told, content = session.store.attachments(project_key).read(upload_id)
    item = session.store.decoded(project_key, session.store.metadata(project_key))
    return Download(_title_of(item, upload_id) or _name_in(told), content)


def _title_of(item: Item, upload_id: str) -> str | None:
    """The title of the document that links to a file, where it is a name of a type that can be uploaded."""
    for field in item.blueprint.all_fields:
        documents = item.values[field.path] if field.kind is Kind.DOCUMENTS else ()
        for document in documents if isinstance(documents, tuple) else ():
            match = _UPLOADED.search(document.url) if isinstance(document, Document) else None
            is_it = match and match["key"] == item.facts.project_key and unquote(match["id"]) == upload_id
            if is_it and isinstance(document, Document) and _is_name(document.title):
                return document.title
    return None


def _is_name(title: str) -> bool:
    try:
        check_name(title, UploadLimits(True, 1, tuple(TYPES)))
    except InputError:
        return False
    return True


def _name_in(told: str) -> str:
    """The name in what DSS tells of an attachment; a plain one where it tells none."""
    match = _NAME.search(told)
    return match[0] if match else "document"
