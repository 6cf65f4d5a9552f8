"""What may be uploaded: names that hide nothing, and content that is what its name says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from support.uploads import FILES, PDF, REFUSED

from govern_mirror.errors import InputError
from govern_mirror.model.uploads import TYPES, attachment_name, check_upload
from govern_mirror.settings import Settings, parse_settings

LIMITS = Settings(uploads=True, upload_max_megabytes=1).upload_limits


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_what_its_name_says_is_taken(name):
    check_upload(name, FILES[name], LIMITS)


@pytest.mark.parametrize(("name", "content"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_hides_something_is_refused(name, content):
    with pytest.raises(InputError):
        check_upload(name, content, LIMITS)


def test_a_refused_type_is_told_with_what_is_allowed():
    with pytest.raises(InputError, match=r"allowed are pdf, docx, .*, up to 1 MB"):
        check_upload("page.html", b"x", LIMITS)
    with pytest.raises(InputError, match="up to 1 MB"):
        check_upload("plan.pdf", PDF + bytes(1_000_000), LIMITS)


@examples(200)
@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_name_and_content_ends_in_a_sentence(name, content):
    for text in (name, f"{name}.pdf", f"x.{name}"):
        try:
            check_upload(text, content, LIMITS)
        except InputError as error:
            assert str(error)


@examples(200)
@given(st.text(max_size=300), st.sampled_from(sorted(TYPES)), st.binary(max_size=10))
def test_an_attachment_has_a_name_that_dss_keeps_as_it_is(stem, ending, content):
    name = attachment_name(f"{stem}.{ending}", content)
    assert re.fullmatch(rf"[A-Za-z0-9 ._-]+-[0-9a-f]{{12}}\.{ending}", name) and len(name) < 110
    assert name == attachment_name(f"{stem}.{ending}", content) != attachment_name(f"{stem}.{ending}", content + b"x")


def test_types_are_set_as_a_text_or_a_list():
    assert parse_settings({"upload_types": " .PDF, docx,,"}).upload_types == ("pdf", "docx")
    assert parse_settings({"upload_types": ["png"]}).upload_types == ("png",)


@pytest.mark.parametrize(
    "config",
    [
        {"upload_types": "pdf, html"},
        {"upload_types": ["svg"]},
        {"upload_types": 7},
        {"upload_max_megabytes": 0},
        {"upload_max_megabytes": 51},
        {"uploads": "yes"},
    ],
)
def test_settings_that_would_let_harm_in_are_refused(config):
    with pytest.raises(InputError):
        parse_settings(config)


def test_uploads_are_off_unless_an_administrator_allows_them():
    assert not parse_settings({}).upload_limits.allowed
