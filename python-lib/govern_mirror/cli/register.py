"""`reviews --all`: the register of approvals, for the terminal or for tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from govern_mirror.actions.register import parse_register_filter, read_register, register_csv, register_json
from govern_mirror.cli.context import GlobalOptions
from govern_mirror.cli.printing import DIFFERENCES, print_json, print_table, say_error, write_bytes


def write_register(options: GlobalOptions, form: str, wanted: Mapping[str, str | None]) -> None:
    """Print the entries that are wanted, and whether the ledger that they come from is whole.

    Args:
        options: the global ones.
        form: `table`, `json` or `csv`.
        wanted: the filters, by the names of `parse_register_filter`, as they were typed.

    Raises:
        InputError: a filter is not valid; nothing was read then.
        click.exceptions.Exit: 3, when the ledger is not as it was written.
    """
    selection = parse_register_filter(**wanted)
    session = options.session()
    register = read_register(session, selection, limit=None)
    if form == "json":
        print_json(register_json(register, session.blueprint))
    elif form == "csv":
        write_bytes(b"".join(register_csv(register.entries, session.blueprint)), is_text=True)
    else:
        print_table(
            ("TIME (UTC)", "BY", "WHAT", "ITEM", "AS", "FOR", "COMMENT"),
            [
                (
                    entry["at"][:16].replace("T", " "),
                    entry["by"],
                    _what(entry),
                    entry["item"],
                    entry["role"] or "",
                    entry["for"] or "",
                    entry["comment"] or "",
                )
                for entry in register_json(register, session.blueprint)["entries"]
            ],
        )
    if register.breaks:
        first = register.breaks[0]
        say_error(f"the ledger is not as it was written ({len(register.breaks)}): {first.path}: {first.message}")
        raise click.exceptions.Exit(DIFFERENCES)
    options.message(f"{register.found} of {register.all} entries; the ledger is as it was written")


def _what(entry: Mapping[str, Any]) -> str:
    rating = (entry["feedback"] or "").replace("_", " ")
    return f"{entry['words']}: {rating}" if rating else str(entry["words"])
