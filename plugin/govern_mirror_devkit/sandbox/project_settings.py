"""A project's settings: what a new project has, and what DSS misses in a document that is not whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import DssError

_NEEDED = ("codeEnvs", "container", "cluster", "k8sCluster")
"""What the client's `DSSProjectSettings` sets below `settings`."""


def new_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a new project.

    Below `settings` stand what the client sets there and what was given at creation; the keys beside it are those of
    public exports of projects. A new project has no `projectStatus`.
    """
    environment = {"mode": "INHERIT", "useBuiltinEnv": True, "preventOverride": False}
    return {
        "settings": {
            "codeEnvs": {"python": dict(environment), "r": dict(environment)},
            "container": {"containerMode": "INHERIT"},
            "cluster": {"clusterMode": "INHERIT"},
            "k8sCluster": {"clusterMode": "INHERIT"},
            "gitMode": "PROJECT_ONLY",
            "gitCommitMode": "AUTO",
            **settings,
        },
        "exposedObjects": {"objects": []},
        "projectAppType": "REGULAR",
        "disableAutomaticTriggers": False,
    }


def require_whole(settings: Mapping[str, Any]) -> None:
    """Refuse settings of which a part is missing: DSS answers 500 (live 15: clssck/dataiku-sdk)."""
    inner = settings.get("settings")
    missing = [key for key in ("settings", "exposedObjects") if not isinstance(settings.get(key), dict)]
    missing += [key for key in _NEEDED if isinstance(inner, dict) and not isinstance(inner.get(key), dict)]
    if missing:
        raise DssError(500, "java.lang.NullPointerException", f"{', '.join(missing)}: missing")
