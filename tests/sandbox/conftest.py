"""One sandbox, reached through `responses` and over a real socket."""

import contextlib

import dataikuapi
import pytest

from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mounted import mounted
from govern_mirror_devkit.sandbox.server import serve


@pytest.fixture(params=["mounted", "served"])
def transport(request):
    return request.param


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        yield sandbox


@pytest.fixture
def url(sandbox, transport):
    if transport == "served":
        with serve(sandbox) as url:
            yield url
    else:
        with mounted(sandbox):
            yield sandbox.base_url


@pytest.fixture
def client(sandbox, url):
    return dataikuapi.DSSClient(url, api_key=sandbox.admin_key)


@pytest.fixture
def client_of(sandbox, url):
    return lambda key: dataikuapi.DSSClient(url, api_key=key)
