"""A Govern node in the sandbox, reached by our own `GovernNode` through `responses` and over a real socket."""

import contextlib
from collections import Counter

import pytest
from standard import GovernNode

from govern_mirror.connection import Instance
from govern_mirror.govern_node import connect_govern
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox

URL = "https://govern.example.com"


@pytest.fixture(params=["14.2.0", "13.4.2"], ids=["workflow", "legacy"])
def version(request):
    return request.param


@pytest.fixture
def sandbox():
    with contextlib.closing(GovernSandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def url(sandbox, reached):
    with reached(sandbox, URL) as url:
        yield url


@pytest.fixture
def connected(sandbox, url):
    """Makes a `GovernNode` of the sandbox; its key and page size can be set."""

    def make(api_key=None, **options):
        return GovernNode(connect_govern(Instance(f"{url}/", api_key or sandbox.api_key)), **options)

    return make


@pytest.fixture
def node(connected):
    return connected()


@pytest.fixture
def requests_made(sandbox):
    """Counts the requests that reach the node, as `METHOD kind`."""
    counts = Counter()
    kinds = {
        "search": ("POST", "/artifacts/search"),
        "create": ("POST", "/artifacts"),
        "read": ("GET", "/artifact/*"),
        "write": ("PUT", "/artifact/*"),
        "template": ("GET", "/blueprint/*"),
        "all": ("*", "*"),
    }

    def counting(kind):
        return lambda: counts.update([kind])

    for kind, (method, path) in kinds.items():
        sandbox.faults.before(method, path, counting(kind), once=False)
    return counts


@pytest.fixture
def governed(sandbox):
    """Makes a DSS project and a Govern project over it; returns both artifacts' ids."""

    def make(name="Churn", key=None, node_id="design", **definition):
        item = sandbox.node.register_dataiku_project(node_id, key or name.upper())
        project = sandbox.node.govern(name, item.id, **definition)
        return project.id, item.id

    return make
