"""The plugin's settings: what DSS passes is taken or refused with every fault named, never half."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from support.strategies import DECISIONS, STEPS, any_text, json_values

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import STANDARD, Blueprint
from govern_mirror.model.scores import Weights
from govern_mirror.settings import Settings, parse_settings, read_settings

NAMES = tuple(Settings.model_fields)
WEIGHTS = ("weight_value", "weight_risk", "weight_feasibility", "weight_cost")
sound = st.fixed_dictionaries(
    {},
    optional={
        "mirror_checklist": st.booleans(),
        "mirror_tag": st.booleans(),
        "required_fields": st.lists(
            st.fixed_dictionaries({"step": st.sampled_from(STEPS), "field": st.sampled_from(sorted(STANDARD.by_path))}),
            max_size=3,
        ),
        "decisions_to_move_on": st.lists(st.sampled_from(DECISIONS), max_size=3),
        "stale_after_days": st.integers(1, 10_000) | st.integers(1, 10_000).map(float),
        **{name: st.floats(0, 1000) | st.integers(0, 1000) for name in WEIGHTS},
        "instance_url": st.sampled_from(["https://dss.example.com", "http://10.0.0.1:11200/path"]),
        "page_address": st.sampled_from(["https://dss.example.com/webapps/G/w1", "http://10.0.0.1:11200/webapps/page"]),
        "settling_seconds": st.floats(0, 30) | st.integers(0, 30),
    },
)
any_number = st.floats() | st.integers() | st.sampled_from([float("inf"), float("-inf"), float("nan"), 1e308, 10**400])
wild = st.dictionaries(st.sampled_from(NAMES) | any_text, any_number | json_values(), max_size=3)


@given(sound, st.dictionaries(any_text.filter(lambda key: key not in NAMES), json_values(), max_size=2))
def test_sound_settings_are_taken_as_they_are_and_unknown_ones_left(config, unknown):
    found = parse_settings({**config, **unknown})
    expected = {
        "mirror_checklist": True,
        "mirror_tag": True,
        "required_fields": [],
        "decisions_to_move_on": [],
        "stale_after_days": 30,
        **dict.fromkeys(WEIGHTS, 1.0),
        "instance_url": None,
        "page_address": None,
        "settling_seconds": 1.0,
        "template": None,
        "uploads": False,
        "upload_max_megabytes": 20,
        "upload_types": ["pdf", "docx", "xlsx", "pptx", "csv", "txt", "png", "jpg"],
        "status_page": None,
        "ask": "",
        "hub_project": None,
        **config,
    }
    assert json.loads(found.model_dump_json()) == json.loads(json.dumps(expected))
    assert found.weights == Weights(*(expected[name] for name in WEIGHTS))


@given(sound, st.sets(st.sampled_from(NAMES)))
def test_what_dss_passes_as_null_counts_as_not_set(config, empty):
    given_config = {**config, **dict.fromkeys(empty)}
    left = {key: value for key, value in config.items() if key not in empty}
    assert parse_settings(given_config) == parse_settings(left)


@examples(200)
@given(wild)
def test_settings_of_any_kind_are_taken_or_refused_in_words(config):
    try:
        found = parse_settings(config, "settings of the test")
    except InputError as refusal:
        message = str(refusal)
        assert message.startswith("settings of the test: ")
        assert any(name in message for name in config if name in NAMES)
        return
    assert found.stale_after_days >= 1
    assert all(0 <= getattr(found, name) <= 1000 for name in WEIGHTS)
    try:
        assert isinstance(found.blueprint(), Blueprint)
    except InputError as refusal:
        assert "use one of" in str(refusal)


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 0, -1, 0.5, "soon", [30], {}])
def test_a_number_of_days_that_is_none_is_refused_by_name(value):
    with pytest.raises(InputError, match="stale_after_days"):
        parse_settings({"stale_after_days": value})


@pytest.mark.parametrize("value", [-0.001, 1000.001, float("inf"), float("nan"), "heavy", [1], {}])
@pytest.mark.parametrize("name", WEIGHTS)
def test_a_weight_that_is_none_is_refused_by_name(name, value):
    with pytest.raises(InputError, match=name):
        parse_settings({name: value})


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError) as refusal:
        parse_settings({"weight_risk": -1, "stale_after_days": "soon", "mirror_tag": "perhaps", "weight_cost": 1})
    for name in ("weight_risk", "stale_after_days", "mirror_tag"):
        assert name in str(refusal.value)
    assert "weight_cost" not in str(refusal.value)


# rules --------------------------------------------------------------------------------------------------------


@given(sound)
def test_settings_add_their_rules_to_the_template_and_nothing_else(config):
    found = parse_settings(config).blueprint()
    expected = [(r["step"], (r["field"],), ()) for r in config.get("required_fields", [])]
    decisions = tuple(config.get("decisions_to_move_on", []))
    if decisions:
        expected.append(("qualification", (), decisions))
    assert [(rule.step, rule.requires, rule.decisions) for rule in found.rules] == expected
    assert (found.steps, found.fields, found.ratings, found.decisions) == (
        STANDARD.steps,
        STANDARD.fields,
        STANDARD.ratings,
        STANDARD.decisions,
    )
    assert STANDARD.rules == ()


def test_steps_and_decisions_in_rules_may_be_spelled_as_people_do():
    config = {
        "required_fields": [{"step": "In Progress", "field": "Sponsor"}],
        "decisions_to_move_on": ["GO", "on-hold"],
    }
    rules = parse_settings(config).blueprint().rules
    assert [(rule.step, rule.requires, rule.decisions) for rule in rules] == [
        ("progress", ("overview.sponsor",), ()),
        ("qualification", (), ("Go", "On hold")),
    ]


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (
            {"required_fields": [{"step": "launch", "field": "overview.sponsor"}]},
            ["the setting required_fields", "launch", "exploration"],
        ),
        ({"required_fields": [{"step": "progress", "field": "sponsors"}]}, ["'sponsors'", "is Sponsor meant"]),
        ({"decisions_to_move_on": ["Perhaps"]}, ["the setting decisions_to_move_on", "Perhaps", "On hold"]),
    ],
)
def test_a_rule_that_names_what_does_not_exist_is_refused_with_what_does(config, named):
    with pytest.raises(InputError) as refusal:
        parse_settings(config).blueprint()
    assert all(text in str(refusal.value) for text in named)


@pytest.mark.parametrize("entry", [{"step": "progress"}, {"field": "overview.sponsor"}, {}, None, "progress", 5])
def test_a_required_field_without_step_or_field_is_refused(entry):
    with pytest.raises(InputError, match="required_fields"):
        parse_settings({"required_fields": [entry]})


# files --------------------------------------------------------------------------------------------------------


@examples(30)
@given(config=sound)
def test_a_settings_file_says_the_same_as_the_plugin(tmp_path_factory, config):
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    assert read_settings(path) == parse_settings(config, folder=path.parent)


DAMAGED_FILES = {
    "empty": b"",
    "cut": b"{",
    "list": b"[]",
    "text": b'"x"',
    "null": b"null",
    "number": b"5",
    "not UTF-8": b"\xff\xfe{}",
    "nested": b"[" * 100_000,
    "long number": b"1" * 5000,
    "invalid value": b'{"weight_risk": -1}',
    "huge number": b'{"stale_after_days": 1e999}',
    "not a number": b'{"stale_after_days": NaN}',
}


@pytest.mark.parametrize("content", DAMAGED_FILES.values(), ids=DAMAGED_FILES)
def test_a_damaged_settings_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "house-rules.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"house-rules\.json"):
        read_settings(path)


def test_a_settings_file_that_is_not_there_or_a_folder_is_refused_by_name(tmp_path):
    for path in (tmp_path / "house-rules.json", tmp_path):
        with pytest.raises(InputError, match=path.name):
            read_settings(path)


def test_an_address_ends_without_a_slash_and_a_blank_one_is_none():
    assert parse_settings({"instance_url": " https://dss.example.com/ "}).instance_url == "https://dss.example.com"
    assert parse_settings({"instance_url": "  "}).instance_url is None


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("dss.example.com", "https://dss.example.com"), ("dss.example.com:11200/", "https://dss.example.com:11200"),
        ("javascript:alert(1)", None), ("https://", None), ("https://a b", None), ("ftp://x", None), (7, None),
    ],
)  # fmt: skip
def test_an_address_with_a_slip_stops_no_workflow(typed, address):
    assert parse_settings({"instance_url": typed}).instance_url == address


def test_a_missing_file_is_named_once(tmp_path):
    with pytest.raises(InputError) as refusal:
        read_settings(tmp_path / "gone.json")
    assert str(refusal.value) == f"cannot read the settings file {tmp_path / 'gone.json'}: No such file or directory"
