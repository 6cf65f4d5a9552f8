"""The plugin's instance-wide settings, as `plugin.json` declares them, parsed once at the edge."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from govern_mirror.errors import InputError
from govern_mirror.files import MAX_SETTINGS, read_bounded_json
from govern_mirror.model.blueprint import STANDARD, Blueprint, Kind, Rule
from govern_mirror.model.qualification import Weights
from govern_mirror.text import clipped

QUALIFICATION_STEP = "qualification"
"""The step that a decision concludes."""

MAX_NAMED = 10
"""How many unknown settings a warning names."""

Weight = Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)]


def _whole(value: object) -> object:
    """DSS passes an INT as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# strict: true is no number, and "false" is no switch that is off
Days = Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=1, le=36_500)]
Seconds = Annotated[float, Field(strict=True, ge=0, le=30, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(strict=True)]


def _address(value: object) -> object:
    """An address without what would double the slash of a path behind it.

    What is no web address counts as blank: links are no reason to stop a workflow.
    """
    text = value.strip().rstrip("/") if isinstance(value, str) else ""
    if "://" not in text and ":" not in text.partition(".")[0]:
        text = f"https://{text}"
    return text if _WEB.fullmatch(text) else None


_WEB = re.compile(r"https?://[^\s/:]+(:\d+)?(/\S*)?", re.IGNORECASE)


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
    settling_seconds: Seconds = 1.0
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[str, ...]:
        """What people should know about how the settings were read, such as names that no setting has."""
        return self._warnings

    @property
    def weights(self) -> Weights:
        """The weights of the priority."""
        return Weights(self.weight_value, self.weight_risk, self.weight_feasibility, self.weight_cost)

    def blueprint(self, base: Blueprint = STANDARD) -> Blueprint:
        """The template with these settings' rules: fields required to finish a step, decisions to move on.

        Raises:
            InputError: a rule names a step, field or decision that the template does not have.
        """
        rules = [Rule(base.step(r.step).id, requires=(_known_path(base, r.field),)) for r in self.required_fields]
        if self.decisions_to_move_on:
            decisions = tuple(base.category(Kind.DECISION, text) for text in self.decisions_to_move_on)
            rules.append(Rule(QUALIFICATION_STEP, decisions=decisions))
        return base.with_rules(tuple(rules))


def parse_settings(config: Mapping[str, Any], where: str = "the plugin's settings") -> Settings:
    """Read settings as DSS passes them: what is null counts as not set.

    Args:
        config: the parameters of `plugin.json` by name.
        where: where they came from, for the error.

    Raises:
        InputError: a value is not valid; every one is named.
    """
    known = {key: value for key, value in config.items() if value is not None}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in e['loc'])}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        raise InputError(f"{where}: {faults}") from error
    unknown = sorted(key for key in known if key not in Settings.model_fields)
    if unknown:
        settings._warnings = (_unknown_keys(unknown, where),)
    return settings


def read_settings(path: Path) -> Settings:
    """Read settings from a JSON file with the same keys as the plugin's settings.

    Raises:
        InputError: the file cannot be read, is not a JSON object, or holds invalid values.
    """
    config = read_bounded_json(path, MAX_SETTINGS, "the settings file")
    if not isinstance(config, dict):
        raise InputError(f'the settings file {path} must hold a JSON object, such as {{"stale_after_days": 30}}')
    return parse_settings(config, str(path))


def _unknown_keys(unknown: list[str], where: str) -> str:
    names = []
    for key in unknown[:MAX_NAMED]:
        similar = difflib.get_close_matches(key[:60], Settings.model_fields, 1)
        names.append(f"{clipped(key)} (is {similar[0]} meant?)" if similar else clipped(key))
    names += [f"{len(unknown) - MAX_NAMED} more"] if len(unknown) > MAX_NAMED else []
    return f"{where}: unknown settings, which change nothing: {', '.join(names)}; correct the names, or leave them out"


def _known_path(blueprint: Blueprint, path: str) -> str:
    if path not in blueprint.by_path:
        raise InputError(f"unknown field {path!r} in required_fields: use one of {', '.join(blueprint.by_path)}")
    return path
