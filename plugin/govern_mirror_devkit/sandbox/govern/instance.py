"""A small Govern node: the models of what Govern keeps and does, apart from HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..auth import Accounts
from ..release import Release
from ..store import Store
from .blueprints import Blueprints
from .governed_items import GovernedItems
from .node import ArtifactNode
from .reviews import Reviews

_STATE, _API_KEY = "govern_sandbox", "api_key"


class GovernInstance:
    """A small Govern node, as `DssInstance` is a small DSS.

    Attributes:
        blueprints: its templates.
        node: its artifacts, and what happens to them in Govern itself.
        items: the bundles and model versions that it knows and governs.
        reviews: its sign-offs, as people act on them.
        node_id, release: what the node tells of itself.
        base_url: where it is reached at present.
        accounts: its API keys.
    """

    def __init__(self, db: Path | None = None, *, node_id: str = "govern", version: str = "14.2.0") -> None:
        """Open a Govern node.

        Args:
            db: the file that holds its state and survives a restart; None for memory.
            node_id: the node's id.
            version: Govern's version; before 13.5 artifacts have no `workflow`.
        """
        self.store = Store(db)
        self.node_id = node_id
        self.release = Release(version)
        self.base_url: str | None = None
        self.accounts = Accounts(self.store)
        self.blueprints = Blueprints(self.store)
        self.node = ArtifactNode(self.store, self.blueprints, version=version)
        self.items = GovernedItems(self.node)
        self.reviews = Reviews(self.node, self.blueprints, self.accounts)
        if self.store.get(_STATE, _API_KEY) is None:
            self.store.put(_STATE, _API_KEY, self.accounts.create_global_key(admin=True))

    @property
    def api_key(self) -> str:
        """A global API key with administrator's rights; Govern has API keys only (client)."""
        return str(self.store.get(_STATE, _API_KEY))

    @property
    def node_ref(self) -> dict[str, Any]:
        """What a DSS that is integrated with this node knows of it; `Sandbox.govern_node_ref` takes it.

        Keys as `DSSClient.get_govern_client` reads them (client); not integrated while it is not reached.
        """
        if self.base_url is None:
            return {"enabled": False}
        return {
            "enabled": True,
            "nodeUrl": self.base_url,
            "apiKey": self.api_key,
            "trustAllSSLCertificates": False,
        }

    def create_user(self, login: str, groups: tuple[str, ...] = (), display_name: str | None = None) -> str:
        """Add a user, and return an API key that acts as them: an administrator's key may do so too (client)."""
        self.accounts.create_user(login, groups=groups, display_name=display_name)
        return self.accounts.create_personal_key(login)

    def close(self) -> None:
        """Close the state's file."""
        self.store.close()
