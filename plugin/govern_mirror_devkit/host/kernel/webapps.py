"""`dataiku.customwebapp`, acting for the person in the browser, and the backend of a webapp."""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from .component_code import component_failure, execute
from .job import Job, api_client, belongs_to_process, current_job, going_on, impersonated


def get_webapp_config() -> dict[str, Any]:
    """Return the webapp's settings, as people filled in its params."""
    return dict(going_on()["config"])


def get_plugin_config() -> dict[str, Any]:
    """Return the plugin's settings (Dataiku's own plugin for Neo4j, and two more public ones, read them so)."""
    return dict(going_on()["plugin_config"])


def get_custom_variables(project_key: str | None = None) -> dict[str, Any]:
    """Return the variables of a project, the local ones over the others."""
    variables = api_client().get_project(project_key or going_on()["project_key"]).get_variables()
    return {**variables.get("standard", {}), **variables.get("local", {})}


class WebappImpersonationContext:
    """`dataiku.WebappImpersonationContext`: within the block, clients that are made act for the person in the browser.

    The person is known by the headers of the request that is being answered, so there must be one (docs, webapps and
    security). DSS refuses where the group of the webapp's user may not act for the person's. How it asks is not
    documented: that it is by the ticket which the client can ask for is an assumption.
    """

    def __enter__(self) -> WebappImpersonationContext:
        from flask import request

        # Flask says so where no request is being answered
        headers = dict(request.headers)
        self._before = getattr(impersonated, "ticket", None)
        impersonated.ticket = None  # within another block, too, it is the webapp's own user who asks
        try:
            answer = api_client().get_ticket_from_browser_headers(headers)
        except BaseException:
            impersonated.ticket = self._before
            raise
        # older clients return the answer as it came, newer ones the ticket in it
        impersonated.ticket = answer["msg"] if isinstance(answer, dict) else answer
        return self

    def __exit__(self, *_: object) -> None:
        impersonated.ticket = self._before


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """A thread for each request: new webapps are multi-threaded (docs: since 13.5.3)."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        """Listen; without asking a name server for the machine's name, as the standard library does."""
        socketserver.TCPServer.server_bind(self)
        host, port = self.socket.getsockname()
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class gives it
        """Say nothing: the log is for what the webapp says."""


def serve_webapp(job: Job, listening: Callable[[int], object]) -> None:
    """Run a webapp's backend, and serve it on the loopback interface until the process ends.

    DSS gives `backend.py` its `app`, which already answers `/__ping` (published plugins, hl).

    Args:
        job: what to run, and with what.
        listening: told the port, once the backend has set itself up.

    Raises:
        ComponentFailed: the backend could not be set up.
    """
    belongs_to_process(job)
    try:
        from flask import Flask

        app = Flask(f"webapp_{job['id']}", static_folder=None)
        app.add_url_rule("/__ping", "__ping", lambda: "pong")
        token = current_job.set(job)
        try:
            execute(job, "webapps", "backend.py", app=app)
        finally:
            current_job.reset(token)
    except (Exception, SystemExit) as error:
        raise component_failure(error) from error
    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(app)
    listening(server.server_port)
    server.serve_forever()
