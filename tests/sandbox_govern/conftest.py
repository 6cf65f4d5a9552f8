"""One Govern node, reached by the real client through `responses` and over a real socket."""

import contextlib

import dataikuapi
import pytest

from govern_mirror_devkit.sandbox.govern.app import GovernSandbox

URL = "https://govern.example.com"


@pytest.fixture
def govern():
    with contextlib.closing(GovernSandbox()) as govern:
        yield govern


@pytest.fixture
def url(govern, reached):
    with reached(govern, URL) as url:
        yield url


@pytest.fixture
def client(govern, url):
    return dataikuapi.GovernClient(url, govern.api_key)


@pytest.fixture
def created(client):
    """Makes an artifact through the client, and returns its handle."""

    def create(name="Churn", blueprint="bp.system.govern_project", version="bv.system.default", **rest):
        return client.create_artifact(
            {"name": name, "blueprintVersionId": {"blueprintId": blueprint, "versionId": version}, **rest}
        )

    return create


@pytest.fixture
def search(client):
    """Searches through the client, page by page, and returns the pages as lists of names."""

    def find(*filters, sort=None, page_size=20):
        query = dataikuapi.govern.artifact_search.GovernArtifactSearchQuery(
            artifact_filters=list(filters), artifact_search_sort=sort
        )
        request = client.new_artifact_search_request(query)
        pages, more = [], True
        while more:
            answer = request.fetch_next_batch(page_size=page_size)
            pages.append([hit.get_raw()["artifact"]["name"] for hit in answer.get_response_hits()])
            more = answer.get_raw()["hasNextPage"]
        return pages

    return find
