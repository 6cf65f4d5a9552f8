"""A DSS with a webapp, on a real socket: the plugin's own one, or a small one that says who somebody is.

with live_webapp(tmp_path) as live:
    page.goto(live.login_url)             # and fill in, or:
    context.add_cookies(live.cookies("owner"))
    page.goto(live.url)                   # the project's page, with the webapp in a frame
    page.goto(live.direct_url)            # the webapp alone
    live.session("reader").get(live.backend("api/me"))
"""

from __future__ import annotations

import contextlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from govern_mirror import clock
from govern_mirror_devkit.host import PluginHost
from govern_mirror_devkit.packaging.build import build
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.browser import STRICT_HEADERS
from govern_mirror_devkit.sandbox.instance import ADMIN
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.sandbox.sessions import COOKIE
from govern_mirror_devkit.seeds import demo, people
from govern_mirror_devkit.source import library, plugin_root
from support.saved_rows import put_rows, rows_of

THREADS = 64
"""How many requests the sandbox handles at once: each one of a browser waits for others of the backend's."""

WHO = """
import time
import dataiku
from dataiku.customwebapp import get_plugin_config, get_webapp_config
from flask import jsonify, request

VERSION = "1.0.0"


@app.errorhandler(Exception)
def failed(error):
    return jsonify(error=type(error).__name__, message=str(error)), 500


@app.get("/who")
def who():
    "Who the person is, as whom the backend acts, and what each of them sees."
    told = dataiku.api_client().get_auth_info_from_browser_headers(dict(request.headers))
    with dataiku.WebappImpersonationContext() as context:
        client = dataiku.api_client()
        time.sleep(float(request.args.get("wait", 0)))
        acting = client.get_auth_info()["authIdentifier"]
        seen = client.list_project_keys()
    return jsonify(login=told["authIdentifier"], groups=told["groups"], acting=acting, projects=seen,
                   backend=dataiku.api_client().get_auth_info()["authIdentifier"])


@app.get("/known")
def known():
    return jsonify(dataiku.api_client().get_auth_info_from_browser_headers(dict(request.headers), with_secrets=True))


@app.route("/echo/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def echo(rest):
    answer = jsonify(method=request.method, path=rest, query=request.args.to_dict(flat=False),
                     headers=dict(request.headers), body=request.get_data(as_text=True))
    answer.headers["X-Backend"] = VERSION
    return answer, int(request.args.get("status", 200))


@app.get("/tagged")
def tagged():
    answer = jsonify(rows=list(range(100)))
    answer.set_etag("rows")
    return answer.make_conditional(request)


@app.get("/told")
def told():
    return jsonify(config=get_webapp_config(), plugin=get_plugin_config(), project=dataiku.default_project_key(),
                   variables=dataiku.get_custom_variables())
"""


@dataclass
class LiveWebapp:
    """A webapp that is served.

    Attributes:
        sandbox: its DSS.
        base: the address of that DSS.
        root: the folder of the plugin, which may be changed.
    """

    sandbox: Sandbox
    base: str
    root: Path

    @property
    def url(self) -> str:
        """The page of the project in which the webapp stands, in a frame."""
        slug = f"{people.WEBAPP_ID}_{people.WEBAPP_NAME}"
        return f"{self.base}/projects/{people.PROJECT}/webapps/{slug}/view"

    @property
    def direct_url(self) -> str:
        """The webapp alone."""
        return f"{self.base}/webapps/{people.PROJECT}/{people.WEBAPP_ID}"

    @property
    def login_url(self) -> str:
        """The page where people log in; from there they go to the webapp."""
        return f"{self.base}/login?next={urlsplit(self.url).path}"

    def backend(self, path: str) -> str:
        """The address of something that the backend answers."""
        return f"{self.base}/web-apps-backends/{people.PROJECT}/{people.WEBAPP_ID}/{path}"

    def login(self, role: str) -> str:
        """The login of who somebody is: manager, owner, reader, visitor, outsider, admin."""
        return ADMIN if role == ADMIN else people.PEOPLE[role].login

    def token(self, role: str) -> str:
        """Begin a session, and return what its cookie holds."""
        login = self.login(role)
        return self.sandbox.sessions.log_in(login, login)

    def cookies(self, role: str) -> list[Any]:
        """Begin a session, and return its cookies as Playwright takes them."""
        return [{"name": COOKIE, "value": self.token(role), "url": self.base, "httpOnly": True, "sameSite": "Lax"}]

    def session(self, role: str) -> requests.Session:
        """Log in as a browser does, and return what then asks."""
        session = requests.Session()
        login = self.login(role)
        answer = session.post(f"{self.base}/login", data={"login": login, "password": login, "next": "/"}, timeout=30)
        answer.raise_for_status()
        return session

    def edit(self, session: requests.Session, key: str, **changes: Any) -> requests.Response:
        """Save changes of an item, as the page does; paths are written with `__` for the dot."""
        item = session.get(self.backend(f"api/items/{key}"), timeout=60).json()
        body = {
            "revision": item["revision"],
            "seen": {},
            "changes": {path.replace("__", "."): value for path, value in changes.items()},
        }
        headers = {"X-Requested-With": "govern-mirror"}
        return session.patch(self.backend(f"api/items/{key}"), json=body, headers=headers, timeout=60)

    def restart(self) -> None:
        """Start the backend, or start it again."""
        assert self.sandbox.webapps.restart(self.sandbox.admin, people.PROJECT, people.WEBAPP_ID)

    def stop(self) -> None:
        """Stop the backend."""
        self.sandbox.webapps.stop(self.sandbox.admin, people.PROJECT, people.WEBAPP_ID)

    def crash(self) -> None:
        """Let the backend's process die."""
        self.sandbox.webapps.crash(people.PROJECT, people.WEBAPP_ID)

    def upgrade(self, version: str, **edited: str) -> None:
        """Install another version of the plugin, with other files of the webapp; what is open stays open.

        Args:
            version: the new version.
            edited: the texts of files of the webapp, by their name with `_` for the dot: `backend_py`.
        """
        descriptor = self.root / "plugin.json"
        plugin = json.loads(descriptor.read_text(encoding="utf-8"))
        descriptor.write_text(json.dumps({**plugin, "version": version}), encoding="utf-8")
        for name, text in edited.items():
            file = name.replace("_", ".")
            (self.root / "webapps" / people.WEBAPP_NAME / file).write_text(text, encoding="utf-8")
        self.sandbox.plugins.reload()
        self.restart()

    def edit_webapp(self, **params: Any) -> None:
        """Change settings of the webapp, as an administrator does; the backend goes on until it is started again."""
        webapp = self.sandbox.webapps.get(self.sandbox.admin, people.PROJECT, people.WEBAPP_ID)
        webapp["params"] |= params
        self.sandbox.webapps.save(self.sandbox.admin, people.PROJECT, people.WEBAPP_ID, webapp)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the backend within the block."""
        self.stop()
        try:
            yield
        finally:
            self.restart()

    @contextlib.contextmanager
    def upgraded(self, version: str) -> Iterator[None]:
        """Have another version of the plugin within the block; what is open stays open."""
        before = json.loads((self.root / "plugin.json").read_text(encoding="utf-8"))["version"]
        self.upgrade(version)
        try:
            yield
        finally:
            self.upgrade(before)

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Put back afterwards what DSS held, its clock and its faults; the backend forgets what it has read."""
        rows = rows_of(self.sandbox.store)
        try:
            yield
        finally:
            self.stop()
            self.sandbox.faults.set("")
            self.sandbox.clock.set(None)
            put_rows(self.sandbox.store, rows)
            self.restart()

    def log(self) -> str:
        """The end of what the backend has printed."""
        running = self.sandbox.webapps.backend(people.PROJECT, people.WEBAPP_ID)
        return running.process.log() if running else ""


@contextlib.contextmanager
def live_webapp(
    folder: Path,
    root: Path | None = None,
    *,
    stories: bool = True,
    strict: bool = True,
    dss_version: str = "14.5.2",
    python: Path | None = None,
) -> Iterator[LiveWebapp]:
    """Serve a DSS with the webapp, its people and its backend.

    Args:
        folder: an empty folder, for the plugin.
        root: a plugin with a webapp `governance`; None for the real one, as DSS unpacks its zip.
        stories: whether the projects of the demo are there, with all that happened in them.
        strict: whether the instance's administrator has set a strict policy for its pages.
        dss_version: the version that the DSS is.
        python: another interpreter for the plugin's code.
    """
    root = root or unpacked_plugin(folder)
    sandbox = Sandbox(plugin=PluginHost(root, python), dss_version=dss_version)
    with contextlib.closing(sandbox), serve(sandbox, threads=THREADS) as base:
        sandbox.plugins.configure(settling_seconds=0)
        if stories:
            demo.run(sandbox, base, demo.prepare(sandbox), lambda _: None, clock.now())
        people.settle(sandbox)
        people.install_webapp(sandbox)
        if strict:
            sandbox.browser.headers.update(STRICT_HEADERS)
        live = LiveWebapp(sandbox, base, root)
        live.restart()
        yield live


def unpacked_plugin(folder: Path) -> Path:
    """Build the plugin's zip, and unpack it as DSS does."""
    root = folder / "plugin"
    with zipfile.ZipFile(build(plugin_root(), library(), folder)) as archive:
        archive.extractall(root)
    return root


def small_plugin(root: Path, backend: str = WHO, **descriptor: Any) -> Path:
    """Write a plugin that has nothing but a webapp `governance`, which says who somebody is."""
    webapp = root / "webapps" / people.WEBAPP_NAME
    shutil.rmtree(root, ignore_errors=True)
    webapp.mkdir(parents=True)
    plugin = {"id": "govern-mirror", "version": "1.0.0", "params": [{"name": "color", "type": "STRING", "label": "C"}]}
    (root / "plugin.json").write_text(json.dumps(plugin), encoding="utf-8")
    standard = {"baseType": "STANDARD", "hasBackend": "true", "standardWebAppLibraries": ["dataiku"], "roles": []}
    (webapp / "webapp.json").write_text(json.dumps({**standard, "params": [], **descriptor}), encoding="utf-8")
    (webapp / "backend.py").write_text(backend, encoding="utf-8")
    (webapp / "body.html").write_text('<div id="said"></div>', encoding="utf-8")
    (webapp / "style.css").write_text("#said { color: rgb(0, 0, 255); }", encoding="utf-8")
    script = 'fetch(getWebAppBackendUrl("/who")).then(a => a.json()).then(a => { said.textContent = a.acting; });'
    (webapp / "app.js").write_text(script, encoding="utf-8")
    (root / "resource").mkdir()
    (root / "resource" / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    return root
