"""How the commands that work on several projects end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.hints import worded
from govern_mirror.cli.printing import DIFFERENCES, done_before, print_changes, print_line, print_table

if TYPE_CHECKING:
    from govern_mirror.actions.govern import ProjectResult
    from govern_mirror.actions.session import Session
    from govern_mirror.cli.context import GlobalOptions
    from govern_mirror.model.blueprint import Blueprint

FEW = 5
"""Up to so many projects every changed field is printed; beyond that with --verbose only."""


def end_with_results(
    options: GlobalOptions,
    blueprint: Blueprint,
    results: Sequence[ProjectResult],
    *,
    dry_run: bool,
    shown_before: bool = False,
) -> None:
    """Print what was done, what was not, and why; exit 1 on any failure, 3 when a dry run would change something.

    With `shown_before` the changes stand above already.
    """
    if not results:
        options.message("No project is in this scope.")
        return
    # where few are asked for, a key that does not exist is told with those that look like it
    session = options.opened_session if len(results) <= FEW else None
    changed = sum(bool(result.changes) and not result.failed for result in results)
    with done_before("Nothing was written" if dry_run else f"{changed} of {len(results)} projects were changed"):
        rows = [(result.project_key, result.outcome, _message(result, session)) for result in results]
        print_table(("PROJECT", "OUTCOME", "MESSAGE"), rows)
        if not shown_before and (len(results) <= FEW or options.verbose):
            for result in results:
                if result.changes:
                    print_line()
                    print_changes(blueprint, result.project_key, result.changes)
    for result in results:
        for warning in result.warnings:
            options.message(f"Warning: {result.project_key}: {warning.removeprefix(result.project_key + ': ')}")
    if len(results) > 1:
        counts = Counter(result.outcome for result in results)
        options.message(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    if any(result.failed for result in results):
        raise click.exceptions.Exit(1)
    if dry_run and any(result.changes for result in results):
        raise click.exceptions.Exit(DIFFERENCES)


def _message(result: ProjectResult, session: Session | None) -> str:
    kept = f"{result.message}; kept: {'; '.join(result.kept)}" if result.kept else result.message
    return worded(kept, result.hint, session)
