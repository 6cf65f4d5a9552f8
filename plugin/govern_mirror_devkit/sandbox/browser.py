"""What people see of the instance with a browser: logging in, projects, webapps and their backends (docs, hl, ve)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.security import safe_join
from werkzeug.utils import redirect, send_file
from werkzeug.wrappers import Request, Response

from . import pages
from .auth import Caller
from .errors import DssError, NotAuthenticated, NotFound
from .instance import DssInstance
from .proxy import forward
from .sessions import COOKIE, session_token

STRICT_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; frame-ancestors 'self'; form-action 'self'; "
    "base-uri 'none'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
}
"""A strict policy, such as a careful administrator sets for the instance."""

_FILES = {"app.js": "text/javascript; charset=utf-8", "style.css": "text/css; charset=utf-8"}
_TYPES = {**{Path(name).suffix: kind for name, kind in _FILES.items()}, ".html": "text/html; charset=utf-8"}
_BACKENDS = "/web-apps-backends"

Page = Callable[..., Response]


_WEBAPP, _BACKEND = "/webapps/<project_key>/<webapp_id>", f"{_BACKENDS}/<project_key>/<webapp_id>"
_PAGES = [
    ("GET", "/login", "_login"),
    ("POST", "/login", "_log_in"),
    ("POST", "/logout", "_log_out"),
    ("GET", "/", "_home"),
    ("GET", "/static/sandbox.css", "_style"),
    ("GET", "/favicon.ico", "_icon"),
    ("GET", "/projects/<project_key>/", "_project"),
    ("GET", "/projects/<project_key>/webapps/<slug>/view", "_view"),
    ("GET", _WEBAPP, "_webapp"),
    ("GET", f"{_WEBAPP}/dataiku.js", "_library"),
    ("GET", f"{_WEBAPP}/<any('app.js', 'style.css'):name>", "_webapp_file"),
    ("GET", "/plugins/<plugin_id>/resource/<path:name>", "_resource"),
]
"""Method, address and `Browser`'s method of each page."""

_URLS = Map(
    [
        *(Rule(path, methods=[method], endpoint=page) for method, path, page in _PAGES),
        *(Rule(path, endpoint="_backend") for path in (f"{_BACKEND}/", f"{_BACKEND}/<path:rest>")),
    ],
    merge_slashes=False,
    redirect_defaults=False,
    strict_slashes=True,
)


class Browser:
    """The pages of an instance.

    Attributes:
        headers: CSP, X-Frame-Options and the like, which an administrator set for the pages of the instance. That they
            are not put on what backends answer is an assumption.
        api_access: the webapps, as (project key, id), whose backend takes API keys (docs: from 13.1 on). Which of the
            webapp's settings says so is not known.
    """

    def __init__(self, dss: DssInstance) -> None:
        self._dss = dss
        self.headers: dict[str, str] = {}
        self.api_access: set[tuple[str, str]] = set()

    def answer(self, request: Request) -> Response | None:
        """Answer a browser's request; None for what is no page, which the API then answers."""
        try:
            name, arguments = _URLS.bind_to_environ(request.environ).match()
        except HTTPException:
            return None
        page: Page = getattr(self, name)
        if name == "_project" and "text/html" not in request.headers.get("Accept", ""):
            return None
        if name == "_backend":
            return self._backend(request, **arguments)
        try:
            response: Response = page(request, **arguments)
        except NotAuthenticated:
            response = redirect(f"/login?next={quote(request.full_path.rstrip('?'))}")
        except DssError as error:
            # a project that is missing or may not be read is one thing, whatever the release's status for it is
            status = error.status if isinstance(error, NotFound) else 403
            response = _html(pages.message_page("Not available", error.message), status)
        response.headers.update(self.headers)
        return response

    # people --------------------------------------------------------------------------------------------------

    def _visitor(self, request: Request) -> Caller:
        return self._dss.sessions.holder(session_token(request.headers.get("Cookie")))

    def _name(self, visitor: Caller) -> str:
        return self._dss.accounts.display_name(visitor.login)

    def _login(self, request: Request) -> Response:
        return _html(pages.login_page(_local(request.args.get("next")), None))

    def _log_in(self, request: Request) -> Response:
        target = _local(request.form.get("next"))
        try:
            token = self._dss.sessions.log_in(request.form.get("login", ""), request.form.get("password", ""))
        except NotAuthenticated as error:
            return _html(pages.login_page(target, error.message), 401)
        response = redirect(target)
        # that other sites' requests come without it is an assumption
        response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", path="/")
        return response

    def _log_out(self, request: Request) -> Response:
        self._dss.sessions.end(session_token(request.headers.get("Cookie")))
        response = redirect("/login")
        response.delete_cookie(COOKIE, path="/")
        return response

    # pages ---------------------------------------------------------------------------------------------------

    def _home(self, request: Request) -> Response:
        visitor = self._visitor(request)
        keys = [key for key in self._dss.projects.all_keys() if self._dss.projects.rights(visitor, key).read]
        projects = [self._dss.projects.summary(visitor, key) for key in keys]
        return _html(pages.home_page(self._name(visitor), projects))

    def _style(self, request: Request) -> Response:
        return Response(pages.STYLE, content_type=_FILES["style.css"])

    def _icon(self, request: Request) -> Response:
        return Response(status=204)

    def _project(self, request: Request, project_key: str) -> Response:
        visitor = self._visitor(request)
        project = self._dss.projects.summary(visitor, project_key)
        webapps = self._dss.webapps.listed(visitor, project_key)
        return _html(pages.project_page(self._name(visitor), project, webapps))

    def _view(self, request: Request, project_key: str, slug: str) -> Response:
        visitor = self._visitor(request)
        webapp = self._dss.webapps.get(visitor, project_key, slug.partition("_")[0])
        return _html(pages.webapp_page(self._name(visitor), project_key, webapp))

    def _found(self, request: Request, project_key: str, webapp_id: str) -> tuple[dict[str, Any], dict[str, Any], Path]:
        """Return a webapp that the visitor may see, its type's descriptor, and the folder of its files."""
        webapp = self._dss.webapps.get(self._visitor(request), project_key, webapp_id)
        descriptor = self._dss.webapps.descriptor(webapp["type"])
        return webapp, descriptor, self._dss.plugins.folder() / "webapps" / str(descriptor["id"])

    def _webapp(self, request: Request, project_key: str, webapp_id: str) -> Response:
        webapp, descriptor, folder = self._found(request, project_key, webapp_id)
        content = pages.webapp_content(
            webapp,
            descriptor,
            _text(folder / "body.html"),
            f"/webapps/{project_key}/{webapp_id}",
            has_style=(folder / "style.css").is_file(),
            has_script=(folder / "app.js").is_file(),
        )
        return _html(content)

    def _library(self, request: Request, project_key: str, webapp_id: str) -> Response:
        webapp, _, _ = self._found(request, project_key, webapp_id)
        return Response(pages.dataiku_library(project_key, webapp), content_type=_FILES["app.js"])

    def _webapp_file(self, request: Request, project_key: str, webapp_id: str, name: str) -> Response:
        _, _, folder = self._found(request, project_key, webapp_id)
        return Response(_text(folder / name), content_type=_FILES[name])

    def _resource(self, request: Request, plugin_id: str, name: str) -> Response:
        """Answer a file of the plugin's `resource`; that nobody need be logged in for it is an assumption."""
        root = self._dss.plugins.folder(plugin_id) / "resource"
        file = safe_join(str(root), name)
        if file is None or not Path(file).is_file():
            raise NotFound(f"{name} not found")
        return send_file(file, request.environ, mimetype=_TYPES.get(Path(file).suffix))

    # backends ------------------------------------------------------------------------------------------------

    def _backend(self, request: Request, project_key: str, webapp_id: str, rest: str = "") -> Response:
        """Let a webapp's backend answer; the statuses of what is refused before are assumptions."""
        try:
            caller = self._backend_caller(request, project_key, webapp_id)
            self._dss.projects.require_read(caller, project_key)
            self._dss.webapps.get(caller, project_key, webapp_id)
        except DssError as error:
            status = error.status if isinstance(error, NotFound | NotAuthenticated) else 403
            return Response(error.message, status, content_type="text/plain; charset=utf-8")
        running = self._dss.webapps.backend(project_key, webapp_id)
        if running is None:
            return Response("The backend of this webapp is not running", 502, content_type="text/plain")
        below = f"{_BACKENDS}/{project_key}/{webapp_id}"
        return forward(request, running.process.port, below, hide_session=self._dss.sessions.hides_cookie)

    def _backend_caller(self, request: Request, project_key: str, webapp_id: str) -> Caller:
        by_key = (project_key, webapp_id) in self.api_access and self._dss.release.at_least("13.1.0")
        if by_key and session_token(request.headers.get("Cookie")) is None:
            return self._dss.accounts.caller(request.headers.get("Authorization"))
        return self._visitor(request)


def _html(content: str, status: int = 200) -> Response:
    return Response(content, status, {"Cache-Control": "no-store"}, content_type="text/html; charset=utf-8")


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _local(target: str | None) -> str:
    """Return an address of this instance; its home where somebody asks for another site."""
    return target if target and target.startswith("/") and not target.startswith(("//", "/\\")) else "/"
