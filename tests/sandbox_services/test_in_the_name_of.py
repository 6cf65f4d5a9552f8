"""Administrators act in the name of other users, with those users' rights (client: `get_client_as`)."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException


def test_an_administrator_sees_what_another_user_sees(client, people, sandbox):
    sandbox.create_project("SECRET")
    assert set(client.list_project_keys()) == {"P", "SECRET"}
    theirs = client.get_user("reader").get_client_as()
    assert theirs.list_project_keys() == ["P"] and theirs.get_auth_info()["authIdentifier"] == "reader"


def test_nobody_else_does_and_nobody_acts_for_who_is_not_there(client, people):
    with pytest.raises(DataikuException, match="Only administrators"):
        people.writer.get_user("admin").get_client_as().list_project_keys()
    with pytest.raises(DataikuException, match="Unknown user"):
        client.get_user("nobody").get_client_as().list_project_keys()
