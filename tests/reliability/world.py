"""A DSS and a Govern node in memory whose every request a test controls, under a clock that the test moves.

`World.before` and `World.around` see each request before it is handled: they write as somebody else does, let it fail,
or kill the client. Nothing waits: `govern_mirror.clock.sleep` and `time.sleep` move the virtual time.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import responses
from click.testing import CliRunner
from support.saved_rows import SavedRows, put_rows, rows_of
from werkzeug.wrappers import Response

from govern_mirror.cli.main import main
from govern_mirror_devkit.host import ComponentError, Connection, PluginHost
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import mount
from govern_mirror_devkit.source import plugin_root

DSS_URL = "https://dss.example.com"
GOVERN_URL = "https://govern.example.com"
ELSEWHERE_URL = "https://elsewhere.example.net"
PLAIN_URL = "http://dss.example.com"
MORNING = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
REQUEST_SECONDS = 0.01
"""What each request costs of the virtual time, where a test says nothing else."""

SETTLING_SECONDS = 1.0
"""The settling time that the product takes where no setting says otherwise."""

Handle = Callable[[], Response]


class Killed(BaseException):
    """The client's process is killed at this point."""


@dataclass(frozen=True)
class Request:
    """One request as it arrives.

    Attributes:
        number: counts from 1 since `World.watch` was called.
        node: `dss`, `govern` or `elsewhere`.
        method, path: the path is below the API's base path.
        at: the virtual time of its arrival.
        writer: the name of the thread that sent it.
    """

    number: int
    node: str
    method: str
    path: str
    at: float
    writer: str = ""

    @property
    def writes(self) -> bool:
        """Whether it can change something: a search is a POST that only reads."""
        return self.method not in ("GET", "HEAD") and self.path != "/artifacts/search"

    @property
    def is_metadata_put(self) -> bool:
        """Whether it replaces a project's metadata."""
        return self.method == "PUT" and self.path.endswith("/metadata")

    def __str__(self) -> str:
        return f"{self.number}. {self.node} {self.method} {self.path}"


@dataclass(frozen=True)
class Run:
    """How a command ended.

    Attributes:
        code: its exit code; None when it was killed.
        out, err: what it printed.
        crash: an exception that no command may end with.
    """

    code: int | None
    out: str = ""
    err: str = ""
    crash: BaseException | None = None

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return f"{self.out}\n{self.err}"

    @property
    def json(self) -> Any:
        """The output as JSON."""
        return json.loads(self.out)


_really_sleep = time.sleep


class VirtualTime:
    """Seconds that pass only when a request is handled, or when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []
        self.on_sleep: Callable[[float], None] | None = None
        self._lock = threading.Lock()
        # threads of other tests in this process (servers, watchers) go on in their own time
        self._strangers = frozenset(threading.enumerate()) - {threading.current_thread()}

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.seconds += seconds

    def sleep(self, seconds: float) -> None:
        """What the product calls to wait."""
        if threading.current_thread() in self._strangers:
            _really_sleep(seconds)
            return
        self.slept.append(seconds)
        if self.on_sleep:
            self.on_sleep(seconds)
        else:
            self.move(seconds)

    def now(self) -> datetime:
        """The wall clock, to the second, as `govern_mirror.clock.now` tells it."""
        return MORNING + timedelta(seconds=int(self.seconds - 1000))


@dataclass
class State:
    """A saved state of both nodes."""

    dss: SavedRows
    govern: SavedRows
    artifacts: dict[str, Any]


@dataclass
class World:
    """A DSS with the plugin, and a Govern node.

    Attributes:
        time: the virtual time.
        requests: what arrived since `watch`.
        before: called with each request before it is handled.
        around: answers each request in place of the node when set; its second argument handles the request.
        after: called with each request after it was handled, before its answer goes out.
        env: the environment of commands.
        eves_key: the key of another administrator, with which the state is looked at.
        leaks: requests that carried a key to another host.
        turn: held while a request is handled, so that those of several workers come one after the other.
        request_seconds: what each request costs of the virtual time.
        governed: what is governed in a project of a state of DSS, where that was looked at before.
        forget_calls: lets go of what the mock keeps of each request; without it, long runs keep gigabytes.
    """

    sandbox: Sandbox
    govern: GovernSandbox
    home: Path
    time: VirtualTime = field(default_factory=VirtualTime)
    requests: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] | None = None
    around: Callable[[Request, Handle], Response] | None = None
    after: Callable[[Request], None] | None = None
    env: dict[str, str] = field(default_factory=dict)
    eves_key: str = ""
    leaks: list[Request] = field(default_factory=list)
    turn: contextlib.AbstractContextManager[Any] = field(default_factory=threading.RLock)
    request_seconds: float = REQUEST_SECONDS
    forget_calls: Callable[[], None] = lambda: None
    governed: dict[tuple[str, bytes], dict[str, Any]] = field(default_factory=dict)

    # watching -----------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Forget the requests so far, and everything that was to happen at one."""
        self.requests, self.leaks = [], []
        self.forget_calls()
        self.before = self.around = self.after = None
        self.time.on_sleep = None
        self.time.slept = []

    def arrive(self, node: str, method: str, path: str, handle: Handle) -> Response:
        """Answer a request: called by the nodes for each one that arrives."""
        with self.turn:
            return self._answer(node, method, path, handle)

    def _answer(self, node: str, method: str, path: str, handle: Handle) -> Response:
        request = Request(
            len(self.requests) + 1, node, method, path, self.time.seconds, threading.current_thread().name
        )
        self.requests.append(request)
        self.time.move(self.request_seconds)
        if self.before:
            self.before(request)
        response = self.around(request, handle) if self.around else handle()
        if self.after:
            self.after(request)
        return response

    # running ------------------------------------------------------------------------------------------------

    def run(self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None) -> Run:
        """Run the command line as an administrator; a kill ends it without an exit code."""
        try:
            result = CliRunner().invoke(
                main, list(arguments), input=stdin, env={**self.env, **(env or {})}, catch_exceptions=True
            )
        except Killed:
            return Run(None)
        except BaseException as error:  # an interruption that nobody caught is a crash too
            return Run(None, crash=error)
        crash = result.exception if not isinstance(result.exception, SystemExit | None) else None
        if isinstance(crash, Killed):
            return Run(None)
        return Run(result.exit_code, result.stdout, result.stderr, crash)

    def run_macro(self, macro_id: str, params: dict[str, Any], project_key: str | None = "P") -> Run:
        """Run a macro as an administrator; its table's rows are the output."""
        host = PluginHost(plugin_root())
        try:
            result = host.run_macro(
                macro_id,
                params=params,
                project_key=project_key,
                connection=Connection(DSS_URL, self.sandbox.admin_key),
                plugin_settings=self.sandbox.plugins.config(),
            )
        except Killed:
            return Run(None)
        except ComponentError as error:
            return Run(1, err=error.message)
        return Run(0, json.dumps(result.payload))

    def show(self, key: str) -> dict[str, Any]:
        """A project as `show --format json` prints it, with nothing going wrong meanwhile."""
        with self.quiet():
            run = self.run("show", key, "--format", "json", env={"DKU_API_KEY": self.eves_key})
        if run.code != 0:
            raise AssertionError(f"show {key} ended with {run.code}: {run.err} {run.crash!r}")
        document: dict[str, Any] = run.json
        return document

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing goes wrong and nothing is counted within the block."""
        kept = self.requests, self.before, self.around, self.after, self.time.on_sleep, list(self.time.slept)
        self.requests = []
        self.before = self.around = self.after = self.time.on_sleep = None
        try:
            yield
        finally:
            self.requests, self.before, self.around, self.after, self.time.on_sleep, self.time.slept = kept

    # state --------------------------------------------------------------------------------------------------

    def fingerprint(self) -> bytes:
        """What tells whether two states of DSS are the same."""
        return digest_of(rows_of(self.sandbox.store))

    def save(self) -> State:
        """The state of both nodes, to come back to."""
        return State(
            rows_of(self.sandbox.store), rows_of(self.govern.store), copy.deepcopy(self.govern.node._artifacts)
        )

    def restore(self, state: State) -> None:
        """Go back to a saved state, and forget all requests."""
        put_rows(self.sandbox.store, state.dss)
        put_rows(self.govern.store, state.govern)
        self.govern.node._artifacts = copy.deepcopy(state.artifacts)
        self.time.seconds, self.request_seconds = 1000.0, REQUEST_SECONDS
        self.watch()

    def version(self, key: str) -> int:
        """How often the project was changed, as DSS counts it."""
        number: int = self.sandbox.projects.summary(self.sandbox.admin, key)["versionTag"]["versionNumber"]
        return number

    def edit(self, key: str, change: Callable[[dict[str, Any]], object]) -> None:
        """Change a project's metadata at once, as a person does in DSS."""
        with self.sandbox.store.locked():
            self.sandbox.edit_metadata(key, change, "eve")

    def articles(self, key: str) -> dict[str, str]:
        """The texts of a project's wiki by article name."""
        wiki = self.sandbox.wiki
        return {article["article"]["name"]: article["payload"] for article in wiki._articles(key)}

    def write_article(self, key: str, name: str, text: str) -> None:
        """Write a wiki article as a person does; it is created when it is not there."""
        wiki, eve = self.sandbox.wiki, self.sandbox.accounts.user("eve")
        with self.sandbox.store.locked():
            if name not in self.articles(key):
                wiki.create(eve, key, name, None)
            article = wiki.article(eve, key, name)
            wiki.save(eve, key, article["article"]["id"], {**article, "payload": text})


def digest_of(rows: SavedRows) -> bytes:
    """What tells whether two stores hold the same."""
    return hashlib.sha256(repr((sorted(rows.documents), sorted(rows.blobs))).encode()).digest()


@contextlib.contextmanager
def open_world(home: Path, keys: Sequence[str] = ("P",)) -> Iterator[World]:
    """A world with some projects that are not governed, each with foreign content of every kind."""
    sandbox = Sandbox(node_id="design", plugin=PluginHost(plugin_root()))
    govern = GovernSandbox()
    world = World(sandbox, govern, home)
    world.env = {
        "HOME": str(home),
        "DKU_DSS_URL": DSS_URL,
        "DKU_API_KEY": sandbox.admin_key,
        "DKU_GOVERN_URL": GOVERN_URL,
        "DKU_GOVERN_API_KEY": govern.api_key,
        "COLUMNS": "200",
    }
    with (
        contextlib.closing(sandbox),
        contextlib.closing(govern),
        responses.RequestsMock(assert_all_requests_are_fired=False) as rsps,
        sandbox.reached_at(DSS_URL),
        govern.reached_at(GOVERN_URL),
        virtual(world.time),
        # looking through the environment for proxies takes a fifth of the time, and the mock asks none
        mock.patch("requests.sessions.get_environ_proxies", lambda *_, **__: {}),
        # requests have one order: a list is asked for where it is read, and not beside others
        mock.patch("govern_mirror.dss.ListAhead", lambda clients: None),
    ):
        for url, node, name in (
            (DSS_URL, sandbox, "dss"),
            (GOVERN_URL, govern, "govern"),
        ):
            node.faults.around = _arriving(world, name)
            mount(rsps, node.wsgi, url)
        for url in (ELSEWHERE_URL, PLAIN_URL):
            mount(rsps, _elsewhere(world, url), url)
        world.forget_calls = _forgetting(rsps)
        sandbox.clock.set(MORNING)
        world.eves_key = sandbox.create_user("eve", ("administrators",), "Eve")
        for key in keys:
            create_project(world, key)
        world.watch()
        yield world


@contextlib.contextmanager
def virtual(clock: VirtualTime) -> Iterator[None]:
    """Let the product wait in virtual time only."""
    import govern_mirror.clock

    with contextlib.ExitStack() as stack:
        for name, function in (("sleep", clock.sleep), ("monotonic", clock.monotonic), ("now", clock.now)):
            # version 0.1.0 had neither `sleep` nor `monotonic`
            stack.enter_context(mock.patch.object(govern_mirror.clock, name, function, create=True))
        stack.enter_context(mock.patch.object(time, "sleep", clock.sleep))
        yield


def create_project(world: World, key: str) -> None:
    """A project with foreign content of every kind, known to the Govern node."""
    world.sandbox.create_project(key, f"Project {key}", tags=["churn", "team:red"], description=f"What {key} is for")

    def fill(metadata: dict[str, Any]) -> None:
        metadata["shortDesc"] = "Short words"
        metadata["customFields"] = {"cost_center": "4711", "other_plugin": {"nested": [1, 2, {"deep": True}]}}
        metadata["checklists"]["checklists"].append(
            {
                "title": "Before go-live",
                "createdOn": 1700000000000,
                "items": [{"text": "Ask Ada", "done": False, "createdBy": "eve", "createdOn": 1700000000000}],
            }
        )
        metadata["unknownKey"] = {"kept": "byte for byte"}

    world.edit(key, fill)
    world.write_article(key, "Meeting notes", "What we said.")
    world.govern.node.register_dataiku_project(world.sandbox.node_id, key)


def _forgetting(rsps: responses.RequestsMock) -> Callable[[], None]:
    def forget() -> None:
        rsps.calls.reset()
        for answer in rsps.registered():
            answer.calls.reset()

    return forget


def _arriving(world: World, node: str) -> Callable[[str, str, Handle], Response]:
    def around(method: str, path: str, handle: Handle) -> Response:
        return world.arrive(node, method, path, handle)

    return around


def _elsewhere(world: World, url: str) -> Any:
    """Another host, that answers as DSS does: who follows a redirect there is deceived."""

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        request = Request(
            len(world.requests) + 1, "elsewhere", environ["REQUEST_METHOD"], f"{url}{path}", world.time.seconds
        )
        world.requests.append(request)
        if environ.get("HTTP_AUTHORIZATION"):
            world.leaks.append(request)
        document: Any = {"authIdentifier": "mallory", "nodeId": "foreign", "label": "foreign", "tags": []}
        if path.rstrip("/").endswith("/projects"):
            document = []
        return Response(json.dumps(document), content_type="application/json")(environ, start_response)

    return application
