"""The plugin's instance-wide settings, as `plugin.json` declares them, parsed once at the edge."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from govern_mirror.errors import InputError
from govern_mirror.files import MAX_SETTINGS, read_bounded_json
from govern_mirror.model.address import parse_address
from govern_mirror.model.blueprint import STANDARD, Blueprint, Rule
from govern_mirror.model.scores import Weights
from govern_mirror.model.template_file import load
from govern_mirror.model.uploads import TYPES, UploadLimits
from govern_mirror.page_links import parse_page_address
from govern_mirror.text import clipped

MAX_NAMED = 10
"""How many unknown settings a warning names."""

Weight = Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)]


def _whole(value: object) -> object:
    """DSS passes an INT as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# strict: true is no number, and "false" is no switch that is off
Days = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1, le=36_500)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=30, allow_inf_nan=False)]
Megabytes = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1, le=50)]
Switch = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]


def _address(value: object) -> object:
    """An address without a trailing slash, which would be doubled before a path.

    What is no web address counts as blank: links are no reason to stop a workflow.
    """
    text = value.strip().rstrip("/") if isinstance(value, str) else ""
    if "://" not in text and ":" not in text.partition(".")[0]:
        text = f"https://{text}"
    return text if _WEB.fullmatch(text) else None


_WEB = re.compile(r"https?://[^\s/:]+(:\d+)?(/\S*)?", re.IGNORECASE)


def _template_name(value: object) -> object:
    """The name of a template's file; blank counts as none."""
    if not isinstance(value, str) or not value.strip():
        return None if isinstance(value, str) else value
    parts = value.strip().split("/")
    if not value.strip().endswith(".json") or any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise ValueError("name a JSON file below the plugin's folder, such as resource/template.json")
    return value.strip()


def _project_key(value: object) -> object:
    """The key of a project; blank counts as none."""
    if not isinstance(value, str) or not value.strip():
        return None if isinstance(value, str) else value
    try:
        address = parse_address(value.strip())
    except InputError as error:
        raise ValueError(str(error)) from error
    if address.ids:
        raise ValueError("name a project by its key, such as GOVERNANCE")
    return address.project_key


ProjectKey = Annotated[str | None, BeforeValidator(_project_key)]
TemplateName = Annotated[str | None, BeforeValidator(_template_name)]


PAGE_ADDRESS_REFUSED = (
    "page_address {!r} is no address that links can lead to: give https://HOST/webapps/PROJECT/ID as the browser shows "
    "it, without user, password or query"
)


def _upload_types(value: object) -> object:
    """Endings of names, as a list or as one text with commas; only those whose content can be checked."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(ending, str) for ending in items):
        raise ValueError("give endings of names, such as pdf, docx")
    endings = [ending.strip().lstrip(".").lower() for ending in items if ending.strip()]
    unknown = [ending for ending in endings if ending not in TYPES]
    if unknown:
        raise ValueError(f"{clipped(unknown[0])} cannot be allowed: there are {', '.join(TYPES)}")
    return tuple(dict.fromkeys(endings))


UploadTypes = Annotated[tuple[str, ...], BeforeValidator(_upload_types)]


class RequiredField(BaseModel):
    """A field (by path) that must be filled before a step can finish."""

    step: Text
    field: Text


class Settings(BaseModel):
    """What an administrator chose for the whole instance. Unknown keys change nothing, but are named in `warnings`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    mirror_checklist: Switch = True
    mirror_tag: Switch = True
    required_fields: tuple[RequiredField, ...] = ()
    decisions_to_move_on: tuple[Text, ...] = ()
    stale_after_days: Days = 30
    weight_value: Weight = 1.0
    weight_risk: Weight = 1.0
    weight_feasibility: Weight = 1.0
    weight_cost: Weight = 1.0
    instance_url: Annotated[str | None, BeforeValidator(_address)] = None
    page_address: Annotated[str | None, BeforeValidator(parse_page_address)] = None
    settling_seconds: Seconds = 1.0
    uploads: Switch = False
    upload_max_megabytes: Megabytes = 20
    upload_types: UploadTypes = ("pdf", "docx", "xlsx", "pptx", "csv", "txt", "png", "jpg")
    template: TemplateName = None
    hub_project: ProjectKey = None
    status_page: Annotated[str | None, BeforeValidator(_address)] = None
    ask: Text = ""
    _folder: Path | None = PrivateAttr(default=None)
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    def __init__(self, **config: Any) -> None:
        try:
            super().__init__(**config)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in e['loc'])}: {e['msg'].removeprefix('Value error, ')}"
                for e in error.errors()
            )
            raise InputError(faults) from error

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know about how the settings were read, such as names that no setting has."""
        return self._warnings

    @property
    def folder(self) -> Path | None:
        """Where the template that they name is looked for; None where it cannot be read."""
        return self._folder

    @property
    def weights(self) -> Weights:
        """The weights of the priority."""
        return Weights(self.weight_value, self.weight_risk, self.weight_feasibility, self.weight_cost)

    @property
    def upload_limits(self) -> UploadLimits:
        """What may be uploaded."""
        return UploadLimits(self.uploads, self.upload_max_megabytes, self.upload_types)

    def blueprint(self) -> Blueprint:
        """The template that is chosen, with these settings' rules: required fields, decisions to move on.

        Raises:
            InputError: the template cannot be read, or a rule names a step, field or decision that it does not have.
        """
        base = self._template()
        with _told_of("required_fields"):
            rules = [Rule(base.step(r.step).id, requires=(base.find(r.field).path,)) for r in self.required_fields]
        if self.decisions_to_move_on:
            with _told_of("decisions_to_move_on"):
                decisions = tuple(base.decision(text) for text in self.decisions_to_move_on)
            step = base.qualification_step
            if step is None:
                raise InputError("decisions_to_move_on: the template has no step that a decision concludes")
            rules.append(Rule(step.id, decisions=decisions))
        return base.with_rules(tuple(rules))

    def _template(self) -> Blueprint:
        if self.template is None:
            return STANDARD
        if self._folder is None:
            raise InputError(
                f"the instance's settings choose the template {self.template}, a file of its plugin, which cannot be "
                "read from here: give settings that choose it, too, with --settings FILE, and the template beside them"
            )
        return load(self._folder / self.template)


@contextmanager
def _told_of(setting: str) -> Iterator[None]:
    """Name the setting that an error is about: nobody typed its value just now."""
    try:
        yield
    except InputError as error:
        raise InputError(f"the setting {setting}: {error}") from error


PLUGIN_FOLDER = Path(__file__).parents[2]
"""The plugin's own folder, where this package is part of it: a template of the settings is a file there."""


def parse_settings(
    config: Mapping[str, Any], where: str = "the plugin's settings", *, folder: Path | None = None
) -> Settings:
    """Read settings as DSS passes them: what is null counts as not set.

    Args:
        config: the parameters of `plugin.json` by name.
        where: where they came from, for the error.
        folder: where the template that they may name is looked for; None where it cannot be read.

    Raises:
        InputError: a value is not valid; every one is named.
    """
    if not isinstance(config, Mapping):
        raise InputError(f"{where}: give settings by their names, not {clipped(config)}")
    values = {key: value for key, value in config.items() if value is not None}
    try:
        settings = Settings(**values)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    settings._folder = folder
    unknown = sorted(key for key in values if key not in Settings.model_fields)
    if unknown:
        settings._warnings = (_unknown_keys(unknown, where),)
    if values.get("page_address") not in (None, "") and settings.page_address is None:
        # a link is no reason to stop a workflow
        settings._warnings += (f"{where}: {PAGE_ADDRESS_REFUSED.format(clipped(values['page_address']))}",)
    return settings


def read_settings(path: Path) -> Settings:
    """Read settings from a JSON file with the same keys as the plugin's settings.

    Raises:
        InputError: the file cannot be read, is not a JSON object, or holds invalid values.
    """
    config = read_bounded_json(path, MAX_SETTINGS, "the settings file")
    if not isinstance(config, dict):
        raise InputError(f'the settings file {path} must hold a JSON object, such as {{"stale_after_days": 30}}')
    return parse_settings(config, str(path), folder=path.parent)


def _unknown_keys(unknown: list[str], where: str) -> str:
    names = []
    for key in unknown[:MAX_NAMED]:
        similar = difflib.get_close_matches(key[:60], Settings.model_fields, 1)
        names.append(f"{clipped(key)} (is {similar[0]} meant?)" if similar else clipped(key))
    names += [f"{len(unknown) - MAX_NAMED} more"] if len(unknown) > MAX_NAMED else []
    return f"{where}: unknown settings, which change nothing: {', '.join(names)}; correct the names, or leave them out"
