"""The plugin's components, run in the name of a caller."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..host import Connection, DatasetWrite, MacroResult, PluginHost, RecipeResult
from .auth import Accounts, Caller
from .clock import Clock
from .errors import NotFound
from .plugins import Plugins


class Components:
    """Runs macros and recipes through the plugin host, with a key of the caller's that lives as long as the run.

    `dataiku.api_client()` acts with the rights of the user who runs it, also in a macro with `impersonate: false`:
    that is a matter of the machine's users only (docs, macros). What such a macro can do besides is to reach DSS's own
    files, and so to make an administrator's key: `dataiku.runnables.utils.get_admin_dss_client` (its public source).
    """

    def __init__(
        self,
        host: PluginHost | None,
        plugins: Plugins,
        accounts: Accounts,
        clock: Clock,
        base_url: Callable[[], str],
    ) -> None:
        """Tie the host to the instance.

        Args:
            host: runs the components of the plugin; None when no plugin is installed.
            plugins: the plugin's settings and presets.
            accounts: makes the keys that component code calls back with.
            clock: the time that component code sees.
            base_url: the address at which component code reaches this instance.
        """
        self._host = host
        self._plugins = plugins
        self._accounts = accounts
        self._clock = clock
        self._base_url = base_url

    def macros(self) -> list[dict[str, Any]]:
        """Return the descriptors of the plugin's macros, `id` and `runnableType` among them."""
        return [] if self._host is None else self._host.macros()

    def macro(self, runnable_type: str) -> dict[str, Any]:
        """Return one macro's descriptor; raises NotFound."""
        for descriptor in self.macros():
            if descriptor["runnableType"] == runnable_type:
                return descriptor
        raise NotFound(f"Macro {runnable_type} not found")

    def recipe(self, recipe_type: str) -> dict[str, Any]:
        """Return the descriptor of a recipe type such as `CustomCode_<id>`; raises NotFound."""
        recipes: list[dict[str, Any]] = [] if self._host is None else self._host.recipes()
        for descriptor in recipes:
            if descriptor["type"] == recipe_type:
                return descriptor
        raise NotFound(f"Recipe type {recipe_type} not found")

    def run_macro(
        self,
        caller: Caller,
        descriptor: Mapping[str, Any],
        project_key: str,
        params: Mapping[str, Any],
        *,
        progress: Callable[[float, float | None, str], None] | None = None,
        aborted: Callable[[], bool] | None = None,
    ) -> MacroResult:
        """Run a macro to its end; raises ComponentError or ComponentAborted."""
        with self._session(caller) as connection, self._admin_key(descriptor) as admin_key:
            return self._installed().run_macro(
                descriptor["id"],
                sent=self._plugins.resolved(caller, params, descriptor),
                project_key=project_key,
                connection=connection,
                plugin_settings=self._plugins.config(),
                admin_key=admin_key,
                progress=progress,
                aborted=aborted,
                now=self._clock.now(),
            )

    def run_recipe(
        self,
        caller: Caller,
        descriptor: Mapping[str, Any],
        project_key: str,
        params: Mapping[str, Any],
        *,
        inputs: dict[str, list[str]],
        outputs: dict[str, list[str]],
        read_dataset: Callable[[str], DatasetWrite],
    ) -> RecipeResult:
        """Run a recipe to its end and return what it wrote; raises ComponentError."""
        with self._session(caller) as connection:
            return self._installed().run_recipe(
                descriptor["id"],
                sent=self._plugins.resolved(caller, params, descriptor),
                project_key=project_key,
                inputs=inputs,
                outputs=outputs,
                connection=connection,
                plugin_settings=self._plugins.config(),
                read_dataset=read_dataset,
                now=self._clock.now(),
            )

    def _installed(self) -> PluginHost:
        if self._host is None:
            raise NotFound("No plugin is installed")
        return self._host

    @contextlib.contextmanager
    def _session(self, caller: Caller) -> Iterator[Connection]:
        key = self._accounts.create_session_key(caller)
        try:
            yield Connection(self._base_url(), key)
        finally:
            self._accounts.revoke(key)

    @contextlib.contextmanager
    def _admin_key(self, descriptor: Mapping[str, Any]) -> Iterator[str | None]:
        """Give a macro an administrator's key if it could make itself one; in DSS, that key outlives the run."""
        if descriptor.get("impersonate", True) and self._plugins.user_isolation:
            yield None
            return
        key = self._accounts.create_global_key(admin=True)
        try:
            yield key
        finally:
            self._accounts.revoke(key)
