"""The registry of bundles and models: what it lists, what it says of each, and what could not be looked at."""

import csv
import io
import json
import zipfile

import dataikuapi
import pytest
from dataikuapi.utils import DataikuException
from hub.conftest import HUB, PERMISSIONS, V1
from hypothesis import given
from hypothesis import strategies as st
from support.request_log import RequestLog

from govern_mirror import clock
from govern_mirror.actions.hub import hub_of
from govern_mirror.actions.registry import read_registry
from govern_mirror.actions.session import connect_to
from govern_mirror.errors import InputError
from govern_mirror.hub.ledger import EntryKind, LedgerEntry, folder_prefix, signoff_body
from govern_mirror.hub.opened import OpenedHub
from govern_mirror.model.address import Address, ItemKind
from govern_mirror.model.reviewers import Role
from govern_mirror.model.signoff import Act, SignoffEntry, SignoffStatus
from govern_mirror.report.registry import ApprovalState, RegistryKind, approval_state
from govern_mirror.report.registry_formats import REGISTRY_FORMATS, render_registry
from govern_mirror.settings import Settings
from govern_mirror.text import markdown_text
from govern_mirror_devkit.sandbox.mock_instance import URL


def by_address(registry):
    return {str(row.address): row for row in registry.rows}


# what it says of each ----------------------------------------------------------------------------------------------


def test_a_bundle_tells_its_review_and_where_it_runs(bank, hub_session, as_, asked, deploy):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    bank.standards.note(bank.admin, "CHURN", {"docs": 1, "tests": 4})
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    for bundle in ("v1", "v2"):
        deploy(bundle)
    registry = read_registry(hub_session, "bundles")
    v1, v2 = (by_address(registry)[f"CHURN/bundle/{bundle}"] for bundle in ("v1", "v2"))
    assert [row.item for row in registry.rows] == ["v2", "v1"], "the latest export comes first"
    assert (v1.is_approved, v1.is_deployed_unapproved, v1.made_by) == (True, False, "emil")
    assert (v2.approval, v2.is_deployed_unapproved) == (ApprovalState.NOT_ASKED, True)
    assert [str(on) for on in v2.deployed_on] == ["PROD (v2-on-PROD)"]
    assert (v1.standards.severity, v1.standards.label) == (4, "High") and v1.standards.ran_on is not None
    assert (registry.projects, registry.deployments, registry.remarks, registry.unreadable) == (1, 2, [], ())


def test_an_active_version_without_approval_is_named(bank, hub_session, churn_model):
    registry = read_registry(hub_session, RegistryKind.MODELS)
    new, old = registry.rows
    assert (new.item, new.is_active, new.is_active_unapproved) == ("new", True, True)
    assert (old.item, old.is_active, old.is_active_unapproved) == ("old", False, False)
    assert new.model == "Churn model" and new.deployed_on is None
    assert ("Active, not approved", 1) in registry.counts


def test_agents_stand_with_the_models(bank, hub_session):
    agent = bank.saved_models.create(bank.accounts.user("emil"), "CHURN", "Helper", "PYTHON_AGENT")
    (row,) = read_registry(hub_session, "models").rows
    assert str(row.address) == f"CHURN/agent/{agent}/v1" and row.is_active_unapproved


def test_what_was_exported_again_is_not_approved(bank, hub_session, as_, asked):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v1")
    (row,) = read_registry(hub_session, "bundles").rows
    assert (row.approval, row.is_approved, row.words) == (ApprovalState.CHANGED, False, "Approved, changed since")


def test_projects_that_are_not_governed_are_left_out(bank, hub_session):
    bank.create_project("LOOSE")
    bank.bundles.export(bank.admin, "LOOSE", "v1")
    assert list(by_address(read_registry(hub_session, "bundles"))) == [V1]


def test_a_reader_sees_their_own_projects_only(bank, as_, people):
    bank.create_project("SECRET")
    assert as_("admin", "init", "SECRET").code == 0
    bank.bundles.export(bank.admin, "SECRET", "v9")
    reader = connect_to(URL, people["ana"], settings=Settings(hub_project=HUB))
    admin = connect_to(URL, bank.admin_key, settings=Settings(hub_project=HUB))
    assert {row.address.project_key for row in read_registry(admin, "bundles").rows} == {"CHURN", "SECRET"}
    assert {row.address.project_key for row in read_registry(reader, "bundles").rows} == {"CHURN"}


@given(st.none() | st.sampled_from(SignoffStatus), st.booleans(), st.booleans())
def test_nothing_but_an_unchanged_approval_is_approved(status, is_unchanged, is_off):
    state = approval_state(status, is_unchanged=is_unchanged, is_off=is_off)
    is_approved = status is SignoffStatus.APPROVED and is_unchanged and not is_off
    assert (state is ApprovalState.APPROVED) == is_approved
    assert (state is ApprovalState.OFF) == is_off


# what could not be looked at ---------------------------------------------------------------------------------------


def test_without_a_hub_nothing_is_called_unapproved(bank, churn_model, deploy):
    deploy("v1")
    bank.plugins.configure(hub_project=None)
    session = connect_to(URL, bank.admin_key)
    for kind in RegistryKind:
        registry = read_registry(session, kind)
        assert "approvals are off" in registry.off and registry.rows
        assert not any(row.is_active_unapproved or row.is_deployed_unapproved for row in registry.rows)
        assert [label for label, _ in registry.counts] in (["Bundles"], ["Versions"])


def test_a_hub_that_cannot_be_read_approves_nothing(bank, people, as_, asked, tmp_path):
    asked()
    assert as_("ana", "signoff", "approve", V1).code == 0
    outsider = connect_to(URL, people["rita"], settings=Settings(hub_project=HUB))
    registry = read_registry(outsider, "bundles")
    (row,) = registry.rows
    assert "the hub cannot be read" in registry.off
    assert (row.approval, row.is_approved, row.words) == (ApprovalState.UNKNOWN, False, "Cannot be read")
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"hub_project": HUB}))
    ended = as_("rita", "--settings", file, "report", "--items", "bundles")
    assert ended.code == 1 and "Cannot be read" in ended.out and "the hub cannot be read" in ended.err.lower()


def test_a_changed_entry_closes_its_item_and_no_other(bank, hub_session, as_, asked):
    bank.bundles.export(bank.accounts.user("emil"), "CHURN", "v2")
    for bundle in ("v1", "v2"):
        asked(f"CHURN/bundle/{bundle}")
    hub = hub_of(hub_session)
    paths = hub.open().paths_of(Address("CHURN", ItemKind.BUNDLE, ("v1",)))
    folder = dataikuapi.DSSClient(URL, api_key=bank.admin_key).get_project(HUB).get_managed_folder(hub.folder)
    folder.put_file(paths[0], io.BytesIO(b"{}"))
    registry = read_registry(hub_session, "bundles")
    rows = by_address(registry)
    assert rows[V1].approval is ApprovalState.UNKNOWN
    assert rows["CHURN/bundle/v2"].approval is ApprovalState.WAITING
    (missing,) = registry.unreadable
    assert missing.project_key == "CHURN" and V1 in missing.message


def test_a_project_that_fails_costs_no_other(bank, hub_session, as_):
    bank.create_project("FRAUD", permissions=PERMISSIONS)
    assert as_("admin", "init", "FRAUD").code == 0
    bank.bundles.export(bank.admin, "FRAUD", "f1")
    bank.faults.set("GET /projects/CHURN/bundles/exported:404")
    ended = as_("admin", "report", "--items", "bundles", "--format", "json")
    assert ended.code == 1 and "CHURN" in ended.err
    assert [row["address"] for row in ended.json["rows"]] == ["FRAUD/bundle/f1"]
    assert [project["project_key"] for project in ended.json["unreadable"]] == ["CHURN"]


def test_a_model_that_fails_is_told(bank, hub_session, churn_model):
    bank.faults.set(f"GET /projects/CHURN/savedmodels/{churn_model}/versions:404")
    registry = read_registry(hub_session, "models")
    assert registry.rows == () and [item.project_key for item in registry.unreadable] == ["CHURN"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("GET /project-deployer/deployments:403", "where bundles are deployed cannot be looked at"),
        ("GET /projects/*/project-standards/last-report:403", "the Project Standards result of CHURN cannot be looked"),
    ],
    ids=["deployer", "standards"],
)
def test_what_cannot_be_looked_at_is_said(bank, hub_session, as_, fault, said):
    bank.faults.set(fault)
    registry = read_registry(hub_session, "bundles")
    assert len(registry.rows) == 1 and registry.unreadable == ()
    assert any(said in remark for remark in registry.remarks)
    ended = as_("admin", "report", "--items", "bundles")
    assert ended.code == 0 and said.lower() in ended.err.lower()


def test_a_deployed_bundle_that_is_gone_is_told(bank, hub_session, deploy):
    deploy("v1")
    bank.bundles.delete(bank.admin, "CHURN", "v1")
    registry = read_registry(hub_session, "bundles")
    assert registry.rows == () and any("no such bundle any more" in remark for remark in registry.remarks)


# many --------------------------------------------------------------------------------------------------------------


def test_two_thousand_bundles_of_a_project_are_listed(bank, hub_session, as_):
    emil = bank.accounts.user("emil")
    for number in range(2_000):
        bank.bundles.export(emil, "CHURN", f"b{number}")
    hub = hub_of(hub_session)
    for number in range(40):
        address = Address("CHURN", ItemKind.BUNDLE, (f"b{number}",))
        entry = SignoffEntry(
            id="", parents=(), at=clock.now(), step="review", by="rita", act=Act.REQUEST_FEEDBACK, role=Role.EDITOR,
            digest="d", reviewers={"business": ["user:ben"]},
        )  # fmt: skip
        hub.append(LedgerEntry(EntryKind.SIGNOFF, address, "review", clock.now(), "rita", (), signoff_body(entry)))
    log = RequestLog(bank)
    registry = read_registry(hub_session, "bundles")
    assert len(registry.rows) == 2_001
    assert sum(row.approval is ApprovalState.WAITING for row in registry.rows) == 40
    # the hub's files are listed once, and of items without a review nothing is read
    assert len(log.requests) <= 40 + 15


def test_the_hub_is_listed_once_for_all_projects(bank, hub_session, as_):
    for key in ("P1", "P2", "P3"):
        bank.create_project(key)
        assert as_("admin", "init", key).code == 0
        bank.bundles.export(bank.admin, key, "v1")
    log = RequestLog(bank)
    assert len(read_registry(hub_session, "bundles").rows) == 4
    assert len([path for _, path in log.requests if path.endswith("/contents")]) == 1


@given(st.lists(st.sampled_from(["P/bundle/a", "P/bundle/b", "Q/model/m/v"]), max_size=6))
def test_every_file_of_an_item_is_found(names):
    addresses = [
        Address(name.split("/")[0], ItemKind(name.split("/")[1]), tuple(name.split("/")[2:])) for name in names
    ]
    paths = {f"{folder_prefix(address)}{at:032x}.json" for at, address in enumerate(addresses)}
    opened = OpenedHub("HUB", lambda path: b"", frozenset([*paths, "configuration.json"]))
    for address in addresses:
        assert set(opened.paths_of(address)) == {path for path in paths if path.startswith(folder_prefix(address))}


# the formats -------------------------------------------------------------------------------------------------------


@pytest.fixture
def hostile(bank, as_):
    """A project and a bundle whose names try to be formulas, markup and commands."""
    bank.create_project("EVIL", "=1+1<script>alert(1)</script>|[x](javascript:1)")
    assert as_("admin", "init", "EVIL").code == 0
    bank.bundles.export(bank.admin, "EVIL", "=cmd|x")


def test_every_format_lists_the_same_items(bank, hub_session, churn_model, hostile):
    for kind in RegistryKind:
        registry = read_registry(hub_session, kind)
        addresses = [str(row.address) for row in registry.rows]
        assert addresses
        document = json.loads(render_registry(registry, "json"))
        assert [row["address"] for row in document["rows"]] == addresses and document["items"] == kind.value
        lines = list(csv.DictReader(io.StringIO(render_registry(registry, "csv").decode("utf-8"))))
        assert [line["address"] for line in lines] == addresses
        assert render_registry(registry, "html").decode().count('<th scope="row">') == len(addresses)
        assert render_registry(registry, "markdown").decode().count("\n| ") == len(addresses) + 2
        with zipfile.ZipFile(io.BytesIO(render_registry(registry, "xlsx"))) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") == len(addresses) + 1


def test_no_name_becomes_a_formula_or_markup(hub_session, hostile):
    registry = read_registry(hub_session, "bundles")
    text = render_registry(registry, "csv").decode()
    assert "'=1+1" in text and "'=cmd" in text
    html = render_registry(registry, "html").decode()
    assert "<script" not in html and "&lt;script&gt;" in html
    markdown = render_registry(registry, "markdown").decode()
    assert markdown_text("<script>alert(1)</script>|[x](javascript:1)") in markdown and "<script" not in markdown


def test_a_format_that_no_registry_has_is_refused(hub_session, as_, bank):
    log = RequestLog(bank)
    for form in ("plan", "mail"):
        ended = as_("admin", "report", "--items", "bundles", "--format", form)
        assert ended.code == 2 and "is not made in the format" in ended.err and "csv" in ended.err
    assert log.requests == []
    with pytest.raises(InputError, match="not made in the format"):
        render_registry(read_registry(hub_session, "bundles"), "pdf")


@pytest.mark.parametrize("kind", ["projects", "", "Bundles"])
def test_another_kind_is_refused(hub_session, kind):
    with pytest.raises(InputError, match="kind of registry"):
        read_registry(hub_session, kind)


@pytest.mark.parametrize("option", ["--publish-folder=P.f", "--publish-wiki=P", "--with-texts", "--include-ungoverned"])
def test_what_is_about_projects_is_refused_beside_items(as_, option):
    ended = as_("admin", "report", "--items", "bundles", option)
    assert ended.code == 2 and option.partition("=")[0] in ended.err


def test_the_table_tells_what_needs_attention(as_, bank, churn_model, tmp_path):
    ended = as_("admin", "report", "--items", "models")
    assert ended.code == 0 and "active, not approved" in ended.out and "Churn model" in ended.out
    ended = as_("admin", "report", "--items", "bundles", "--tag", "nosuch")
    assert ended.code == 0 and "No governed project is among those" in ended.out
    file = tmp_path / "registry.xlsx"
    assert as_("admin", "report", "--items", "bundles", "-o", file).code == 0
    assert file.read_bytes().startswith(b"PK") and list(REGISTRY_FORMATS)


def test_the_macro_lists_items_as_its_result_only(bank, churn_model, hostile):
    project = dataikuapi.DSSClient(URL, api_key=bank.admin_key).get_project("CHURN")
    macro = project.get_macro("pyrunnable_govern-mirror_governed-projects-report")

    def press(**form):
        return macro.get_result(macro.run(form), as_type="string").decode()

    html = press(items="bundles")
    assert html.lstrip().startswith("<div") and ">v1<" in html and "&lt;script&gt;" in html and "<script" not in html
    assert "active, not approved" in press(items="models")
    with pytest.raises(DataikuException, match="which are of projects"):
        press(items="models", mail_to="ada@example.com")
