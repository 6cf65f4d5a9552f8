"""Files in a project's wiki: attachments of the one article that holds what people uploaded as documents."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from govern_mirror import fast_json
from govern_mirror.dss.article import ArticleWrite
from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.errors import ConflictError, ConnectionFailed, GovernMirrorError, NotFound, WriteUnclear
from govern_mirror.nested import mapping
from govern_mirror.operation import bounded

ARTICLE = "Govern documents"
"""The article that the files are attached to."""

TEXT = (
    "Files that were uploaded as documents of this project's governance are attached to this article. "
    "The project's steps and fields link to them.\n"
)

MAX_DOWNLOAD = 200_000_000
"""Bytes of the largest file that is handed on; people may attach larger ones in DSS itself."""

PIECE = 1 << 20


@dataclass(frozen=True)
class Attachment:
    """A file in the wiki: the id of its article, and its own."""

    article_id: str
    id: str


@dataclass(frozen=True)
class Attachments:
    """The files that were uploaded as documents of one project.

    Attributes:
        client: this thread's client.
        project_key: whose wiki.
        settling_seconds: the settling time.
    """

    client: Client
    project_key: str
    settling_seconds: float

    @bounded
    def add(self, name: str, content: bytes) -> Attachment:
        """Attach a file, and look for it there; the same file under the same name is attached once.

        Args:
            name: as DSS's client leaves it: letters, digits, blanks, `.`, `_`, `-`.
            content: of the file.

        Raises:
            ConflictError: DSS accepted it, and it is not there.
            WriteUnclear: it may have been attached, and the article does not tell.
            GovernMirrorError: as `api_errors` says.
        """
        article = ArticleWrite(
            self.client, self.project_key, ARTICLE, lambda text: text or TEXT, self.settling_seconds
        ).run()
        article_id = article.document.id
        before = self._attachments(article_id)
        uploads = [upload for upload, description in before.items() if name in description]
        for upload in uploads:
            if self._content(article_id, upload) == content:
                return Attachment(article_id, upload)
        failure = self._post(article_id, name, content)
        try:
            after = self._attachments(article_id)
            mine = [upload for upload in after if upload not in before and self._content(article_id, upload) == content]
        except GovernMirrorError as error:
            raise WriteUnclear(f"{self._label(name)} may have been attached ({error}): try again") from error
        if mine:
            return Attachment(article_id, mine[0])
        if failure is not None:
            raise WriteUnclear(f"{self._label(name)}: no answer tells whether it was attached ({failure}): try again")
        raise ConflictError(f"DSS accepted {self._label(name)}, and does not hold it as it was sent: try again")

    @bounded
    def read(self, upload_id: str) -> tuple[str, bytes]:
        """Return what DSS tells of a file, as JSON, and its content.

        Raises:
            NotFound: it is none of these files.
            GovernMirrorError: it is larger than `MAX_DOWNLOAD`; and as `api_errors` says.
        """
        raw = self._raw(quote(ARTICLE))
        attachments = _attachments(raw)
        if upload_id not in attachments:
            raise NotFound(f"{self.project_key} has no such file: it may have been deleted in the wiki")
        return attachments[upload_id], self._content(str(mapping(raw.get("article")).get("id")), upload_id)

    def _post(self, article_id: str, name: str, content: bytes) -> GovernMirrorError | None:
        """Send it; returns an error after which it may be there all the same."""
        path = f"/projects/{self.project_key}/wiki/{quote(article_id, safe='')}/upload"
        try:
            with api_errors(self.project_key, "attach a file to the wiki"):
                self.client._perform_json("POST", path, files={"file": (name, io.BytesIO(content))})
        except ConnectionFailed as error:
            if error.never_sent:
                raise
            return error
        return None

    def _raw(self, article: str) -> dict[str, Any]:
        with api_errors(self.project_key, "read the wiki"):
            raw = self.client._perform_json("GET", f"/projects/{self.project_key}/wiki/{article}")
        if not isinstance(raw, dict):
            raise ConnectionFailed(f"{self.project_key}: what came is not an article; {NOT_DSS}")
        return raw

    def _attachments(self, article_id: str) -> dict[str, str]:
        return _attachments(self._raw(quote(article_id, safe="")))

    def _content(self, article_id: str, upload_id: str) -> bytes:
        parts = (quote(part, safe="") for part in (article_id, upload_id))
        path = "/projects/{}/wiki/{}/uploads/{}".format(self.project_key, *parts)
        content = bytearray()
        with (
            api_errors(self.project_key, "read a file of the wiki"),
            closing(self.client._perform_raw("GET", path)) as answer,
        ):
            for piece in answer.iter_content(PIECE):
                content += piece
                if len(content) > MAX_DOWNLOAD:
                    raise GovernMirrorError("the file is too large to be handed on: open the article in DSS")
        return bytes(content)

    def _label(self, name: str) -> str:
        return f"{name}, for the article `{ARTICLE}` of {self.project_key},"


def _attachments(raw: dict[str, Any]) -> dict[str, str]:
    """The attachments of an article by their ids, each with all that DSS tells of it, as text.

    Only the id is documented; where the name stands is not.
    """
    items = mapping(raw.get("article")).get("attachments")
    objects = (item for item in items if isinstance(item, dict)) if isinstance(items, list) else ()
    return {
        str(item["smartId"]): fast_json.text_of(item) for item in objects if isinstance(item.get("smartId"), str | int)
    }
