"""What somebody tried against sign-offs, the ledger and the hook: each of these once worked, or once broke the hub."""

import json
import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from hub.conftest import HUB, PERMISSIONS, REVIEWERS, V1, V2
from hypothesis import given
from hypothesis import strategies as st
from support.hubs import audit
from support.ledger_entries import BUNDLE, NOW, act

from govern_mirror.actions.session import open_session
from govern_mirror.actions.signoff import Participation, hub_with_key, record_act
from govern_mirror.components.signoff_macros import address_from_form
from govern_mirror.connection import Instance, Secret
from govern_mirror.dss import deployer_hook
from govern_mirror.errors import InputError
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, read_entry, to_signoff
from govern_mirror.model.address import Address, ItemKind, parse_address
from govern_mirror.model.reviewers import Delegation, Role
from govern_mirror.model.signoff import Act, SignoffStatus, signoff_of
from govern_mirror.settings import parse_settings
from govern_mirror_devkit.sandbox.mock_instance import URL


def judged(*entries):
    """The state as the library computes it, which must be that of the hook."""
    state = signoff_of([to_signoff(entry) for entry in entries], "review")
    hook = deployer_hook.state_of([{**json.loads(entry.content), "id": entry.id} for entry in entries], "review")
    assert hook["status"] == state.status.value
    return state


# races -----------------------------------------------------------------------------------------------------------


def test_taking_back_an_abandonment_approves_nothing():
    request = act(Act.REQUEST_APPROVAL, "rita")
    approval = act(Act.APPROVE, "ana", request, minute=1)
    abandonment = act(Act.ABANDON, "rita", request, minute=2)
    cancel = act(Act.CANCEL, "rita", approval, abandonment, minute=3)
    assert judged(request, approval, abandonment, cancel).status is SignoffStatus.WAITING_FOR_APPROVAL


def test_an_approval_of_an_earlier_review_approves_no_later_one():
    request = act(Act.REQUEST_APPROVAL, "rita")
    rejection = act(Act.REJECT, "ana", request, minute=1)
    reset = act(Act.RESET, "rita", rejection, minute=2)
    again = act(Act.REQUEST_APPROVAL, "rita", reset, minute=3)
    approval = act(Act.APPROVE, "olga", request, minute=4)  # it saw neither the rejection nor the new request
    state = judged(request, rejection, reset, again, approval)
    assert (state.status, state.late) == (SignoffStatus.WAITING_FOR_APPROVAL, (approval.id,))


def test_a_review_handed_over_earlier_is_not_in_a_later_one():
    request = act(Act.REQUEST_APPROVAL, "rita")
    rejection = act(Act.REJECT, "olga", request, minute=1)
    reset = act(Act.RESET, "rita", rejection, minute=2)
    again = act(Act.REQUEST_APPROVAL, "rita", reset, minute=3)
    handed_over = Delegation(Role.FINAL_APPROVER, "ana", "dan")
    delegation = act(Act.DELEGATE, "ana", request, minute=4, role=Role.FINAL_APPROVER, delegation=handed_over)
    assert judged(request, rejection, reset, again, delegation).delegations == ()


def test_an_item_with_3000_entries_is_judged_in_seconds():
    entries, heads = [], ()
    for minute in range(3000):
        entry = act((Act.REQUEST_FEEDBACK, Act.ABANDON, Act.RESET)[minute % 3], "rita", *heads, minute=minute)
        entries.append(entry)
        heads = (entry,)
    from resource import RUSAGE_SELF, getrusage

    stored = [{**json.loads(entry.content), "id": entry.id} for entry in entries]
    began, before = time.process_time(), getrusage(RUSAGE_SELF).ru_maxrss
    signoff_of([to_signoff(entry) for entry in entries], "review")
    deployer_hook.state_of(stored, "review")
    assert time.process_time() - began < 5
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 100_000, "kB"


def test_3000_forks_of_an_item_are_judged_in_seconds():
    request = act(Act.REQUEST_FEEDBACK, "rita")
    more = [
        act(Act.FEEDBACK, "ben", request, minute=1, role=Role.BUSINESS, comment=str(number)) for number in range(3000)
    ]
    stored = [{**json.loads(entry.content), "id": entry.id} for entry in (request, *more)]
    began = time.process_time()
    signoff_of([to_signoff(entry) for entry in (request, *more)], "review")
    deployer_hook.state_of(stored, "review")
    assert time.process_time() - began < 5


# the ledger's files ------------------------------------------------------------------------------------------------

NUMBERS = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
)


@given(st.dictionaries(st.text(st.characters()), JSON, max_size=4))
def test_any_entry_is_read_back_and_hashed_alike_by_the_hook(body):
    entry = LedgerEntry(EntryKind.EMERGENCY, BUNDLE, None, NOW, "ana", (), body)
    assert read_entry(entry.path, entry.content).id == entry.id
    assert deployer_hook.digest(deployer_hook.canonical(json.loads(entry.content))) == entry.id


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"by":"ana"', b'"by":"eve","by":"ana"'),
        (b'"format":1', b'"format":true'),
        (b'"format":1', b'"format":1.0'),
        (b"{", b" {"),
        (b'"ana"', b'"\\u0061na"'),
    ],
    ids=["doubled key", "true", "float", "blank", "escape"],
)
def test_an_entry_written_otherwise_is_another(before, after):
    entry = LedgerEntry(EntryKind.EMERGENCY, BUNDLE, None, NOW, "ana", (), {"n": 1})
    changed = entry.content.replace(before, after, 1)
    assert changed != entry.content
    assert audit({entry.path: changed}, NOW)


def test_an_editor_cannot_lock_the_hub_with_a_huge_value(bank, as_, asked):
    links = [{"from": "x" * 100, "to": f"https://example.com/{number}{'y' * 200}"} for number in range(5000)]

    def fill(metadata):
        metadata["customFields"]["govern_documents_exploration"] = json.dumps(links)

    bank.edit_metadata("CHURN", fill)
    ended = as_("rita", "signoff", "request", V1, "--final")
    ended_after = as_("admin", "audit", "--all")
    assert ended_after.code == 0, ended_after.out[:300]
    assert ended.code == 0 or "could not read it again" in ended.err
    assert as_("admin", "reviews").code in (0, 3)


def test_an_unreadable_sign_off_in_the_hub_is_said(bank, as_):
    broken = LedgerEntry(EntryKind.SIGNOFF, BUNDLE, "review", NOW, "rita", (), {"act": "dance"})
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    bank.managed_folders.put(bank.admin, HUB, folder["id"], broken.path, broken.content)
    ended = as_("admin", "reviews")
    assert ended.code == 1 and "run `audit" in ended.err


# managers and deputies -----------------------------------------------------------------------------------------------


def hand_over(as_, manager, to, of="ana"):
    arguments = ("--to", to, "--of", of, "--as", "final_approvers", "--comment", "ill")
    return as_(manager, "signoff", "delegate", V1, *arguments)


def test_a_manager_makes_nobody_of_himself(bank, as_, asked):
    asked()
    ended = hand_over(as_, "max", "max")
    assert ended.code == 1 and "to yourself" in ended.err
    assert as_("max", "signoff", "approve", V1).code == 1


def test_a_manager_who_asked_chooses_no_approver(bank, as_, asked):
    bank.accounts.change_user("max", groups=["editors"])
    asked(who="max")
    ended = hand_over(as_, "max", "dan")
    assert ended.code == 1 and "max asked for this review" in ended.err
    assert as_("dan", "signoff", "approve", V1).code == 1


def test_a_ledger_with_a_managers_own_approval_does_not_count():
    request = act(Act.REQUEST_APPROVAL, "rita")
    to_himself = Delegation(Role.FINAL_APPROVER, "ana", "max")
    delegation = act(Act.DELEGATE, "max", request, minute=1, role=Role.MANAGER, delegation=to_himself)
    approval = act(Act.APPROVE, "max", delegation, minute=2, on_behalf_of="ana")
    state = judged(request, delegation, approval)
    assert state.status is SignoffStatus.WAITING_FOR_APPROVAL and delegation.id in state.refused


def test_deputies_in_a_circle_give_nobody_more(bank, as_, asked, tmp_path):
    file = tmp_path / "circle.yaml"
    file.write_text(
        REVIEWERS.replace(
            "  - {of: ben, to: dan, until: 2030-01-01T00:00:00Z}",
            "  - {of: ana, to: dan}\n  - {of: dan, to: ana}\n  - {of: dan, to: eve}\n  - {of: eve, to: rita}",
        )
    )
    assert as_("admin", "hub", "import", file).code == 0
    bank.accounts.change_user("eve", groups=["readers"])
    asked()
    assert as_("eve", "signoff", "approve", V1).code == 1
    assert as_("rita", "signoff", "approve", V1).code == 1
    assert as_("dan", "signoff", "approve", V1).code == 0


# items -----------------------------------------------------------------------------------------------------------


def test_finishing_the_step_keeps_its_approval(bank, as_, asked, tmp_path):
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS + "  project_steps: [exploration]\n")
    assert as_("admin", "hub", "import", file).code == 0
    assert as_("emil", "advance", "CHURN").code == 0
    asked("CHURN")
    assert as_("ana", "signoff", "approve", "CHURN").code == 0
    assert as_("emil", "advance", "CHURN").code == 0
    ended = as_("admin", "gate", "CHURN", "--signed-off")
    assert ended.code == 0, ended.err


def test_a_step_that_somebody_typed_into_is_not_signed_off(bank, as_, tmp_path):
    file = tmp_path / "hub.yaml"
    file.write_text(REVIEWERS + "  project_steps: [exploration]\n")
    assert as_("admin", "hub", "import", file).code == 0
    assert as_("emil", "advance", "CHURN").code == 0

    def type_notes(metadata):
        metadata["customFields"]["govern_notes_exploration"] = "typed by nobody knows whom"

    bank.edit_metadata("CHURN", type_notes)
    ended = as_("rita", "signoff", "request", "CHURN", "--final")
    assert ended.code == 1 and "nobody can say who" in ended.err


def nested(levels):
    """A definition that differs from others only behind so many levels."""
    return lambda last: json.loads("[" * levels + json.dumps(last) + "]" * levels)


@pytest.mark.parametrize("levels", [50, 150, 900])
def test_an_agent_edited_in_its_depths_is_not_the_approved_one(levels):
    from govern_mirror.dss.governable_items import definition_digest

    one, two = (definition_digest({"versionId": "v1", "config": nested(levels)(last)}) for last in "ab")
    assert (one is None) == (levels > 100)
    assert one is None or one != two


def test_nothing_of_a_closed_project_is_approved(bank, as_, asked):
    asked()
    assert as_("rita", "close", "CHURN", "--reason", "cancelled").code == 0
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    for who, what, address in (("ana", "approve", V1), ("rita", "request", V2)):
        ended = as_(who, "signoff", what, address)
        assert ended.code == 1 and "is closed" in ended.err
    assert as_("admin", "gate", V1, "--signed-off").code == 3


def test_clocks_that_differ_leave_the_ledger_whole(bank, as_, open_hub_session):
    session, hub = open_hub_session
    address = parse_address(V1)
    later = datetime.now(timezone.utc).replace(microsecond=0)
    first = record_act(session, hub, address, Participation(Act.REQUEST_APPROVAL), now=later).entry
    second = record_act(session, hub, address, Participation(Act.ABANDON), now=later - timedelta(hours=1)).entry
    assert second.at == first.at
    assert as_("admin", "audit", "--all").code == 0


@pytest.fixture
def open_hub_session(bank, people):
    """The session of rita, and the hub with its own key."""
    settings = parse_settings({"hub_project": HUB})
    session = open_session(Instance(URL, Secret(people["rita"])), settings)
    return session, hub_with_key(session, HUB, bank.accounts.create_project_key(HUB, ("ADMIN",)))


# addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["v1\u200b", "v\u202e1", "\ufeffv1", "v1\u2060", "v\xad1"])
def test_an_address_with_what_nobody_sees_is_refused(text):
    with pytest.raises(InputError, match="use KEY"):
        parse_address(f"CHURN/bundle/{text}")


@pytest.mark.parametrize(
    "text", ["CHURN%2FX/bundle/v1", "СHURN/bundle/v1", "CHURN\u200b/bundle/v1", "CHURN.X", "ＣHURN"]
)
def test_a_key_that_only_looks_like_one_is_refused(text):
    with pytest.raises(InputError, match="is not a project key"):
        parse_address(text)


def test_a_project_named_as_a_kind_is_addressed_by_its_whole_address():
    whole = address_from_form({"address": "model/bundle/v1"}, "model")
    assert whole == Address("model", ItemKind.BUNDLE, ("v1",))
    assert address_from_form({"address": "model/m/v1"}, "CHURN") == Address(
        "CHURN", ItemKind.MODEL_VERSION, ("m", "v1")
    )


# the hook ----------------------------------------------------------------------------------------------------------


def test_a_hook_file_with_a_byte_order_mark_is_read(tmp_path):
    file = tmp_path / "hook.json"
    file.write_bytes(b'\xef\xbb\xbf{"nodes": {}}')
    assert deployer_hook.read_configuration({"GOVERN_MIRROR_HOOK_FILE": str(file)}) == {"nodes": {}}


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "1", '{"nodes": {}, "policies": []}', '{"nodes": {}, "policies": {"P": 1}}', '{"nodes": {"d": 1}}'],
)
def test_a_hook_file_that_is_wrong_is_to_be_corrected(text):
    with pytest.raises(deployer_hook.Refused, match="correct it"):
        deployer_hook.read_configuration({"GOVERN_MIRROR_HOOK": text})


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.sampled_from([0, 3, 6]))
def test_the_hook_reads_times_as_the_library_does(at, decimals):
    from govern_mirror.dss.governable_items import milliseconds

    fraction = f".{at.microsecond:06}"[: decimals + 1] if decimals else ""
    for zone in ("Z", "+0100", "-05:30"):
        text = f"{at:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"
        assert deployer_hook.milliseconds(text) == milliseconds(text)


def test_the_hook_refuses_a_ledger_that_the_gate_refuses():
    request = act(Act.REQUEST_APPROVAL, "rita")
    forged = act(Act.APPROVE, "rita", request, minute=1)
    real = act(Act.APPROVE, "ana", forged, minute=2)
    assert audit({entry.path: entry.content for entry in (request, forged, real)}, NOW + timedelta(1))
    stored = [{**json.loads(entry.content), "id": entry.id} for entry in (request, forged, real)]
    with pytest.raises(deployer_hook.Refused, match="not whole"):
        deployer_hook.require_whole(stored, str(BUNDLE), NOW + timedelta(1))


@pytest.mark.parametrize("minute", [-30, 30], ids=["a parent of later", "a second beginning"])
def test_the_hook_refuses_entries_out_of_their_order(minute):
    request = act(Act.REQUEST_APPROVAL, "rita")
    other = act(Act.APPROVE, "ana", *([request] if minute < 0 else []), minute=minute)
    assert audit({entry.path: entry.content for entry in (request, other)}, NOW + timedelta(1))
    stored = [{**json.loads(entry.content), "id": entry.id} for entry in (request, other)]
    with pytest.raises(deployer_hook.Refused, match="not whole"):
        deployer_hook.require_whole(stored, str(BUNDLE), NOW + timedelta(1))


def test_the_hook_is_written_for_python_3_7():
    import ast
    from pathlib import Path

    ast.parse(Path(deployer_hook.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))


class HookResult:
    """What DSS gives a hook to answer with."""

    error, warning, success = (staticmethod(lambda said, kind=kind: (kind, said)) for kind in ("E", "W", "S"))


def fake_deployer(settings, packages):
    """A Deployer that answers as told, whatever shape that has."""
    status = SimpleNamespace(light_status={"packages": packages})
    raw = SimpleNamespace(get_raw=lambda: settings)
    api = SimpleNamespace(
        get_deployment=lambda _: SimpleNamespace(get_settings=lambda: raw),
        get_project=lambda _: SimpleNamespace(get_status=lambda: status),
    )
    return SimpleNamespace(get_projectdeployer=lambda: api)


SETTINGS = {"bundleId": "v1", "publishedProjectKey": "CHURN", "infraId": "PROD"}
ORIGIN = {"projectKey": "CHURN", "nodeId": "design"}


@pytest.mark.parametrize(
    ("settings", "packages"),
    [
        (None, []),
        ({}, []),
        ({**SETTINGS, "infraId": []}, [{"id": "v1", "designNodeInfo": ORIGIN}]),
        (SETTINGS, None),
        (SETTINGS, {}),
        (SETTINGS, ["v1"]),
        (SETTINGS, [{"id": "v1"}]),
        (SETTINGS, [{"id": "v1", "designNodeInfo": "CHURN"}]),
        (SETTINGS, [{"id": "v1", "designNodeInfo": {"projectKey": ["CHURN"], "nodeId": "design"}}]),
        (SETTINGS, [{"id": "v1", "designNodeInfo": {"projectKey": "CHURN", "nodeId": {}}}]),
        (SETTINGS, [{"id": "v1", "designNodeInfo": {"projectKey": "CHURN", "nodeId": "another"}}]),
        (SETTINGS, [{"id": "v1", "designNodeInfo": {"projectKey": "../CHURN", "nodeId": "design"}}]),
    ],
)
def test_a_package_of_any_other_shape_is_refused(monkeypatch, settings, packages):
    def unreachable(_):
        raise OSError("no such host")

    monkeypatch.setattr(deployer_hook, "HookResult", HookResult, raising=False)
    monkeypatch.setattr(deployer_hook, "connect", unreachable)
    node = {"url": "https://nowhere.example", "api_key": "secret-of-the-gate", "hub": HUB}
    monkeypatch.setenv("GOVERN_MIRROR_HOOK", json.dumps({"nodes": {"design": node}}))
    monkeypatch.delenv("GOVERN_MIRROR_HOOK_FILE", raising=False)
    kind, said = deployer_hook.execute("eve", "d", None, fake_deployer(settings, packages))
    assert kind == "E" and "secret-of-the-gate" not in said


def test_the_hook_takes_what_dss_gives_in_its_order(monkeypatch):
    """Dataiku documents the names of a hook's arguments in this order."""
    monkeypatch.setattr(deployer_hook, "HookResult", HookResult, raising=False)
    monkeypatch.setenv("GOVERN_MIRROR_HOOK", json.dumps({"nodes": {}, "policies": {"PROD": "NO_CHECK"}}))
    monkeypatch.delenv("GOVERN_MIRROR_HOOK_FILE", raising=False)
    given = {
        "requesting_user": "eve",
        "deployment_id": "d",
        "deployment_report": None,
        "deployer_client": fake_deployer(SETTINGS, []),
        "automation_client": None,
        "deploying_user": "eve",
        "deployed_project_key": "CHURN",
    }
    assert deployer_hook.execute(*given.values())[0] == "S"
    assert deployer_hook.execute(**given, new_in_dss_16=1)[0] == "S"


@pytest.mark.parametrize("shown", ["yesterday", True, {"ms": 1}, [1], 5, float("nan")])
def test_an_export_time_that_is_not_the_approved_one_is_refused(shown):
    subject = {"bundle": "v1", "exported_on": 1, "exported_by": "emil"}
    body = {"subject": subject, "digest": deployer_hook.digest(deployer_hook.canonical(subject))}
    package = {"id": "v1", "publishedOn": 2, "exportManifest": {"exportUserInfo": {"exportedOn": shown}}}
    bundles = {"bundles": [{"bundleId": "v1", "exportManifest": {"exportUserInfo": {"exportedOn": 1}}}]}
    hub = SimpleNamespace(client=SimpleNamespace(_perform_json=lambda *_: bundles), sources_of=lambda _: ["CHURN"])
    with pytest.raises((deployer_hook.Refused, ValueError)):
        deployer_hook.require_same_package(hub, package, "CHURN", "v1", "CHURN", body)


def test_a_project_named_as_the_hubs_own_entries_writes_none_of_them(bank, as_, tmp_path):
    bank.create_project("hub", "Hub", permissions=PERMISSIONS)
    file = tmp_path / "steps.yaml"
    file.write_text(f"{REVIEWERS}  project_steps: [exploration]\n")
    for command in (("hub", "import", file), ("init", "hub"), ("advance", "hub")):
        as_("admin", *command)
    before = len(bank.managed_folders.contents(bank.admin, HUB, folder_of(bank))["items"])
    refused = as_("rita", "signoff", "request", "hub", "--final")
    assert refused.code == 1 and "another key" in refused.err
    assert len(bank.managed_folders.contents(bank.admin, HUB, folder_of(bank))["items"]) == before
    assert as_("admin", "gate", "hub", "--signed-off").code != 0
    assert as_("admin", "audit", "--all").code == 0
    assert as_("admin", "show", "hub", "--format", "json").code == 0


def folder_of(bank):
    (folder,) = bank.managed_folders.listed(bank.admin, HUB)
    return folder["id"]
