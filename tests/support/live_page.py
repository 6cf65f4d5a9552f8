"""The live page asked in this process: as a program asks it, without a socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema

from govern_mirror import clock
from govern_mirror.actions.session import Session
from govern_mirror.web.loopback import Keys, application

HOST = "127.0.0.1:8000"
START = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/live-page.schema.json").read_text(encoding="utf-8"))


@dataclass
class Page:
    """The page of one person.

    Attributes:
        client: Flask's own, which keeps cookies as a browser does.
        keys: what lets somebody in.
        minutes: how long after `START` it is.
    """

    client: Any
    keys: Keys
    minutes: int = 0

    def later(self):
        """Let it be a minute later from now on: saves of one second and person are one line of the timeline."""
        self.minutes += 1

    def ask(self, method, path, document=None, *, headers=None, **more):
        given = {"Authorization": f"Bearer {self.keys.token}", **(headers or {})}
        with clock.set_to(START + timedelta(minutes=self.minutes)):
            return self._ask(method, path, document, given, more)

    def _ask(self, method, path, document, given, more):
        body = {} if document is None else {"data": json.dumps(document), "content_type": "application/json"}
        return self.client.open(path, method=method, base_url=f"http://{HOST}", headers=given, **body, **more)

    def get(self, path, **headers):
        return self.ask("GET", f"/api/{path}", headers=headers)

    def patch(self, path, document):
        return self.ask("PATCH", f"/api/{path}", document)

    def post(self, path, document):
        return self.ask("POST", f"/api/{path}", document)

    def item(self, key):
        answer = self.get(f"items/{key}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def save(self, key, **document):
        self.later()
        answer = self.patch(f"items/{key}", document)
        assert answer.status_code == 200, answer.text
        return answer.json


def open_page_of(session: Session, history: Path | None = None) -> Page:
    """Open the page for the user of a session, with a history where one is given."""
    keys = Keys()
    return Page(application(session, keys, history).test_client(), keys)


def is_a(name: str, document: Any) -> Any:
    """Return a document of the API, which must have the shape of this name in the schema."""
    jsonschema.validate(document, {**SCHEMA, "$ref": f"#/$defs/{name}"})
    return document
