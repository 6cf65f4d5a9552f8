"""The hub's configuration as a YAML file, which people write and keep beside their code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from govern_mirror.errors import InputError
from govern_mirror.files import read_bounded_text
from govern_mirror.hub.configuration import MAX_CONFIGURATION, Configuration, parse_configuration


def read_configuration(path: Path) -> Configuration:
    """Read a hub's configuration from a YAML file.

    Raises:
        InputError: it cannot be read, or is not valid; every fault is named.
    """
    text = read_bounded_text(path, MAX_CONFIGURATION, "the configuration")
    return parse_configuration(_plain_yaml(text, str(path)), str(path))


def _plain_yaml(text: str, where: str) -> Any:
    """Read YAML without anchors, which can make gigabytes of a few lines, and with texts where YAML sees dates."""
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = f"line {event.start_mark.line + 1}: " if event.start_mark else ""
                raise InputError(f"{line}anchors and aliases are not read: write it out")
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that is stricter
    except InputError as error:
        raise InputError(f"{where}, {error}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{where} is no YAML: {' '.join(str(error).split())[:300]}") from error


class _Loader(yaml.SafeLoader):
    """Reads times as the texts that they are written as, and no name twice: YAML would take the last one in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and name in seen:
                raise InputError(f"line {line}: {name} stands twice, first in line {seen[name]}: take one of them away")
            seen[name] = line
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def configuration_yaml(configuration: Configuration) -> str:
    """Return a configuration as YAML, which `read_configuration` reads."""
    return str(yaml.safe_dump(configuration.to_json(), sort_keys=False, allow_unicode=True))
