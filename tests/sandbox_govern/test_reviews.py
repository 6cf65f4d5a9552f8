"""Sign-offs as people act on them: who may ask, give feedback, approve, and what a rejection holds up."""

import contextlib
from types import SimpleNamespace

import dataikuapi
import pytest
from dataikuapi.govern.users_container import GovernUserUsersContainer
from dataikuapi.utils import DataikuException

from govern_mirror_devkit.sandbox.govern.app import GovernSandbox

BLUEPRINT, VERSION, STEP = "bp.system.govern_project", "bv.reviewed", "rollout"


def entry(kind, **name):
    return {"usersContainer": {"type": kind, **name}}


CONFIGURATION = {
    "title": "Review",
    "mandatory": True,
    "feedbackUsersGroups": [
        {"id": "it", "title": "IT & Operations", "users": [entry("user", login="ina")]},
        {"id": "risk", "title": "Risk & Compliance", "users": [entry("group", groupName="risk")]},
    ],
    "approvers": [entry("role", roleId="ro.final_approver")],
}


@pytest.fixture
def people(govern, url):
    """Clients of people: the owner writes, ina and rosa review, ada approves, hugo and the administrator do neither."""
    govern.node.writer_groups.add("owners")
    govern.reviews.reviewers.role_members["ro.final_approver"] = [{"type": "user", "login": "ada"}]
    groups = {"owner": ("owners",), "ina": (), "rosa": ("risk",), "ada": (), "hugo": ()}
    keys = {login: govern.create_user(login, names) for login, names in groups.items()}
    return SimpleNamespace(**{login: dataikuapi.GovernClient(url, key) for login, key in keys.items()})


@pytest.fixture
def version(govern, client):
    """A version of the standard template whose step *Validation and Roll-out* has a sign-off."""
    govern.blueprints.fork(VERSION)
    version = client.get_blueprint_designer().get_blueprint(BLUEPRINT).get_version(VERSION)
    version.create_signoff_configuration(STEP, CONFIGURATION)
    return version


@pytest.fixture
def artifact(version, created):
    return created(version=VERSION, workflow={"steps": {STEP: {"status": "ONGOING"}}})


@pytest.fixture
def signoff(artifact, people):
    """The sign-off as somebody sees it, by login."""
    return lambda login: getattr(people, login).get_artifact(artifact.artifact_id).get_signoff(STEP)


def state(signoff):
    return signoff.get_definition().get_raw()


def test_a_sign_off_is_there_from_the_start_with_its_configuration(signoff):
    definition = state(signoff("hugo"))
    assert definition["status"] == "NOT_STARTED" and definition["feedbackResponses"] == []
    assert "approverResponse" not in definition
    assert [group["id"] for group in definition["configuration"]["feedbackUsersGroups"]] == ["it", "risk"]
    details = signoff("hugo").get_details().get_raw()
    assert details["feedbackGroups"][1]["users"] == [{"userLogin": "rosa"}]
    assert details["approvers"] == [{"userLogin": "ada"}]


def test_from_the_request_to_the_approval(signoff, govern):
    signoff("owner").update_status("WAITING_FOR_FEEDBACK")
    first = signoff("ina").add_feedback("it", "MINOR_ISSUE", "slow")
    signoff("ina").add_feedback("it", "APPROVED")
    signoff("rosa").add_feedback("risk", "MAJOR_ISSUE", "no")
    signoff("owner").update_status("WAITING_FOR_APPROVAL", users_to_notify=[])
    signoff("ada").add_approval("APPROVED", "fine")
    definition = state(signoff("hugo"))
    assert definition["status"] == "APPROVED"
    assert definition["approverResponse"] == {"status": "APPROVED", "comment": "fine"}
    assert definition["feedbackResponses"][0] == {"id": first.feedback_id, "status": "MINOR_ISSUE", "comment": "slow"}
    assert [each["status"] for each in definition["feedbackResponses"]] == ["MINOR_ISSUE", "APPROVED", "MAJOR_ISSUE"]
    assert {mail.login for mail in govern.reviews.reviewers.mails} == {"ina", "rosa"}


def test_feedback_is_optional(signoff):
    signoff("owner").update_status("WAITING_FOR_APPROVAL", users_to_notify=[])
    signoff("ada").add_approval("REJECTED")
    assert state(signoff("owner"))["status"] == "REJECTED"


def test_nobody_gives_feedback_or_approves_for_another(signoff):
    signoff("owner").update_status("WAITING_FOR_FEEDBACK")
    for login, group in (("ina", "risk"), ("rosa", "it"), ("owner", "it"), ("hugo", "risk"), ("ada", "it")):
        with pytest.raises(DataikuException, match="not a reviewer of group"):
            signoff(login).add_feedback(group, "APPROVED")
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    for login in ("ina", "rosa", "owner", "hugo"):
        with pytest.raises(DataikuException, match="not an approver"):
            signoff(login).add_approval("APPROVED")
    assert state(signoff("hugo"))["status"] == "WAITING_FOR_APPROVAL"


def test_an_administrators_key_is_no_reviewer(artifact, people, govern, client):
    own = artifact.get_signoff(STEP)
    own.update_status("WAITING_FOR_FEEDBACK", users_to_notify=[])
    with pytest.raises(DataikuException, match="not a reviewer"):
        own.add_feedback("it", "APPROVED")
    own.update_status("WAITING_FOR_APPROVAL", users_to_notify=[])
    with pytest.raises(DataikuException, match="not an approver"):
        own.add_approval("APPROVED")
    # but it can act as a reviewer: no API identity proves a person
    client.get_user("ada").get_client_as().get_artifact(artifact.artifact_id).get_signoff(STEP).add_approval("APPROVED")
    assert state(own)["status"] == "APPROVED"


def test_a_key_that_is_configured_is_a_reviewer(version, created, client, govern, people):
    configuration = version.get_signoff_configuration(STEP).get_definition()
    configuration.get_raw()["approvers"] = [entry("global-api-key", keyId=client.get_auth_info()["authIdentifier"][4:])]
    configuration.save()
    artifact = created(version=VERSION, workflow={"steps": {STEP: {"status": "ONGOING"}}})
    own = artifact.get_signoff(STEP)
    own.update_status("WAITING_FOR_APPROVAL")
    own.add_approval("APPROVED")
    assert state(own)["status"] == "APPROVED"


def test_only_writers_ask_and_reset(signoff):
    for login in ("ina", "ada", "hugo"):
        with pytest.raises(DataikuException, match="may not change the status"):
            signoff(login).update_status("WAITING_FOR_FEEDBACK")
    with pytest.raises(DataikuException, match="may not create sign-offs"):
        signoff("hugo").client.get_artifact(signoff("hugo").artifact_id).create_signoff(STEP)


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ((), ("APPROVED", "REJECTED", "ABANDONED", "NOT_STARTED")),
        (("WAITING_FOR_FEEDBACK",), ("NOT_STARTED", "APPROVED", "REJECTED", "WAITING_FOR_FEEDBACK")),
        (("WAITING_FOR_APPROVAL",), ("NOT_STARTED", "APPROVED", "REJECTED")),
        (("WAITING_FOR_FEEDBACK", "ABANDONED"), ("WAITING_FOR_APPROVAL", "APPROVED", "REJECTED")),
        (("WAITING_FOR_FEEDBACK", "WAITING_FOR_APPROVAL", "WAITING_FOR_FEEDBACK"), ("NOT_STARTED",)),
    ],
)
def test_statuses_follow_each_other_only_as_govern_lets_them(signoff, path, refused):
    own = signoff("owner")
    for status in path:
        own.update_status(status, users_to_notify=[])
    now = state(own)["status"]
    for status in refused:
        words = f"Unable to set the status to '{status}' when current status is '{now}'"
        with pytest.raises(DataikuException, match=words):
            own.update_status(status)
    with pytest.raises(DataikuException, match="Unknown status 'MAYBE'"):
        own.update_status("MAYBE")


def test_an_abandoned_review_goes_on_where_it_was_or_begins_anew(signoff):
    own = signoff("owner")
    own.update_status("WAITING_FOR_FEEDBACK")
    signoff("ina").add_feedback("it", "APPROVED")
    own.update_status("ABANDONED")
    own.update_status("WAITING_FOR_FEEDBACK")
    assert len(state(own)["feedbackResponses"]) == 1
    own.update_status("ABANDONED")
    own.update_status("NOT_STARTED")
    assert state(own)["feedbackResponses"] == []


def test_an_approver_abandons_with_a_word(signoff):
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    with pytest.raises(DataikuException, match="not an approver"):
        signoff("hugo").add_approval("ABANDONED")
    signoff("ada").add_approval("ABANDONED", "replaced")
    assert state(signoff("owner"))["approverResponse"] == {"status": "ABANDONED", "comment": "replaced"}
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    assert "approverResponse" not in state(signoff("owner"))


def test_feedback_and_approval_are_changed_by_their_authors(signoff):
    signoff("owner").update_status("WAITING_FOR_FEEDBACK")
    feedback = signoff("ina").add_feedback("it", "MAJOR_ISSUE", "broken")
    definition = feedback.get_definition()
    definition.get_raw().update(status="APPROVED", comment=None)
    definition.save()
    assert definition.get_raw() == {"id": feedback.feedback_id, "status": "APPROVED"}
    with pytest.raises(DataikuException, match="not yours"):
        signoff("rosa").get_feedback(feedback.feedback_id).delete()
    feedback.delete()
    assert state(signoff("owner"))["feedbackResponses"] == []
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    approval = signoff("ada").add_approval("REJECTED")
    changed = approval.get_definition()
    changed.get_raw()["status"] = "APPROVED"
    changed.save()
    assert state(signoff("owner"))["status"] == "APPROVED"
    with pytest.raises(DataikuException, match="not an approver"):
        signoff("owner").get_approval().delete()
    approval.delete()
    assert state(signoff("owner"))["status"] == "WAITING_FOR_APPROVAL"


def test_nothing_is_said_before_it_is_asked_for(signoff):
    with pytest.raises(DataikuException, match="NOT_STARTED, not WAITING_FOR_FEEDBACK"):
        signoff("ina").add_feedback("it", "APPROVED")
    with pytest.raises(DataikuException, match="NOT_STARTED, not WAITING_FOR_APPROVAL"):
        signoff("ada").add_approval("APPROVED")
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    signoff("ada").add_approval("APPROVED")
    with pytest.raises(DataikuException, match="APPROVED, not WAITING_FOR_APPROVAL"):
        signoff("ada").add_approval("REJECTED")
    with pytest.raises(DataikuException, match="Feedback group nobody not found"):
        signoff("ina").add_feedback("nobody", "APPROVED")


def test_a_review_is_delegated_to_one_user_by_who_is_asked(signoff):
    hugo = GovernUserUsersContainer("hugo").build()
    signoff("owner").update_status("WAITING_FOR_FEEDBACK")
    with pytest.raises(DataikuException, match="cannot delegate"):
        signoff("owner").delegate_feedback("it", hugo)
    signoff("ina").delegate_feedback("it", hugo)
    signoff("hugo").add_feedback("it", "APPROVED")
    with pytest.raises(DataikuException, match="not a reviewer"):
        signoff("hugo").add_feedback("risk", "APPROVED")
    signoff("ada").delegate_approval(hugo)
    with pytest.raises(DataikuException, match="to one user"):
        signoff("ada").delegate_approval({"type": "group", "groupName": "risk"})
    with pytest.raises(DataikuException, match="unknown type"):
        signoff("ada").delegate_approval({"type": "SINGLE_USER", "login": "hugo"})
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    signoff("hugo").add_approval("APPROVED")
    assert state(signoff("owner"))["status"] == "APPROVED"


@pytest.mark.parametrize("reload", [True, False])
def test_a_reset_keeps_delegates_and_configuration_unless_told(signoff, version, reload):
    own = signoff("owner")
    own.update_status("WAITING_FOR_FEEDBACK")
    signoff("ina").delegate_feedback("it", GovernUserUsersContainer("hugo").build())
    configuration = version.get_signoff_configuration(STEP).get_definition()
    configuration.get_raw()["title"] = "Another review"
    configuration.save()
    assert state(own)["configuration"]["title"] == "Review"
    own.update_status("ABANDONED")
    own.update_status("NOT_STARTED", reload_conf_for_reset=reload)
    assert state(own)["configuration"]["title"] == ("Another review" if reload else "Review")
    users = own.get_details().get_raw()["feedbackGroups"][0]["users"]
    assert users == [{"userLogin": login} for login in (["ina"] if reload else ["hugo", "ina"])]


def test_a_reset_is_scheduled_with_an_interval(signoff):
    recurrence = signoff("owner").get_recurrence_configuration()
    recurrence.get_raw().update(activated=True, days=0)
    with pytest.raises(DataikuException, match="needs an interval"):
        recurrence.save()
    recurrence.get_raw().update(months=6)
    recurrence.save()
    assert state(signoff("hugo"))["configuration"]["recurrenceConfiguration"]["months"] == 6
    with pytest.raises(DataikuException, match="may not schedule"):
        signoff("hugo").get_recurrence_configuration().save()


def test_only_who_is_named_is_mailed(signoff, govern):
    own, mails = signoff("owner"), govern.reviews.reviewers.mails
    named = [{"userLogin": "rosa", "groupId": "risk"}, {"userLogin": "hugo", "groupId": "risk"}, {"userLogin": "ina"}]
    own.update_status("WAITING_FOR_FEEDBACK", users_to_notify=named)
    own.update_status("WAITING_FOR_APPROVAL", users_to_notify=[])
    assert [(mail.login, mail.status.value) for mail in mails] == [("rosa", "WAITING_FOR_FEEDBACK")]


# the workflow --------------------------------------------------------------------------------------------------


def moved(artifact, **statuses):
    definition = artifact.get_definition()
    for step, status in statuses.items():
        definition.get_raw()["workflow"]["steps"][step] = {"status": status}
    definition.save()


def test_a_rejection_locks_the_workflow_and_nothing_else(signoff, artifact, govern):
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    signoff("ada").add_approval("REJECTED")
    with pytest.raises(DataikuException, match="workflow is locked: sign-off of step 'rollout' is REJECTED"):
        moved(artifact, exploration="FINISHED")
    definition = artifact.get_definition()
    definition.get_raw()["fields"]["description"] = "changed"
    definition.save()
    govern.node.locks_workflow = False
    moved(artifact, exploration="FINISHED")
    govern.node.locks_workflow = True
    signoff("owner").update_status("NOT_STARTED")
    moved(artifact, qualification="FINISHED")


def test_a_step_is_finished_only_once_its_mandatory_review_is_approved(signoff, artifact):
    with pytest.raises(DataikuException, match="cannot be finished: its sign-off is NOT_STARTED"):
        moved(artifact, rollout="FINISHED")
    signoff("owner").update_status("WAITING_FOR_APPROVAL")
    signoff("ada").add_approval("APPROVED")
    moved(artifact, rollout="FINISHED")
    assert artifact.get_definition().get_raw()["workflow"]["steps"]["rollout"]["status"] == "FINISHED"


def test_the_review_of_a_hidden_step_is_passed_over(version, created):
    hidden = created(version=VERSION, workflow={"steps": {STEP: {"status": "SKIPPED"}}})
    moved(hidden, exploration="FINISHED", delivery="FINISHED")


def test_a_review_is_asked_for_only_while_its_step_goes_on(version, created):
    artifact = created(version=VERSION)
    with pytest.raises(DataikuException, match="not ongoing"):
        artifact.get_signoff(STEP).update_status("WAITING_FOR_FEEDBACK")


def test_a_sign_off_that_was_configured_later_is_created_by_hand(govern, created, client):
    govern.blueprints.fork(VERSION)
    artifact = created(version=VERSION)
    with pytest.raises(DataikuException, match="No sign-off is configured"):
        artifact.create_signoff(STEP)
    version = client.get_blueprint_designer().get_blueprint(BLUEPRINT).get_version(VERSION)
    version.create_signoff_configuration(STEP, CONFIGURATION)
    assert artifact.list_signoffs() == []
    with pytest.raises(DataikuException, match="not ongoing"):
        artifact.create_signoff(STEP)
    moved(artifact, rollout="ONGOING")
    artifact.create_signoff(STEP)
    with pytest.raises(DataikuException, match="has a sign-off already"):
        artifact.create_signoff(STEP)
    assert [item.get_raw()["status"] for item in artifact.list_signoffs()] == ["NOT_STARTED"]


# configurations ------------------------------------------------------------------------------------------------


def test_wrong_names_in_a_configuration_are_dropped_in_silence(version):
    wrong = {"title": "Review", "feedbackGroups": CONFIGURATION["feedbackUsersGroups"], "approvalGroup": {}}
    kept = version.create_signoff_configuration("delivery", wrong).get_definition().get_raw()
    assert kept["feedbackUsersGroups"] == kept["approvers"] == []
    assert [item.get_raw()["id"]["stepId"] for item in version.list_signoff_configurations()] == [STEP, "delivery"]


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"feedbackUsersGroups": []}, "SignoffConfiguration title is required"),
        ({"title": "R", "feedbackUsersGroups": [{"id": "it"}]}, "Users group title is required"),
        ({"title": "R", "approvers": [entry("SINGLE_USER", login="ada")]}, 'unknown type "SINGLE_USER"'),
        ({"title": "R", "approvers": [{"type": "user", "login": "ada"}]}, "unknown type"),
        ({"title": "R", "recurrenceConfiguration": {"activated": True}}, "needs an interval"),
    ],
)
def test_a_configuration_that_govern_does_not_take_is_refused(version, configuration, message):
    with pytest.raises(DataikuException, match=f"ValidationException: .*{message}"):
        version.create_signoff_configuration("delivery", configuration)


def test_only_administrators_configure_reviews(version, people):
    theirs = people.owner.get_blueprint_designer().get_blueprint(BLUEPRINT).get_version(VERSION)
    with pytest.raises(DataikuException, match="blueprint designer"):
        theirs.create_signoff_configuration("delivery", CONFIGURATION)
    with pytest.raises(DataikuException, match="blueprint designer"):
        theirs.list_signoff_configurations()
    version.get_signoff_configuration(STEP).delete()
    assert version.list_signoff_configurations() == []


def test_reviews_survive_a_restart(tmp_path):
    path = tmp_path / "govern.db"
    with contextlib.closing(GovernSandbox(path)) as govern:
        govern.blueprints.fork(VERSION)
        govern.blueprints.configure_signoff(BLUEPRINT, VERSION, STEP, CONFIGURATION)
        version = {"blueprintId": BLUEPRINT, "versionId": VERSION}
        workflow = {"steps": {STEP: {"status": "ONGOING"}}}
        made = govern.node.create({"name": "Churn", "blueprintVersionId": version, "workflow": workflow})
        admin = govern.accounts.caller(f"Bearer {govern.api_key}")
        govern.reviews.update_status(admin, made.id, STEP, {"targetStatus": "WAITING_FOR_FEEDBACK"})
    with contextlib.closing(GovernSandbox(path)) as govern:
        kept = govern.node.get(made.id).signoffs[STEP]
        assert kept.status.value == "WAITING_FOR_FEEDBACK" and kept.configuration["title"] == "Review"
        assert STEP in govern.blueprints.version(BLUEPRINT, VERSION).signoffs
