"""Values of a form as DSS passes them, read strictly.

A form passes an empty field as null or not at all, an INT as a float, and a DATE as an ISO time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govern_mirror.errors import InputError
from govern_mirror.text import clipped

Config = Mapping[str, Any]
"""A form, preset or list of settings as DSS passes it, by parameter."""

ENCRYPTED = "e:AES:"
"""A password that DSS passes on without decrypting it begins so (docs)."""


def flag_of(config: Config, name: str, *, default: bool = False, safe: bool | None = None) -> bool:
    """A tick box of the form, read strictly: a flag that decides what is written is never guessed.

    Args:
        config: the form.
        name: the parameter.
        default: what it is where the form does not hold it, as where the descriptor's default applies.
        safe: what null stands for: the side on which nothing is written or forced; `default` where both are safe.

    Raises:
        InputError: it is something else than true, false or null, such as the text "true".
    """
    if name not in config:
        return default
    value = config[name]
    if value is None:
        return default if safe is None else safe
    if not isinstance(value, bool):
        raise InputError(f"{_label(name)} takes true or false, not {clipped(value)!r}: nothing was done")
    return value


def whole_number_of(config: Config, name: str) -> int | None:
    """A whole number of the form, which DSS may pass as a float; None when it is empty.

    Raises:
        InputError: it is not one.
    """
    value = config.get(name)
    if value is None or value == "":
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not value.is_integer()):
        raise InputError(f"{_label(name)} takes a whole number, not {clipped(value)}")
    return int(value)


def text_of(config: Config, name: str) -> str | None:
    """A text of the form; None when it is empty.

    Raises:
        InputError: it is no text.
    """
    value = config.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise InputError(f"{_label(name)} takes a text, not {clipped(value)}")
    return value


def typed_text(config: Config, name: str) -> str | None:
    """A parameter of any type as one text, several with commas between them; None when it is empty.

    Raises:
        InputError: it is something that no form holds, such as an object.
    """
    value = config.get(name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(texts_of(config, name)) or None
    if isinstance(value, int | float):
        number = whole_number_of(config, name) if float(value).is_integer() else value
        return str(number)
    return text_of(config, name)


def secret_of(config: Config, name: str, where: str) -> str | None:
    """A PASSWORD of a form or preset; None when it is empty.

    Args:
        config: the form or preset.
        name: the parameter.
        where: what holds it, for the error.

    Raises:
        InputError: DSS passed it on encrypted, or it is no text; the message never shows it.
    """
    value = config.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, str):
        raise InputError(f"the {_label(name)} of {where} is not a text: save it again")
    if value.startswith(ENCRYPTED):
        raise InputError(f"DSS did not decrypt the {_label(name)} of {where}: save it again, or ask an administrator")
    return value.strip()


def texts_of(config: Config, name: str) -> tuple[str, ...]:
    """A list of texts of the form, without empty ones; a single text counts as a list of one.

    Raises:
        InputError: it is no list of texts.
    """
    value = config.get(name)
    if value is None:
        return ()
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str | None) for item in items):
        raise InputError(f"{_label(name)} takes a list of texts, not {clipped(value)}")
    return tuple(item.strip() for item in items if item and item.strip())


def _label(name: str) -> str:
    return name.replace("_", " ")
