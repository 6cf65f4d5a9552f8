"""The HTML of the sandbox's pages: logging in, a project, a webapp within it. DSS's own look is not copied.

Nothing in them is inline, so that they work under any Content-Security-Policy that allows an instance's own files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

STYLE = """
body { font: 14px/1.5 system-ui, sans-serif; margin: 0; }
header { display: flex; gap: 1rem; padding: .5rem 1rem; background: #222; color: #fff; align-items: center; }
header a { color: #fff; } header form { margin-left: auto; } main { padding: 1rem; }
.webapp { border: 0; width: 100%; height: calc(100vh - 3.2rem); display: block; }
label { display: block; margin: .5rem 0; } th { text-align: left; padding-right: 1rem; font-weight: normal; }
"""

_HEAD_END, _BODY_END = re.compile("</head>", re.IGNORECASE), re.compile("</body>", re.IGNORECASE)


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/static/sandbox.css"></head>'
        f"<body>{body}</body></html>"
    )


def _header(who: str) -> str:
    return (
        f'<header><a href="/">DSS sandbox</a><span>{escape(who)}</span>'
        '<form method="post" action="/logout"><button>Log out</button></form></header>'
    )


def login_page(target: str, problem: str | None) -> str:
    """Return the page where people log in, and from which they go to a target."""
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Log in",
        f'<main><h1>DSS sandbox</h1>{alert}<form method="post" action="/login">'
        f'<input type="hidden" name="next" value="{escape(target)}">'
        '<label>Login <input name="login" autocomplete="username"></label>'
        '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
        "<button>Log in</button></form></main>",
    )


def message_page(title: str, message: str) -> str:
    """Return a page that says one thing."""
    return _page(title, f"<main><h1>{escape(title)}</h1><p>{escape(message)}</p></main>")


def home_page(who: str, projects: Sequence[Mapping[str, Any]]) -> str:
    """Return the page with the projects that a person sees."""
    items = "".join(
        f'<li><a href="/projects/{project["projectKey"]}/">{escape(str(project["name"]))}</a></li>'
        for project in projects
    )
    return _page("Projects", f"{_header(who)}<main><h1>Projects</h1><ul>{items}</ul></main>")


def project_page(who: str, project: Mapping[str, Any], webapps: Sequence[Mapping[str, Any]]) -> str:
    """Return a project's home page: what it is, its custom fields, its webapps."""
    key = project["projectKey"]
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in (project.get("customFields") or {}).items()
    )
    links = "".join(
        f'<li><a href="{view_path(key, webapp)}">{escape(str(webapp["name"]))}</a></li>' for webapp in webapps
    )
    return _page(
        str(project["name"]),
        f"{_header(who)}<main><h1>{escape(str(project['name']))}</h1><p>{escape(str(project.get('shortDesc') or ''))}"
        f'</p><table id="custom-fields">{rows}</table><h2>Webapps</h2><ul>{links}</ul></main>',
    )


def view_path(project_key: str, webapp: Mapping[str, Any]) -> str:
    """Return the address of a webapp's page in its project: its id, and its name in a form that fits an address."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", str(webapp["name"])).strip("-").lower()
    return f"/projects/{project_key}/webapps/{webapp['id']}_{name}/view"


def webapp_page(who: str, project_key: str, webapp: Mapping[str, Any]) -> str:
    """Return the page of a project in which a webapp stands, in a frame."""
    name = escape(str(webapp["name"]))
    frame = f'<iframe class="webapp" title="{name}" src="/webapps/{project_key}/{webapp["id"]}"></iframe>'
    return _page(str(webapp["name"]), _header(who) + frame)


def webapp_content(
    webapp: Mapping[str, Any], descriptor: Mapping[str, Any], body: str, at: str, *, has_style: bool, has_script: bool
) -> str:
    """Return the webapp's own page.

    Args:
        webapp: its settings.
        descriptor: the descriptor of its type.
        body: `body.html`: a full page, or a fragment.
        at: the path below which its files are.
        has_style, has_script: whether it has `style.css` and `app.js`.
    """
    head = f'<link rel="stylesheet" href="{at}/style.css">' if has_style else ""
    if "dataiku" in (descriptor.get("standardWebAppLibraries") or []):
        head += f'<script src="{at}/dataiku.js"></script>'
    kind = ' type="module"' if descriptor.get("enableJavascriptModules") == "true" else ""
    script = f'<script{kind} src="{at}/app.js"></script>' if has_script else ""
    if not _HEAD_END.search(body) or not _BODY_END.search(body):
        title = escape(str(webapp["name"]))
        viewport = '<meta name="viewport" content="width=device-width, initial-scale=1">'
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8">{viewport}<title>{title}</title>{head}</head>'
            f"<body>{body}{script}</body></html>"
        )
    body = _HEAD_END.sub(lambda end: head + end[0], body, count=1)
    return _BODY_END.sub(lambda end: script + end[0], body, count=1)


def dataiku_library(project_key: str, webapp: Mapping[str, Any]) -> str:
    """Return what the library `dataiku` gives to a webapp's page, as far as webapps here use it (published plugins)."""
    backend = json.dumps(f"/web-apps-backends/{project_key}/{webapp['id']}/")
    return (
        f"window.dataiku = {{defaultProjectKey: {json.dumps(project_key)}, "
        f"getWebAppConfig: function () {{ return {json.dumps(webapp.get('config') or {})}; }}}};\n"
        f'window.getWebAppBackendUrl = function (path) {{ return {backend} + String(path).replace(/^\\/+/, ""); }};\n'
    )
