"""Which DSS instance to talk to: from options, the environment, or Dataiku's own config file.

Addresses, API keys, project keys and other ids are checked here before a request is made of them.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from govern_mirror.errors import InputError
from govern_mirror.files import MAX_SECRET, read_bounded_json, read_bounded_text
from govern_mirror.text import checked_text

CONFIG_FILES = (".dataiku/config.json", ".dataiku/.config.json")
"""Below the home folder. Dataiku's documentation names the file one way here and the other way there."""

MAX_CONFIG = 1 << 20
"""Bytes of a config file."""

EVERYONE = "every user of this machine"
_SCHEMES = ("http", "https")

MAX_ID_LENGTH = 60
"""Characters of a wrong id that a message repeats."""

_KEY = re.compile(r"[A-Za-z0-9_]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Secret:
    """A key that shows itself to nobody but who asks for it: not printed, not copied into a dict, not pickled."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True)
class Instance:
    """The address of a node, DSS or Govern, and how to reach it.

    Attributes:
        url: checked, and without a trailing slash, which the client would not strip.
        api_key: a text becomes a `Secret`.
        check_certificate: whether TLS certificates are checked.
        notices: what the user should know of how it is reached; nothing of it hinders.

    Raises:
        InputError: the address or the key is not valid.
    """

    url: str
    api_key: Secret | str = field(repr=False)
    check_certificate: bool = True
    notices: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", checked_address(self.url))
        object.__setattr__(self, "api_key", Secret(_checked_api_key(self.reveal_key())))
        if is_plain_http(self.url):
            notice = (
                f"{self.url} is plain http: whoever is on the way can read the key and change what is sent; use https"
            )
            object.__setattr__(self, "notices", (*(earlier for earlier in self.notices if earlier != notice), notice))

    def reveal_key(self) -> str:
        """The key itself, for the client."""
        return self.api_key.reveal() if isinstance(self.api_key, Secret) else self.api_key


@dataclass(frozen=True)
class _Entry:
    """An instance of Dataiku's config file; other keys beside these are not ours."""

    url: str
    api_key: str = field(repr=False)
    no_check_certificate: bool = False


@dataclass(frozen=True)
class Options:
    """What the command line gave; None where it gave nothing."""

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    api_key_file: Path | None = None
    instance: str | None = None
    no_check_certificate: bool = False


def resolve(options: Options, environment: Mapping[str, str], home: Path | None) -> Instance:
    """Find the instance: options first, then `DKU_DSS_URL` and `DKU_API_KEY`, then the config file.

    `--instance NAME` always means the config file. A key goes to the address that it was given for only.

    Args:
        options: what the command line gave.
        environment: of the process.
        home: the home folder; None where there is none.

    Raises:
        InputError: nothing names an instance, half of it is missing, or what names it is not valid.
    """
    instance = _resolved(options, environment, home)
    notices: tuple[str, ...] = ()
    if options.api_key:
        notices = (
            "--api-key stands in the list of processes, which every user of this machine can read: use "
            "--api-key-file or DKU_API_KEY",
        )
    elif options.api_key_file:
        notices = _notices_of(options.api_key_file)
    return replace(instance, notices=(*instance.notices, *notices))


def _resolved(options: Options, environment: Mapping[str, str], home: Path | None) -> Instance:
    if options.instance is not None:
        if options.url:
            raise InputError(
                "--instance names an address and its key, --url another address: give one of them, since a key must "
                "not go where it does not belong"
            )
        return _from_config(options, home)
    key = options.api_key or key_from_file(options.api_key_file)
    url, api_key = options.url or environment.get("DKU_DSS_URL"), key or environment.get("DKU_API_KEY")
    if url and api_key:
        if options.url and not key:
            _require_same_address(options.url, environment.get("DKU_DSS_URL"))
        return Instance(url, Secret(api_key), not options.no_check_certificate)
    if url and not api_key:
        raise InputError("an address but no API key: give --api-key or --api-key-file, or set DKU_API_KEY")
    if key:
        raise InputError("an API key but no address: give --url or set DKU_DSS_URL")
    return _from_config(options, home)


def deployer_of(environment: Mapping[str, str], *, check_certificate: bool = True) -> Instance | None:
    """Find the node whose Deployer is meant, in `DKU_DEPLOYER_URL` and `DKU_DEPLOYER_API_KEY`.

    Args:
        environment: of the process.
        check_certificate: whether TLS certificates are checked.

    Returns:
        It; None where nothing names one: then it is the instance's own.

    Raises:
        InputError: half of it is missing, or not valid.
    """
    url, api_key = environment.get("DKU_DEPLOYER_URL"), environment.get("DKU_DEPLOYER_API_KEY")
    if not url and not api_key:
        return None
    if not url or not api_key:
        missing = "DKU_DEPLOYER_URL" if api_key else "DKU_DEPLOYER_API_KEY"
        raise InputError(f"a Deployer is named by its address and a key of it: set {missing}, too")
    return Instance(url, Secret(api_key), check_certificate)


def _require_same_address(url: str, url_of_key: str | None) -> None:
    if url_of_key and checked_address(url_of_key) != checked_address(url):
        raise InputError(
            "--url is another address than DKU_DSS_URL, to which DKU_API_KEY belongs: give its key with "
            "--api-key-file, or unset DKU_DSS_URL"
        )


def other_readers(path: Path) -> str | None:
    """Who besides its owner may read a file; None for nobody, and where that cannot be told."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if os.name != "posix" or not stat.S_ISREG(mode):
        return None
    if mode & stat.S_IROTH:
        return EVERYONE
    return "the users of its group" if mode & stat.S_IRGRP else None


def _notices_of(path: Path) -> tuple[str, ...]:
    """What to say of a file with keys in it, as far as that can be told."""
    is_open = other_readers(path) == EVERYONE
    return (f"{EVERYONE} can read the keys in {path}: chmod 600 it",) if is_open else ()


# Dataiku's config file ---------------------------------------------------------------------------------------------


def _from_config(options: Options, home: Path | None) -> Instance:
    path = _config_file(home)
    if path is None:
        where = home / CONFIG_FILES[0] if home else f"~/{CONFIG_FILES[0]} (there is no home folder here)"
        raise InputError(
            "no DSS instance given: use --url and --api-key-file, set DKU_DSS_URL and DKU_API_KEY, or describe one in "
            f"{where}"
        )
    config = _read(path)
    entries = _entries(config, path)
    name = options.instance or config.get("default_instance")
    if name is None and len(entries) == 1:
        name = next(iter(entries))
    if not isinstance(name, str) or name not in entries:
        label = repr(name) if name is not None else "(no default_instance set)"
        raise InputError(f"{path} describes no instance {label}; it knows: {', '.join(sorted(entries)) or 'none'}")
    key = options.api_key or key_from_file(options.api_key_file)
    return _instance(entries[name], name, path, key, check_certificate=not options.no_check_certificate)


def _config_file(home: Path | None) -> Path | None:
    for name in CONFIG_FILES if home else ():
        path = Path(home or "", name)
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):
            continue  # a home folder that may not be read holds nothing for us
    return None


def read_fleet(path: Path, *, check_certificate: bool = True) -> list[Instance]:
    """The instances of a fleet file: the shape of Dataiku's config file, all of its `dss_instances`, in their order.

    Args:
        path: the file.
        check_certificate: False to check no certificate, whatever the file says.

    Raises:
        InputError: it cannot be read, is not valid, or lists none.
    """
    entries = _entries(_read(path), path)
    if not entries:
        raise InputError(f'{path} lists no instance: write {{"dss_instances": {{"NAME": {{"url": …, "api_key": …}}}}}}')
    return [_instance(raw, name, path, check_certificate=check_certificate) for name, raw in entries.items()]


def _read(path: Path) -> dict[str, Any]:
    config = read_bounded_json(path, MAX_CONFIG, "the config file")
    if not isinstance(config, dict):
        raise InputError(f"{path} is not a valid Dataiku config file: it is no JSON object")
    return config


def _entries(config: Mapping[str, Any], path: Path) -> dict[str, Any]:
    entries = config.get("dss_instances", {})
    if not isinstance(entries, dict):
        raise InputError(f"{path} is not a valid Dataiku config file: dss_instances is no JSON object")
    return entries


def _instance(raw: object, name: str, path: Path, api_key: str | None = None, *, check_certificate: bool) -> Instance:
    """The instance that an entry describes, with its own key unless another one is given."""
    # only a config file needs it, and it takes as long to import as all of the client
    from pydantic import TypeAdapter, ValidationError

    try:
        entry = TypeAdapter(_Entry).validate_python(raw)
    except ValidationError as error:
        # pydantic would print the values, among them keys
        faults = ", ".join(".".join(map(str, ("dss_instances", name, *e["loc"]))) for e in error.errors())
        raise InputError(f"{path} is not a valid Dataiku config file: {faults}") from None
    check = check_certificate and not entry.no_check_certificate
    return Instance(entry.url, Secret(api_key or entry.api_key), check, () if api_key else _notices_of(path))


# addresses and keys ------------------------------------------------------------------------------------------------


def checked_address(url: str) -> str:
    """An address that a client can be made for: http or https, a host, maybe a port and a path, nothing else.

    Returns:
        It, without a trailing slash and with a scheme in small letters.

    Raises:
        InputError: it is none. What may be a password in it is not repeated.
    """
    url = checked_text(url, "the address").strip().lstrip("\ufeff").rstrip("/")
    scheme, separator, rest = url.partition("://")
    if "@" in (rest if separator else url).split("/")[0]:
        raise InputError(
            "the address holds a user name or a password before @: leave them out, since addresses are printed and "
            "stored; the API key alone says who you are"
        )
    label = repr(url) if "@" not in url else "what is given"
    if not separator or scheme.lower() not in _SCHEMES:
        raise InputError(f"{label} is not an address: it must start with http:// or https://")
    if any(mark in rest for mark in "?#\\") or any(not char.isprintable() or char.isspace() for char in rest):
        raise InputError(f"{label} is not the address of a node: it must end before any ?, # or blank")
    url = f"{scheme.lower()}://{rest}"
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete:
        raise InputError(f"{label} is not an address: it names no host, or no valid port")
    return url


def is_plain_http(url: str) -> bool:
    """Whether what goes to an address can be read on the way: http to anything but this machine itself."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "https" or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return True


def _checked_api_key(text: str) -> str:
    """A key without blanks around it.

    Raises:
        InputError: it holds what no key does; neither the key nor any part of it is repeated.
    """
    if not isinstance(text, str):
        raise InputError("the API key is not a text")
    key = text.strip().lstrip("\ufeff").strip()
    if not key:
        raise InputError("the API key is empty: copy it again")
    for position, char in enumerate(key, 1):
        if not "!" <= char <= "~":
            name = unicodedata.name(char, "a control character")
            raise InputError(
                f"the API key holds {name} (U+{ord(char):04X}) at place {position}, which no key does: copy it again"
            )
    return key


def key_from_file(path: Path | None) -> str | None:
    """Read an API key from a file; None when no file is given.

    Raises:
        InputError: it cannot be read, or is empty.
    """
    if path is None:
        return None
    key = read_bounded_text(path, MAX_SECRET, "the API key file").strip()
    if not key:
        raise InputError(f"the API key file {path} is empty")
    return key


# project keys and other ids ---------------------------------------------------------------------------------------


def checked_key(text: str) -> str:
    """Return a project key as it is, if it is one: letters, digits and `_`, which is what DSS allows.

    Raises:
        InputError: it is none; an address made of it would lead elsewhere.
    """
    if not _KEY.fullmatch(checked_text(text, "a project key")):
        raise InputError(f"{_quote(text)} is not a project key: a key has letters, digits and _ only; correct it")
    return text


def path_part(text: str, kind: str = "id") -> str:
    """An id, checked and percent-encoded, as one part of an address's path.

    Args:
        text: the id.
        kind: what it is the id of, for the message.

    Raises:
        InputError: it is empty, holds control characters, or is `.` or `..`, which mean places in an address.
    """
    if checked_text(text, kind) in ("", ".", "..") or _CONTROL.search(text):
        raise InputError(f"{_quote(text)} is not a valid {kind}: correct it")
    return quote(text, safe="")


def _quote(text: str) -> str:
    return ascii(text if len(text) <= MAX_ID_LENGTH else f"{text[:MAX_ID_LENGTH]}…")
