"""A session: an instance, the plugin's settings, who acts, and through which entry point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from govern_mirror import clock
from govern_mirror.actions.inputs import refuses_wrong_types
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss import (
    Client,
    ClientFactory,
    DssInstance,
    ListAhead,
    ProjectStore,
    SettingsUnreadable,
    connect,
    shared,
)
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.metadata import Layout
from govern_mirror.model.address import parse_address
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item_templates import item_template
from govern_mirror.settings import PLUGIN_FOLDER, Settings, parse_settings

DEFAULTS_WARNING = (
    "the plugin's settings could not be read from the instance: defaults are used, so a rule that an administrator "
    "set could be missing, and a write settles for 1 s; give them with --settings FILE ({reason})"
)

SETTLING_WARNING = (
    "the plugin's settings could not be read from the instance: a write settles for 1 s, and those of others may take "
    "longer; give settling_seconds with --settings FILE ({reason})"
)


@dataclass(frozen=True)
class Session:
    """What every action needs.

    Attributes:
        store: the governed projects of one instance.
        settings: the plugin's settings in force.
        source: the entry point that the user came through.
        warnings: what the user should know about how the session was opened.
        rules_unreadable: why nobody can say which rules are in force; None where it is known.
        deployer: the node whose Deployer deploys the instance's bundles; None where that is its own.
    """

    store: ProjectStore
    settings: Settings = Settings()
    source: Source = Source.API
    warnings: tuple[str, ...] = ()
    rules_unreadable: str | None = None
    deployer: DssInstance | None = None

    @cached_property
    def login(self) -> str:
        """Who acts, as DSS knows them."""
        return self.store.login()

    @property
    def deployer_client(self) -> Client:
        """This thread's client of the Deployer."""
        return (self.deployer or self.store).client

    @property
    def blueprint(self) -> Blueprint:
        """The template in use, with the settings' rules."""
        return self.store.layout.blueprint

    def blueprint_of(self, address: str) -> Blueprint:
        """The template that an item follows: of a project the one in use, of its bundles and versions one that ships.

        Raises:
            InputError: it is no address.
        """
        return item_template(parse_address(address).kind) if "/" in address else self.blueprint

    def actor(self, now: datetime | None = None) -> Actor:
        """Who does something now (or at `now`, an aware time)."""
        return Actor(self.login, self.source, now or clock.now())


def layout_of(settings: Settings) -> Layout:
    """The template and projections that settings ask for."""
    return Layout(settings.blueprint(), settings.mirror_checklist, settings.mirror_tag)


def open_session(
    instance: Instance,
    fallback: Settings | None = None,
    source: Source = Source.API,
    deployer: Instance | None = None,
    ahead: ListAhead | None = None,
) -> Session:
    """Open a session from outside DSS.

    Args:
        instance: the address and key.
        fallback: settings to use when the instance's own cannot be read with this key.
        source: the entry point that the user came through.
        deployer: the node whose Deployer deploys the instance's bundles, and a key of it; None where that is its own.
        ahead: the list of projects, where it was asked for before.

    Raises:
        GovernMirrorError: DSS cannot be reached, or a setting is not valid. Settings that cannot be read are a
            warning, and a key that DSS does not know shows at the first action.
    """
    clients = connect(instance)
    store = ProjectStore(clients, layout_of(Settings()), instance.url)
    unreadable: str | None = None
    warnings: tuple[str, ...] = ()
    try:
        config = store.plugin_settings()
    except SettingsUnreadable as error:
        config, unreadable = None, None if fallback else str(error)
    if config is not None:
        settings = _settings_there(config, _folder_of(config, fallback))
        if fallback is not None:
            warnings = ("the instance's own settings can be read, so they are used, and not those given",)
    else:
        settings = fallback or Settings()
    layout = layout_of(settings)
    if unreadable:
        warnings = (DEFAULTS_WARNING.format(reason=unreadable),)
        layout = replace(layout, blueprint=replace(layout.blueprint, rules_known=False))
    warnings += settings.warnings
    if fallback is not None and fallback is not settings:
        warnings += fallback.warnings
    links = settings.instance_url or instance.url
    store = ProjectStore(clients, layout, links, settings.settling_seconds, settings.page_address, ahead)
    own = None if deployer is None else DssInstance(connect(deployer), deployer.url)
    return Session(store, settings, source, warnings, unreadable, own)


def _settings_there(config: Mapping[str, Any], folder: Path | None) -> Settings:
    """Read the settings that the instance holds: a fault in them is none of who runs a command.

    Raises:
        GovernMirrorError: a value is not valid; every one is named.
    """
    try:
        return parse_settings(config, folder=folder)
    except InputError as error:
        raise GovernMirrorError(f"{error}: let an administrator of DSS correct the settings of the plugin") from error


def _folder_of(config: Mapping[str, Any], fallback: Settings | None) -> Path | None:
    """Where the template that the instance's settings choose stands outside DSS: beside settings that choose it too."""
    return fallback.folder if fallback is not None and fallback.template == config.get("template") else None


@refuses_wrong_types
def session_in_dss(client: ClientFactory, plugin_config: Mapping[str, Any]) -> Session:
    """Open a session inside DSS, for a macro or a recipe.

    Args:
        client: `dataiku.api_client`; called once a thread, it acts with the rights of the user who runs.
        plugin_config: the plugin's settings as DSS passes them.
    """
    settings = parse_settings(plugin_config, folder=PLUGIN_FOLDER)
    store = ProjectStore(
        shared(client), layout_of(settings), settings.instance_url, settings.settling_seconds, settings.page_address
    )
    return Session(store, settings, Source.MACRO, settings.warnings)


@refuses_wrong_types
def connect_to(url: str, api_key: str, *, check_certificate: bool = True, settings: Settings | None = None) -> Session:
    """Open a session from Python.

    Args:
        url: the address of the DSS instance.
        api_key: a personal or global API key.
        check_certificate: whether TLS certificates are checked.
        settings: used when the plugin's settings cannot be read with this key.
    """
    return open_session(Instance(url, Secret(api_key), check_certificate), settings)
