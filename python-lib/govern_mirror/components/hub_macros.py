"""The macros about the hub: `set-up-hub`, `configure-hub` and `remind-reviewers`."""

from __future__ import annotations

from collections.abc import Mapping

from govern_mirror import fast_json
from govern_mirror.actions.hub import set_up_hub
from govern_mirror.actions.hub_edit import configure_hub
from govern_mirror.actions.notify import remind
from govern_mirror.actions.session import Session
from govern_mirror.actions.take_part import DUE, RECORDED
from govern_mirror.components.results import Table
from govern_mirror.components.signoff_macros import hub_from_form, mail_rows
from govern_mirror.dss.managed_folders import DEFAULT_CONNECTION
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, text_of
from govern_mirror.hub.configuration import MAX_CONFIGURATION, Configuration, parse_configuration
from govern_mirror.text import clipped, one_line

_COLUMNS = (("what", "What"), ("detail", ""))
_CHANGES = (("what", "What"), ("before", "Before"), ("after", "After"))
_MAX_SHOWN = 500


def set_up_hub_from_form(session: Session, config: Config, project_key: str | None) -> Table:
    """The macro `set-up-hub`: what was done, and what an administrator does next, a row each.

    Raises:
        InputError: no project is named.
        GovernMirrorError: the project cannot be made the hub with this person's rights.
    """
    key = (text_of(config, "project") or project_key or "").strip()
    if not key:
        raise InputError("name the project that is to be the hub")
    connection = text_of(config, "connection") or DEFAULT_CONNECTION
    sentence, *_ = set_up_hub(session, key, connection, dry_run=flag_of(config, "dry_run", safe=True))
    rows = [("Hub", sentence)]
    if session.settings.hub_project != key:
        setting = f"Plugins › Govern mirror › Settings › Hub project: {key}; then restart the live page's backend"
        rows.append(("Setting", setting))
    rows += [
        ("Key", f"make an API key of the project {key} with the right ADMIN, and store it nowhere but in the preset"),
        (
            "Preset",
            f"Presets › Governance hub, named hub: {key} and the key; let everybody use it who takes part in reviews",
        ),
        ("Rights", f"on {key}: Read project content for auditors and pipelines, and nothing else for anybody"),
        ("Connection", f"no group uses {connection}: who may could write the hub's files from a project of theirs"),
        ("Reviewers", "on the live page under Approvals › Hub, or in a file with `govern-mirror hub import FILE`"),
        ("Look", "`govern-mirror hub check` with an administrator's key: red while an editor could write the hub"),
        (
            "Deployer",
            "its hooks (`govern-mirror gate hook`): policy WARN first, PREVENT once nothing unforeseen is warned of",
        ),
    ]
    return Table(_COLUMNS, tuple(rows))


def configure_hub_from_form(session: Session, config: Config) -> Table:
    """The macro `configure-hub`: what changes, a row each, and the entry that it is recorded as.

    Raises:
        InputError: the form, the preset or the configuration is not valid.
        GovernMirrorError: the person may not change it, or somebody else did meanwhile.
    """
    configuration = configuration_of(text_of(config, "configuration") or "")
    dry_run = flag_of(config, "dry_run", safe=True)
    hub = hub_from_form(session, config)
    result = configure_hub(session, hub, configuration, (text_of(config, "seen") or "").strip(), dry_run=dry_run)
    rows = [(place, _cell(change["from"]), _cell(change["to"])) for place, change in result.changes.items()]
    if not rows:
        rows.append(("Nothing changes", "", ""))
    elif result.entry is None:
        rows.append(("Dry run", "nothing was recorded", ""))
    else:
        rows.append((RECORDED, f"as entry {result.entry.id}", ""))
    return Table(_CHANGES, tuple(rows))


def configuration_of(text: str) -> Configuration:
    """Read a configuration that is given as JSON.

    Raises:
        InputError: it is none, or not valid; every fault is named with its place.
    """
    if len(text) > MAX_CONFIGURATION:
        raise InputError(f"the configuration has more than {MAX_CONFIGURATION:,} characters: name groups, not people")
    try:
        document = fast_json.loads_bounded(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the configuration is no JSON: {clipped(str(error))}") from error
    return parse_configuration(document, "the configuration")


def remind_from_form(session: Session, config: Config) -> Table:
    """The macro `remind-reviewers`: what is due, and who was reminded.

    Raises:
        InputError: the preset is not valid.
        GovernMirrorError: the person may not send reminders, or some could not be sent, so that a scenario fails.
    """
    reminded = remind(session, hub_from_form(session, config), dry_run=flag_of(config, "dry_run", safe=True))
    delivery = reminded.delivery
    faults = [f"{who}: {why}" for who, why in delivery.failed] + [item.sentence for item in reminded.unread]
    if faults:
        verb = "would be" if delivery.dry_run else "were"
        others = f"; reminded {verb} {', '.join(delivery.told)}" if delivery.told else ""
        raise GovernMirrorError(f"reminders could not be sent ({one_line('; '.join(faults), _MAX_SHOWN)}){others}")
    rows = [(DUE, str(address)) for address in reminded.due]
    rows += mail_rows(delivery)
    if reminded.off:
        rows.append(("Off", reminded.off))
    elif not reminded.due:
        rows.append(("Nothing due", "nobody is to be reminded"))
    return Table(_COLUMNS, tuple(rows))


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return one_line(", ".join(map(_cell, value)), _MAX_SHOWN)
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_cell(part)}" for name, part in value.items())
    return "" if value is None else one_line(str(value), _MAX_SHOWN)
