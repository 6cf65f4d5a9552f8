"""One sandbox, reached through `responses` and over a real socket."""

import dataikuapi
import pytest


@pytest.fixture
def client(sandbox, url):
    return dataikuapi.DSSClient(url, api_key=sandbox.admin_key)


@pytest.fixture
def client_of(sandbox, url):
    return lambda key: dataikuapi.DSSClient(url, api_key=key)
