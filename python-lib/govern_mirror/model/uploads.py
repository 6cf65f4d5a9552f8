"""What may be uploaded as a document: its name, its size, and content that is what its name says.

What a browser would run, such as HTML and SVG, is of no type that can be allowed, whatever it is called.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from govern_mirror.errors import InputError
from govern_mirror.text import clipped, one_line

MEGABYTE = 1_000_000
MAX_NAME_LENGTH = 150
"""Characters of a file's name; file systems take 255 bytes."""

MAX_PARTS = 20_000
"""How many files an Office document may hold: to list more takes long."""

_LOOKS_LIKE_MARKUP = re.compile(rb"\s*<(!doctype|!--|\?xml|html|head|body|script|style|svg|iframe|meta)", re.IGNORECASE)
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_NOT_IN_DSS = re.compile(r"[^A-Za-z0-9 ._-]+")
"""What DSS's client leaves out of the name of an attachment."""


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def _holds(folder: str) -> Callable[[bytes], bool]:
    """Whether it is an Office document with this folder in it, and without macros."""

    def is_one(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                names = parts.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
            return False
        is_known = len(names) <= MAX_PARTS and "[Content_Types].xml" in names
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return is_known and not has_macros and any(name.startswith(folder) for name in names)

    return is_one


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _CONTROL_BYTES.search(content) and not _LOOKS_LIKE_MARKUP.match(content.removeprefix(b"\xef\xbb\xbf"))


TYPES: Mapping[str, Callable[[bytes], bool]] = {
    "pdf": _begins(b"%PDF-"),
    "docx": _holds("word/"),
    "xlsx": _holds("xl/"),
    "pptx": _holds("ppt/"),
    "csv": _is_text,
    "txt": _is_text,
    "md": _is_text,
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "jpeg": _begins(b"\xff\xd8\xff"),
}
"""The types that can be allowed, by the ending of a name, and what tells whether a content is of that type."""


@dataclass(frozen=True)
class UploadLimits:
    """What an administrator allows.

    Attributes:
        allowed: whether files may be uploaded at all.
        max_megabytes: the size of the largest file.
        types: the endings of the names that are allowed.
    """

    allowed: bool
    max_megabytes: int
    types: tuple[str, ...]

    @property
    def max_bytes(self) -> int:
        """The size of the largest file in bytes."""
        return self.max_megabytes * MEGABYTE

    @property
    def sentence(self) -> str:
        """What is allowed, for people."""
        return f"allowed are {', '.join(self.types)}, up to {self.max_megabytes} MB"


def check_name(name: str, limits: UploadLimits) -> str:
    """Return the ending of a file's name, in small letters.

    Raises:
        InputError: the name is none that a file may have, or its type is not allowed; the message says what is.
    """
    quoted = clipped(name)
    if not name.strip(" ."):
        raise InputError("the file has no name")
    if len(name) > MAX_NAME_LENGTH:
        raise InputError(f"the name of the file has {len(name)} characters: at most {MAX_NAME_LENGTH} are taken")
    if re.search(r'[/\\:*?"<>|]', name) or name != name.strip() or name.startswith(".") or name.endswith("."):
        raise InputError(f'{quoted} is no name of a file here: rename it, without / \\ : * ? " < > | and outer dots')
    if one_line(name) != name or any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") for char in name):
        raise InputError(f"{quoted} holds characters that nobody sees: rename the file")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in limits.types:
        raise InputError(f"{quoted} is of a type that is not allowed here: {limits.sentence}")
    return ending


def check_upload(name: str, content: bytes, limits: UploadLimits) -> None:
    """Require that a file may be uploaded.

    Raises:
        InputError: it may not; the message says what is allowed.
    """
    ending = check_name(name, limits)
    if not content:
        raise InputError(f"{clipped(name)} is empty")
    if len(content) > limits.max_bytes:
        raise InputError(f"{clipped(name)} is too large: {limits.sentence}")
    if not TYPES[ending](content):
        raise InputError(f"what is in {clipped(name)} is no {ending}, as its name says: {limits.sentence}")


def attachment_name(name: str, content: bytes) -> str:
    """Return what a file is called as an attachment: in DSS's letters, and with its content's digest.

    The same file under the same name is known again by it, so that a second try attaches it no second time.
    """
    stem, _, ending = name.rpartition(".")
    plain = unicodedata.normalize("NFKD", stem)
    plain = _NOT_IN_DSS.sub("", plain).strip(" .") or "file"
    digest = hashlib.blake2b(content, digest_size=6).hexdigest()
    return f"{plain[:80]}-{digest}.{ending.lower()}"
