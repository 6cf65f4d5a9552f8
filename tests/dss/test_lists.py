"""The list of projects is decoded as it comes."""

import pytest
from standard import ProjectStore
from support.request_log import RequestLog

from govern_mirror.connection import Instance
from govern_mirror.dss import connect
from govern_mirror_devkit.sandbox.mock_instance import URL


@pytest.fixture
def store(dss):
    dss.create_project("CHURN")
    return ProjectStore(connect(Instance(URL, dss.admin_key)), url=URL)


def test_who_takes_a_list_of_one_project_may_ask_dss_meanwhile(store):
    taken = []

    def take(raw, certain):
        taken.append((raw[:1], store.node_id))
        return True

    store.read_list(lambda: take)
    assert taken == [(b"{", "design")]


def test_nothing_else_is_asked_while_the_list_comes(store, dss):
    log = RequestLog(dss)
    (project,), _ = store.read_all()
    assert (project.facts.project_key, project.facts.node_id) == ("CHURN", "design")
    assert [path for _, path in log.requests] == ["/instance-info", "/projects"]


class OlderList:
    """A list without any project, as it was asked for before there were some."""

    def hand_over(self, receive):
        receive()(b"[]")


def test_no_write_is_looked_for_in_a_list_asked_for_before_it(dss):
    dss.create_project("CHURN")
    store = ProjectStore(connect(Instance(URL, dss.admin_key)), url=URL, ahead=OlderList())
    assert list(store.listed()) == ["CHURN"]
    assert store.read_all() == ([], [])
    assert [project.facts.project_key for project in store.read_all()[0]] == ["CHURN"]
