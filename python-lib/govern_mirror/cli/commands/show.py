"""`govern-mirror show`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("key", type=project_key)
@click.option("--step", "step_name", metavar="STEP", help="Only this step, with its notes and documents.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)
@pass_options
def show(options: GlobalOptions, key: str, step_name: str | None, form: str) -> None:
    """Show one project: workflow, qualification, history, problems."""
    from govern_mirror.actions.show import project_json
    from govern_mirror.actions.show import show as read
    from govern_mirror.cli.printing import print_json
    from govern_mirror.cli.project_view import print_project, print_step

    session = options.session()
    step_id = session.blueprint.step(step_name).id if step_name is not None else None
    project = read(session, key)
    document = project_json(project, session.settings.weights, step=step_id)
    if form == "json":
        print_json(document)
    elif step_id is not None:
        print_step(document)
    else:
        print_project(document, project.blueprint)
