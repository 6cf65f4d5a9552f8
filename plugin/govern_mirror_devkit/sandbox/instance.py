"""A small DSS instance: the models of what DSS keeps and does, apart from HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..host import PluginHost
from .auth import ADMINISTRATORS, DESIGNER, Accounts, Caller
from .bundles import Bundles
from .clock import Clock
from .components import Components
from .connections import Connections
from .datasets import Datasets
from .deployment_hooks import DeploymentHooks
from .deployment_update import DeploymentUpdates
from .deployments import Deployments
from .errors import BadRequest
from .folders import ProjectFolders
from .futures import Futures
from .impersonation import Impersonation
from .infrastructures import Infrastructures
from .jobs import Jobs
from .macros import Macros
from .managed_folders import ManagedFolders
from .messaging import MessagingChannels
from .plugins import Plugins
from .projects import Projects
from .published_projects import PublishedProjects
from .recipes import Recipes
from .release import Release
from .saved_models import SavedModels
from .scenario_run import ScenarioRunner
from .scenarios import Scenarios
from .sessions import Sessions
from .standards import ProjectStandards
from .store import Store
from .webapps import Webapps
from .wiki import Wiki

ADMIN = "admin"
"""The login of the administrator that every sandbox has."""

_STATE, _ADMIN_KEY = "sandbox", "admin_key"


class DssInstance:
    """A small DSS instance.

    Attributes:
        node_id, release: what the instance tells of itself; where versions of DSS differ, the release decides.
        base_url: where it is reached at present; macros that it runs call back there.
        accounts, projects, wiki, project_folders, datasets, connections, managed_folders: its parts.
        bundles, saved_models: what is governed beside projects.
        standards: the last Project Standards reports.
        infrastructures, published_projects, deployments: its Project Deployer.
        deployment_updates, deployment_hooks: what happens when it deploys.
        deployer_node: where its bundles are published, when that is another instance than this one.
        plugins, macros, recipes, jobs, scenarios, webapps: what runs the plugin's code.
        sessions, impersonation: people who log in, and whose groups a webapp's user may act for.
        messaging: its messaging channels; mails end in `messaging.outbox`.
        clock: its time.
    """

    def __init__(
        self,
        db: Path | None = None,
        *,
        clock: Clock | None = None,
        node_id: str = "sandbox",
        dss_version: str = "14.2.0",
        plugin: PluginHost | None = None,
    ) -> None:
        """Open an instance.

        Args:
            db: the file that holds its state and survives a restart; None for memory.
            clock: its time; the present when left out.
            node_id: the instance's node id.
            dss_version: the version it claims to be, and behaves as.
            plugin: runs the components of the one plugin that is installed; None when none is.
        """
        self.store = Store(db)
        self.clock = clock or Clock()
        self.node_id = node_id
        self.release = Release(dss_version)
        self.base_url: str | None = None
        self.external_url = ""
        self.govern_node_ref: dict[str, Any] = {"enabled": False}
        self._tell_govern: Callable[[str, str], object] | None = None
        self.futures = Futures()
        self.accounts = Accounts(self.store)
        self.sessions = Sessions(self.store, self.accounts)
        self.impersonation = Impersonation(self.store)
        self.projects = Projects(self.store, self.accounts, self.clock, self.release)
        self.wiki = Wiki(self.store, self.projects)
        self.project_folders = ProjectFolders(self.store, self.projects)
        self.datasets = Datasets(self.store, self.projects)
        self.connections = Connections(self.store)
        self.managed_folders = ManagedFolders(self.store, self.projects, self.connections, self.clock)
        self.bundles = Bundles(self.store, self.projects, self.release, self.clock, node_id)
        self.saved_models = SavedModels(self.store, self.projects, self.clock)
        self.standards = ProjectStandards(self.store, self.projects, self.release, self.clock)
        self.plugins = Plugins(self.store, plugin.root if plugin else None)
        self.messaging = MessagingChannels(self.store)
        self._set_up_deployer()
        self._run_components(plugin)
        if self.store.get(_STATE, _ADMIN_KEY) is None:
            self.accounts.create_user(ADMIN, groups=(ADMINISTRATORS,), display_name="Administrator")
            self.store.put(_STATE, _ADMIN_KEY, self.accounts.create_personal_key(ADMIN))

    def _set_up_deployer(self) -> None:
        """Set up the Project Deployer, which every instance may be."""
        self.deployer_node: DssInstance | None = None
        self.infrastructures = Infrastructures(self.store)
        self.published_projects = projects = PublishedProjects(self.store, self.clock)
        self.deployment_hooks = hooks = DeploymentHooks(self.accounts, self.clock, self._address)
        self.deployment_updates = updates = DeploymentUpdates(self.store, projects, hooks, self.clock)
        self.deployments = Deployments(self.store, self.infrastructures, projects, updates, self.futures, self.clock)

    def _run_components(self, plugin: PluginHost | None) -> None:
        """Set up what runs the plugin's code: macros, recipes, jobs, scenarios, webapps."""
        components = Components(plugin, self.plugins, self.accounts, self.clock, self._address)
        self.macros = Macros(self.projects, components)
        self.recipes = Recipes(self.store, self.projects, self.datasets, self.managed_folders, components, self.clock)
        self.jobs = Jobs(self.projects, self.datasets, self.recipes, components, self.clock)
        runner = ScenarioRunner(self.accounts, self.macros, self.jobs, self.messaging, self.clock)
        self.scenarios = Scenarios(self.store, self.projects, runner, self.clock)
        self.webapps = Webapps(
            self.store, self.projects, self.accounts, self.plugins, self.clock, self.release, plugin, self._address
        )

    def _address(self) -> str:
        if self.base_url is None:
            raise RuntimeError("serve or mount the sandbox first: the plugin's code calls back")
        return self.base_url

    def integrate(self, node_ref: dict[str, Any], tell: Callable[[str, str], object]) -> None:
        """Integrate the instance with a Govern node.

        Args:
            node_ref: what the instance then knows of the node: `GovernSandbox.node_ref`.
            tell: lets the node know a project, by node id and project key.
        """
        self.govern_node_ref, self._tell_govern = node_ref, tell

    def sync_to_govern(self, project_key: str | None) -> str:
        """Let Govern know one project, or all; returns the id of the future that tells how it went.

        That the future is not at its end when it is returned is as the client says of `govern_dss_sync`.
        """
        if self._tell_govern is None:
            raise BadRequest("Govern integration is not enabled")
        for key in self.projects.all_keys() if project_key is None else [project_key]:
            self._tell_govern(self.node_id, key)
        future = f"govern-sync-{len(self.futures) + 1}"
        self.futures.finish(future, {"success": True})
        return future

    def publish_bundle(
        self, caller: Caller, project_key: str, bundle_id: str, published_key: str | None = None
    ) -> dict[str, Any]:
        """Publish a bundle on the Project Deployer, as the user of the same login there (client, docs).

        Returns:
            When, by whom and where to.
        """
        archive = self.bundles.archive(caller, project_key, bundle_id)
        node = self.deployer_node or self
        there = caller if node is self else node.accounts.user(caller.login)
        package = node.published_projects.upload(there, archive, published_key or project_key)
        state = {name: package[name] for name in ("publishedOn", "publishedBy", "publishedProjectKey")}
        self.bundles.note_published(project_key, bundle_id, state)
        return state

    def connect_automation(self, infra_id: str, node: DssInstance) -> None:
        """Let an infrastructure lead to an automation node, which must be reached: its address, a key of its admin."""
        if node.base_url is None:
            raise RuntimeError("serve or mount the automation node first: hooks call it")
        settings = self.infrastructures.settings(self.admin, infra_id)
        where = {"automationNodeUrl": node.base_url, "automationNodeExternalUrl": node.base_url}
        key = {"adminApiKey": node.accounts.create_global_key(admin=True)}
        self.infrastructures.save(self.admin, infra_id, {**settings, **where, **key})
        self.deployment_updates.nodes[infra_id] = node

    @property
    def admin_key(self) -> str:
        """The API key of the administrator."""
        return str(self.store.get(_STATE, _ADMIN_KEY))

    @property
    def admin(self) -> Caller:
        """The administrator."""
        return self.accounts.user(ADMIN)

    def create_user(
        self,
        login: str,
        groups: tuple[str, ...] = (),
        display_name: str | None = None,
        *,
        profile: str = DESIGNER,
        password: str | None = None,
    ) -> str:
        """Add a user, who may log in with a browser where a password is given, and return an API key of theirs."""
        self.accounts.create_user(login, groups=groups, display_name=display_name, profile=profile)
        if password is not None:
            self.sessions.set_password(login, password)
        return self.accounts.create_personal_key(login)

    def create_project(self, project_key: str, name: str | None = None, owner: str = ADMIN, **options: Any) -> None:
        """Create a project as its owner does in DSS; the options are those of `Projects.create`."""
        self.projects.create(self.accounts.user(owner), project_key, name or project_key, owner, **options)

    def metadata(self, project_key: str) -> dict[str, Any]:
        """Return a project's metadata, as an administrator sees it."""
        return self.projects.metadata(self.admin, project_key)

    def edit_metadata(self, project_key: str, change: Callable[[dict[str, Any]], object], login: str = ADMIN) -> None:
        """Change a project's metadata in place, as a user does in DSS's own forms."""
        metadata = self.metadata(project_key)
        change(metadata)
        self.projects.set_metadata(self.accounts.user(login), project_key, metadata)

    def close(self) -> None:
        """Stop what runs, and close the state's file."""
        self.webapps.stop_all()
        self.futures.join()
        self.store.close()
