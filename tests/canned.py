"""A DSS of canned answers, mounted into `responses`: metadata of projects in a dict, every request recorded."""

import copy
import json
import re

import responses

URL = "https://dss.example.com"
API = f"{URL}/dip/publicapi"


class CannedDSS:
    """Metadata of projects by key; `events` lists (method, path); hooks run before a request is answered."""

    def __init__(self, rsps: responses.RequestsMock) -> None:
        self.rsps = rsps
        self.metadata: dict[str, dict] = {}
        self.wiki: dict[str, str] = {}
        self.wiki_closed = False
        self.plugins_closed = False
        self.requests: list[tuple[str, str]] = []
        self.before_put: list = []
        self.after_put: list = []
        self.node_id = "design"
        for method in ("GET", "PUT", "POST", "DELETE"):
            rsps.add_callback(method, re.compile(rf"^{re.escape(API)}/"), callback=self._answer)

    def project(self, key: str, **metadata) -> dict:
        self.metadata[key] = {
            "label": key,
            "tags": [],
            "checklists": {"checklists": []},
            "customFields": {},
            **metadata,
        }
        return self.metadata[key]

    def count(self, method: str, path: str = "") -> int:
        return sum(m == method and path in p for m, p in self.requests)

    def _answer(self, request):
        path = request.url.removeprefix(API).split("?")[0].replace("%20", " ")
        self.requests.append((request.method, path))
        body = json.loads(request.body) if request.body else None
        if path == "/instance-info":
            return self._json({"nodeId": self.node_id, "dssVersion": "14.1.0"})
        if path.startswith("/plugins/") and self.plugins_closed:
            return self._error(403, "com.dataiku.dip.exceptions.UnauthorizedException", "You may not read plugins")
        if path.startswith("/plugins/"):
            return self._error(404, "com.dataiku.dip.server.controllers.NotFoundException", "no such plugin")
        if path == "/auth/info":
            return self._json({"authIdentifier": "alice"})
        if path == "/projects/":
            return self._json(
                [{"projectKey": k, "name": m["label"], "ownerLogin": "alice", **m} for k, m in self.metadata.items()]
            )
        key, _, rest = path.removeprefix("/projects/").partition("/")
        if key not in self.metadata:
            return self._error(
                401, "com.dataiku.dip.exceptions.UnauthorizedException", "Failed to read project permissions"
            )
        if rest == "":
            return self._json(
                {"projectKey": key, "versionTag": {"lastModifiedBy": {"login": "bob"}, "lastModifiedOn": 1793491200000}}
            )
        if rest.startswith("wiki"):
            return self._wiki(request.method, rest, body)
        return self._metadata(request.method, key, body)

    def _metadata(self, method, key, body):
        if method == "GET":
            return self._json(self.metadata[key])
        for hook in self.before_put[:1]:
            self.before_put.pop(0)
            answer = hook(key, body)
            if answer is not None:
                return answer
        self.metadata[key] = body
        for hook in self.after_put[:1]:
            self.after_put.pop(0)
            answer = hook(key, body)
            if isinstance(answer, Exception):
                raise answer
            if answer is not None:
                return answer
        return self._json({})

    def _wiki(self, method, rest, body):
        name = rest.removeprefix("wiki/")
        if self.wiki_closed:
            return self._error(403, "com.dataiku.dip.exceptions.UnauthorizedException", "You may not write the wiki")
        if method == "POST":
            self.wiki[body["name"]] = ""
            name = body["name"]
        elif name not in self.wiki:
            return self._error(404, "com.dataiku.dip.server.controllers.NotFoundException", "no such article")
        elif method == "PUT":
            self.wiki[name] = body["payload"]
        elif method == "DELETE":
            del self.wiki[name]
            return self._json({})
        return self._json({"article": {"id": name, "name": name}, "payload": self.wiki[name]})

    @staticmethod
    def _json(document):
        return (200, {"Content-Type": "application/json"}, json.dumps(copy.deepcopy(document)))

    @staticmethod
    def _error(status, kind, message):
        return (status, {"Content-Type": "application/json"}, json.dumps({"errorType": kind, "message": message}))
