"""Which DSS instance to talk to: from options, the environment, or Dataiku's own config file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from govern_mirror.errors import InputError

CONFIG_FILES = (".dataiku/config.json", ".dataiku/.config.json")
"""Below the home folder. Dataiku's documentation names the file one way here and the other way there."""


@dataclass(frozen=True)
class Instance:
    """The address of a DSS instance and how to reach it.

    Attributes:
        url: without a trailing slash, which the client would not strip.
        api_key: never printed.
        check_certificate: whether TLS certificates are checked.
    """

    url: str
    api_key: str = field(repr=False)
    check_certificate: bool = True


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore")
    url: str
    api_key: str
    no_check_certificate: bool = False


class _ConfigFile(BaseModel):
    model_config = ConfigDict(extra="ignore")
    dss_instances: dict[str, _Entry] = {}
    default_instance: str | None = None


@dataclass(frozen=True)
class Options:
    """What the command line gave; None where it gave nothing."""

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    api_key_file: Path | None = None
    instance: str | None = None
    no_check_certificate: bool = False


def resolve(options: Options, environment: Mapping[str, str], home: Path) -> Instance:
    """Find the instance: options first, then `DKU_DSS_URL` and `DKU_API_KEY`, then the config file.

    `--instance NAME` always means the config file.

    Raises:
        InputError: nothing names an instance, half of it is missing, or the config file is not valid.
    """
    if options.instance is not None:
        return _from_config(options, home)
    key = options.api_key or key_from_file(options.api_key_file) or environment.get("DKU_API_KEY")
    url = options.url or environment.get("DKU_DSS_URL")
    if url and key:
        return Instance(_address(url), key.strip(), not options.no_check_certificate)
    if url and not key:
        raise InputError("an address but no API key: give --api-key or --api-key-file, or set DKU_API_KEY")
    if options.api_key or options.api_key_file:
        raise InputError("an API key but no address: give --url or set DKU_DSS_URL")
    return _from_config(options, home)


def _from_config(options: Options, home: Path) -> Instance:
    found = [home / name for name in CONFIG_FILES if (home / name).is_file()]
    if not found:
        raise InputError(
            "no DSS instance given: use --url and --api-key, set DKU_DSS_URL and DKU_API_KEY, or describe one in "
            f"{home / CONFIG_FILES[0]}"
        )
    config = _read(found[0])
    name = options.instance or config.default_instance
    if name is None and len(config.dss_instances) == 1:
        name = next(iter(config.dss_instances))
    entry = config.dss_instances.get(name or "")
    if entry is None:
        known = ", ".join(sorted(config.dss_instances)) or "none"
        raise InputError(f"{found[0]} describes no instance {name or '(no default_instance set)'!r}; it knows: {known}")
    key = options.api_key or key_from_file(options.api_key_file) or entry.api_key
    check = not (options.no_check_certificate or entry.no_check_certificate)
    return Instance(_address(options.url or entry.url), key.strip(), check)


def read_fleet(path: Path, *, check_certificate: bool = True) -> list[Instance]:
    """The instances of a fleet file: the shape of Dataiku's config file, all of its `dss_instances`, in their order.

    Args:
        path: the file.
        check_certificate: False to check no certificate, whatever the file says.

    Raises:
        InputError: it cannot be read, is not valid, or lists none.
    """
    entries = _read(path).dss_instances.values()
    if not entries:
        raise InputError(f'{path} lists no instance: write {{"dss_instances": {{"NAME": {{"url": …, "api_key": …}}}}}}')
    return [
        Instance(_address(entry.url), entry.api_key.strip(), check_certificate and not entry.no_check_certificate)
        for entry in entries
    ]


def _read(path: Path) -> _ConfigFile:
    try:
        return _ConfigFile.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        # pydantic would print the values, among them keys
        fault = (
            ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
            if isinstance(error, ValidationError)
            else error
        )
        raise InputError(f"{path} is not a valid Dataiku config file: {fault}") from None


def _address(url: str) -> str:
    url = url.strip().rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise InputError(f"{url!r} is not an address: it must start with http:// or https://")
    return url


def key_from_file(path: Path | None) -> str | None:
    """Read an API key from a file; None when no file is given.

    Raises:
        InputError: it cannot be read, or is empty.
    """
    if path is None:
        return None
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the API key from {path}: {error}") from None
    if not key:
        raise InputError(f"the API key file {path} is empty")
    return key
