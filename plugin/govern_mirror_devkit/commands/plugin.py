"""`govern-mirror plugin check` and `govern-mirror plugin build`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def plugin() -> None:
    """Check and build the DSS plugin."""


@plugin.command()
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(root: Path | None) -> None:
    """Check the plugin's descriptors; ROOT is an unpacked plugin, else this one's own sources."""
    from ..packaging.check import check as examine
    from ..source import library, plugin_root

    folder = root / "python-lib" / "govern_mirror" if root else library()
    findings = examine(root or plugin_root(), folder)
    for finding in findings:
        click.echo(str(finding))
    if findings:
        raise click.ClickException(f"{len(findings)} findings: DSS would refuse them, or users stumble over them")
    click.echo("The plugin's descriptors are in order.", err=True)


@plugin.command()
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), default=Path("dist"), show_default=True, metavar="DIR"
)
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A workflow template as JSON: the plugin's forms, checks and custom fields are those of this template.",
)
def build(output: Path, template: Path | None) -> None:
    """Build the zip that DSS installs; its path is printed last."""
    from ..packaging.build import build as make
    from ..packaging.build import release_of
    from ..packaging.check import check as examine
    from ..packaging.shipped import LinkRefused
    from ..source import library, plugin_root

    findings = examine(plugin_root(), library())
    if findings:
        raise click.ClickException("\n".join(["the plugin is not in order:", *map(str, findings)]))
    try:
        click.echo(make(plugin_root(), library(), output, release_of(plugin_root()), template))
    except LinkRefused as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.UsageError(f"cannot write to {output}: {error.strerror or error}; choose --output") from error
