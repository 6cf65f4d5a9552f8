"""Messaging channels: who finds which, and what is sent through them."""

from __future__ import annotations

import pytest
from dataikuapi.utils import DataikuException

TO = ["ada@example.com", "bob@example.com"]


@pytest.fixture
def channels(sandbox):
    sandbox.messaging.create("mail", "smtp", configuration={"sender": "dss@example.com"})
    sandbox.messaging.create("chat", "slack")
    sandbox.messaging.create("staff", "smtp", permissions=[{"group": "writers", "canUse": True}])
    return sandbox.messaging


def ids(listed) -> list[str]:
    return [channel.id for channel in listed]


def test_mail_channels_are_found_by_their_family(client, channels):
    assert ids(client.list_messaging_channels()) == ["mail", "chat", "staff"]
    assert ids(client.list_messaging_channels(channel_family="mail")) == ["mail", "staff"]
    assert ids(client.list_messaging_channels(channel_type="slack")) == ["chat"]
    assert client.get_messaging_channel("mail").sender == "dss@example.com"


def test_people_find_the_channels_they_may_use(channels, people):
    assert ids(people.writer.list_messaging_channels(channel_family="mail")) == ["mail", "staff"]
    assert ids(people.reader.list_messaging_channels(channel_family="mail")) == ["mail"]


def test_a_mail_goes_out_as_it_was_written_attachments_included(channels, project, client):
    client.get_messaging_channel("mail").send(
        "P", TO, "Süß", "<p>é</p>", cc=["c@example.com"], bcc=["d@example.com"], send_as_single_message=True,
        attachments=[["report.csv", b"a,b\r\n\x00\xff", "text/csv"], ["page.html", "<p>", "text/html"]],
    )  # fmt: skip
    (sent,) = channels.outbox
    assert (sent.sender, sent.to, sent.cc, sent.bcc) == (
        "dss@example.com", tuple(TO), ("c@example.com",), ("d@example.com",),
    )  # fmt: skip
    assert (sent.subject, sent.body, sent.plain_text) == ("Süß", "<p>é</p>", False)
    assert [(file.name, file.content_type, file.content) for file in sent.attachments] == [
        ("report.csv", "text/csv", b"a,b\r\n\x00\xff"),
        ("page.html", "text/html", b"<p>"),
    ]


def test_each_recipient_gets_a_mail_of_their_own_unless_one_is_asked_for(channels, project, client):
    client.get_messaging_channel("mail").send("P", TO, "S", "B", plain_text=True)
    assert [(sent.to, sent.plain_text) for sent in channels.outbox] == [((address,), True) for address in TO]


def test_the_channels_own_sender_goes_before_the_one_given(channels, project, client):
    client.get_messaging_channel("mail").send("P", TO[:1], "S", "B", sender="me@example.com")
    client.get_messaging_channel("staff").send("P", TO[:1], "S", "B", sender="me@example.com")
    assert [sent.sender for sent in channels.outbox] == ["dss@example.com", "me@example.com"]


def test_sending_needs_to_write_the_project(channels, people):
    with pytest.raises(DataikuException, match="You may not write the content of project P"):
        people.reader.get_messaging_channel("mail").send("P", TO, "S", "B")
    with pytest.raises(DataikuException, match="Failed to read project permissions"):
        people.stranger.get_messaging_channel("mail").send("P", TO, "S", "B")
    people.writer.get_messaging_channel("mail").send("P", TO[:1], "S", "B")
    assert len(channels.outbox) == 1


def test_a_channel_is_used_only_by_who_may(channels, people, sandbox, client_of):
    sandbox.create_project("MINE", owner="stranger")
    with pytest.raises(DataikuException, match="You may not use the messaging channel staff"):
        people.stranger.get_messaging_channel("staff").send("MINE", TO, "S", "B", sender="x@example.com")


def test_an_unknown_channel_is_not_found(channels, project, client, sandbox):
    with pytest.raises(DataikuException, match="NotFoundException: Messaging channel none not found"):
        client.get_messaging_channel("none")
    channel = client.get_messaging_channel("mail")
    sandbox.messaging.delete("mail")
    with pytest.raises(DataikuException, match="Messaging channel mail not found"):
        channel.send("P", TO, "S", "B")


@pytest.mark.parametrize(("channel", "to"), [("staff", TO), ("mail", [])])
def test_a_mail_without_a_sender_or_recipient_is_refused(channels, project, client, channel, to):
    with pytest.raises(DataikuException, match="a sender and at least one recipient"):
        client.get_messaging_channel(channel).send("P", to, "S", "B")
    assert channels.outbox == []


def test_a_mail_does_not_leave_the_domains_that_the_channel_allows(channels, project, client, sandbox):
    sandbox.messaging.create("inside", configuration={"sender": "x@example.com", "authorizedDomain": "Example.com"})
    channel = client.get_messaging_channel("inside")
    channel.send("P", ["ada@EXAMPLE.com"], "S", "B")
    with pytest.raises(DataikuException, match=r"does not send to eve@evil\.com"):
        channel.send("P", ["ada@example.com"], "S", "B", bcc=["eve@evil.com"])
    assert len(channels.outbox) == 1


def test_only_administrators_add_and_remove_channels(client, people):
    made = client.create_messaging_channel("smtp", "new", {"sender": "a@example.com"})
    assert made.sender == "a@example.com"
    with pytest.raises(DataikuException, match="not an administrator"):
        people.writer.create_messaging_channel("smtp", "other")
    with pytest.raises(DataikuException, match="not an administrator"):
        people.writer.get_messaging_channel("new").delete()
    with pytest.raises(DataikuException, match="not taken"):
        client.create_messaging_channel("smtp", "new")
    client.get_messaging_channel("new").delete()
    assert client.list_messaging_channels() == []
