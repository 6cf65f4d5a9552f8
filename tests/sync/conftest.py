"""A DSS and a Govern node side by side: once without a socket, once over HTTP."""

import contextlib

import pytest
import responses
from support.command_line import run_command

from govern_mirror import Scope, initialize, qualify
from govern_mirror.actions.session import connect_to
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import mount
from govern_mirror_devkit.sandbox.server import serve

DSS, GOVERN = "https://dss.example.com", "https://govern.example.com"


@pytest.fixture
def version():
    """The Govern node's version; tests of older nodes override it."""
    return "14.2.0"


class Sides:
    """Both nodes, what people do there, and the command line between them."""

    def __init__(self, dss, govern, dss_url, govern_url):
        self.dss, self.govern = dss, govern
        self.dss_url, self.govern_url = dss_url, govern_url
        self.session = connect_to(dss_url, dss.admin_key)
        self.artifacts = {}
        dss.integrate(govern.node_ref, govern.node.make_known)

    def project(self, key, *, governed=True, known=True, artifact=True, **definition):
        """A DSS project that Govern knows, governed on either side or both; returns the Govern project's id."""
        self.dss.create_project(key, key.capitalize())
        if governed:
            initialize(self.session, Scope((key,)))
        if not known:
            return None
        item = self.govern.node.register_dataiku_project("sandbox", key)
        if not artifact:
            return None
        self.artifacts[key] = self.govern.node.govern(key.capitalize(), item.id, **definition).id
        return self.artifacts[key]

    def in_govern(self, key, step_statuses=None, **fields):
        """Someone edits the Govern project of a DSS project."""

        def change(document):
            document["fields"].update(fields)
            for step, status in (step_statuses or {}).items():
                document["workflow"]["steps"][step] = {"status": status, "visible": True}

        self.govern.node.edit(self.artifacts[key], change)

    def in_dss(self, key, **fields):
        """Someone edits custom fields by hand, which nobody records."""
        self.dss.edit_metadata(key, lambda metadata: metadata["customFields"].update(fields))

    def recorded(self, key, **fields):
        """Someone edits custom fields by hand, and a person records them."""
        self.in_dss(key, **fields)
        qualify(self.session, key, {}, confirm=True)

    def held_by_govern(self, key):
        return self.govern.node.document(self.govern.node.get(self.artifacts[key]))

    def held_by_dss(self, key):
        return self.dss.metadata(key)["customFields"]

    def run(self, *arguments):
        options = ("--url", self.dss_url, "--api-key", self.dss.admin_key)
        return run_command(*options, "sync", *arguments, secrets=(self.dss.admin_key, self.govern.api_key))


@pytest.fixture
def dss_sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def sides(transport, version, dss_sandbox):
    with contextlib.ExitStack() as stack:
        dss = dss_sandbox
        govern = stack.enter_context(contextlib.closing(GovernSandbox(version=version)))
        if transport == "served":
            urls = stack.enter_context(serve(dss)), stack.enter_context(serve(govern))
        else:
            mock = stack.enter_context(responses.RequestsMock(assert_all_requests_are_fired=False))
            for node, url in ((dss, DSS), (govern, GOVERN)):
                mount(mock, node.wsgi, url)
                stack.enter_context(node.reached_at(url))
            urls = DSS, GOVERN
        yield Sides(dss, govern, *urls)
