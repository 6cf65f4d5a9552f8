"""What people type: any spelling of a category, `none` clears, blanks leave, unsafe links are refused."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.strategies import DECISIONS, RATINGS, any_text, dates, people_text

from govern_mirror.actions.inputs import (
    DocumentEdit,
    parse_document_edit,
    parse_text,
    parse_values,
)
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import STANDARD, Kind
from govern_mirror.model.values import Document, is_safe_link, parse_document, with_document
from govern_mirror.text import clean
from govern_mirror.times import parse_date

NAMES = {field.name: field.path for field in STANDARD.all_fields if field.kind is not Kind.STATUS}
KINDS = {name: STANDARD.by_path[path].kind for name, path in NAMES.items()}


def parsed(**given_texts):
    return parse_values(STANDARD, given_texts)


def spelled(exact: str) -> st.SearchStrategy:
    """A category as people may type it: any case, `-`, `_` or blanks between words and around."""
    words = [
        st.tuples(*(st.sampled_from([char.lower(), char.upper()]) for char in word)).map("".join)
        for word in exact.split()
    ]
    between = st.text("-_ ", min_size=1, max_size=2)
    return st.tuples(*words, between, st.text(" ", max_size=2)).map(
        lambda parts: parts[-1] + parts[-2].join(parts[:-2]) + parts[-1]
    )


blanks = st.sampled_from([None, "", " ", "\t\n", "\u2003"])
nones = spelled("none")


# categories ---------------------------------------------------------------------------------------------------


@given(st.sampled_from(RATINGS).flatmap(lambda exact: st.tuples(st.just(exact), spelled(exact))))
def test_a_rating_in_any_spelling_is_stored_exactly(spelling):
    exact, typed = spelling
    assert parsed(value=typed, cost=typed) == {
        "qualification.value.rating": exact,
        "qualification.cost.rating": exact,
    }


@given(st.sampled_from(DECISIONS).flatmap(lambda exact: st.tuples(st.just(exact), spelled(exact))))
def test_a_decision_in_any_spelling_is_stored_exactly(spelling):
    exact, typed = spelling
    assert parsed(decision=typed) == {"qualification.decision": exact}


@given(any_text, st.sampled_from(["value", "risk", "feasibility", "cost", "decision"]))
def test_what_is_no_category_is_refused_with_the_categories_listed(typed, name):
    known = DECISIONS if name == "decision" else RATINGS
    loose = " ".join(re.split(r"[-_\s]+", typed.strip("-_ "))).strip().lower()
    if not typed.strip() or loose in {exact.lower() for exact in known} or typed.strip().lower() == "none":
        return
    with pytest.raises(InputError) as refusal:
        parsed(**{name: typed})
    assert STANDARD.find(name).label in str(refusal.value)
    assert all(exact in str(refusal.value) for exact in known)


@given(
    st.sampled_from(STANDARD.steps).flatmap(lambda s: st.tuples(st.just(s), st.one_of(spelled(s.id), spelled(s.name))))
)
def test_a_step_is_found_by_id_or_name_in_any_spelling(spelling):
    step, typed = spelling
    assert STANDARD.step(typed) is step


@given(any_text)
def test_a_step_that_does_not_exist_is_refused_with_the_steps_listed(text):
    if text.strip().lower() in {name.lower() for step in STANDARD.steps for name in (step.id, step.name)}:
        return
    with pytest.raises(InputError, match=r"exploration.*delivery"):
        STANDARD.step(text)


# blank leaves, none clears --------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), blanks))
def test_a_blank_leaves_a_value_as_it_is(given_texts):
    assert parse_values(STANDARD, given_texts) == {}


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), nones))
def test_the_word_none_clears_a_value_of_any_kind(given_texts):
    assert parse_values(STANDARD, given_texts) == {
        NAMES[name]: DocumentEdit(None) if KINDS[name] is Kind.DOCUMENTS else STANDARD.by_path[NAMES[name]].blank
        for name in given_texts
    }


@given(people_text)
def test_text_is_kept_as_it_was_typed(text):
    if not text.strip() or text.strip().lower() == "none":
        return
    assert parsed(value_comment=text) == {"qualification.value.comment": text}
    assert parsed(qualification_notes=text) == {"steps.qualification.notes": text}
    assert parse_text(text) == text


@given(people_text)
def test_a_one_line_value_is_stored_on_one_line(text):
    if not text.strip() or text.strip().lower() == "none":
        return
    found = parsed(sponsor=text)["overview.sponsor"]
    assert found.split() == text.split()
    assert found == " ".join(found.split())
    assert len(found.splitlines()) <= 1


@given(nones)
def test_the_word_none_clears_notes_and_documents(word):
    assert parse_text(word) is None
    assert parse_document_edit(word) == DocumentEdit(None)
    assert DocumentEdit(None).applied((Document("a", "https://a.b"),)) == ()


def test_a_broken_character_is_replaced_and_nothing_else_changes():
    assert clean("a\ud800b – é😀") == "a\ufffdb – é😀"


@given(people_text)
def test_storable_text_is_not_touched(text):
    assert clean(text) == text


def test_every_fault_is_named_at_once():
    with pytest.raises(InputError) as refusal:
        parsed(value="huge", start_date="soon", decision="perhaps", sponsor="Ada")
    for fault in ("Value rating", "huge", "Start date", "soon", "decision", "perhaps"):
        assert fault in str(refusal.value)
    assert "ponsor" not in str(refusal.value)


@given(any_text.filter(lambda text: len(text) > 5), st.integers(100, 1000))
def test_a_refusal_does_not_repeat_all_that_was_typed(text, times):
    for name in ("value", "decision", "start_date"):
        with pytest.raises(InputError) as refusal:
            parsed(**{name: "?" + text * times})
        assert len(str(refusal.value)) < 1000
    with pytest.raises(InputError) as refusal:
        parse_document("?" + text * times)
    assert len(str(refusal.value)) < 1000


# dates --------------------------------------------------------------------------------------------------------


@given(dates, st.text(" ", max_size=2))
def test_a_date_is_read_as_it_is_written(day, around):
    assert parsed(start_date=f"{around}{day.isoformat()}{around}") == {"overview.start_date": day}


@given(dates, st.integers(0, 23), st.sampled_from(["Z", "+00:00"]), st.sampled_from(["", ".000"]))
def test_a_time_of_govern_counts_as_its_utc_date(day, hour, zone, fraction):
    assert parse_date(f"{day.isoformat()}T{hour:02}:30:00{fraction}{zone}") == day


def test_a_time_in_another_zone_counts_as_the_day_there():
    assert parse_date("2026-06-01T01:00:00+02:00") == date(2026, 6, 1)


NOT_DATES = (
    *("soon", "2026-13-01", "2026-02-29", "01.06.2026", "06/01/2026", "20260601", "26-06-01", "2026-6-1", "2026-06"),
    *("1899-12-31", "2200-01-01", "0001-01-01", "2026-06-01 ok", "２０２６-０６-０１", "\ud800", "2026-W23-1"),
    *("2026-06-01T", "2026-06-01T08:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"),
)


@pytest.mark.parametrize("text", NOT_DATES, ids=ascii)
def test_what_is_no_date_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(InputError, match=r"is not a date: write YYYY-MM-DD"):
        parsed(start_date=text)


@given(any_text)
def test_no_text_at_all_breaks_the_reading_of_dates(text):
    if not text.strip() or text.strip().lower() == "none":
        return
    with pytest.raises(InputError, match="is not a date"):
        parsed(target_end_date=text)


@given(dates, st.integers(-1000, 1000))
def test_an_end_before_the_start_is_refused(start, days):
    end = min(max(start + timedelta(days=days), date(1900, 1, 1)), date(2199, 12, 31))
    texts = {"start_date": start.isoformat(), "target_end_date": end.isoformat()}
    if end < start:
        with pytest.raises(InputError, match=f"{end} is before the start date {start}"):
            parsed(**texts)
    else:
        assert parsed(**texts) == {"overview.start_date": start, "overview.target_end_date": end}


# documents ----------------------------------------------------------------------------------------------------

paths = st.text(st.characters(categories=("L", "N"), include_characters="-._~/?&=#%:+"), max_size=20)
links = st.one_of(
    paths.map(lambda rest: "https://example.com/" + rest),
    paths.map(lambda rest: "HTTP://example.com?" + rest),
    paths.map(lambda rest: "/projects/" + rest),
    st.sampled_from(["mailto:ada@example.com", "s3://bucket/key=1", "file:///share/plan.docx", "sftp://host/x"]),
)
titles = st.text(max_size=20).map(str.strip).filter(lambda t: t and "=" not in t and ":" not in t and t[0] != "/")


@given(titles, links, st.text(" ", max_size=2))
@example("\\", "https://example.com/", " ")
@example("\x01/a", "https://example.com/", "")
def test_a_document_is_read_as_title_and_link(title, link, blank):
    assert parse_document(f"{blank}{title}{blank}={blank}{link}{blank}") == Document(title, link)
    assert parse_document(f"{blank}{link}{blank}") == Document("", link)
    assert parse_document_edit(f"{title}={link}") == DocumentEdit(Document(title, link))


@pytest.mark.parametrize("title", ["Minutes: June", "Risk: the assessment", "v2.0: plan"])
def test_a_title_may_have_a_colon(title):
    """The title ends at the `=` that stands before the link's scheme."""
    assert parse_document(f"{title}=https://example.com/a?b=c") == Document(title, "https://example.com/a?b=c")


hidden = st.text("\x00\x01\t\n\r\x7f\u200b\u200d\u2060\ufeff ", max_size=2)
schemes = st.sampled_from(["javascript", "data", "vbscript", "blob", "about", "chrome", "ws", "jar", "view-source"])


@given(schemes.flatmap(lambda s: st.tuples(*(st.tuples(st.sampled_from([c, c.upper()]), hidden) for c in s))), titles)
def test_a_link_that_could_run_code_is_never_accepted(parts, title):
    """Also with capitals and with characters that browsers skip."""
    link = "".join(char + skipped for char, skipped in parts) + ":alert(1)"
    assert not is_safe_link(link)
    for typed in (link, f"{title}={link}", f" {link}", f"\u200b{link}"):
        with pytest.raises(InputError, match="is not a link"):
            parse_document(typed)


NOT_LINKS = (
    *("//evil.example/x", "\t//evil.example", "/\u200b/evil.example", "Title=//evil.example", "\\\\server\\share"),
    *("example.com", "plan", "Title=plan", "=", "Title=", "Title= ", "=plan", ":", "?x=1", "https://a.b/two words"),
)


@pytest.mark.parametrize("text", NOT_LINKS, ids=ascii)
def test_what_leads_nowhere_or_elsewhere_is_refused(text):
    with pytest.raises(InputError, match="is not a link"):
        parse_document(text)


@given(any_text)
def test_any_text_is_a_safe_link_or_refused(text):
    try:
        edit = parse_document_edit(text)
    except InputError:
        return
    if edit is None:
        assert not text.strip()
    elif edit.added is None:
        assert text.strip().lower() == "none"
    else:
        assert is_safe_link(edit.added.url)
        assert edit.added.url in clean(text)


@given(blanks)
def test_a_blank_document_leaves_the_documents_as_they_are(blank):
    assert parse_document_edit(blank) is None


@given(st.lists(st.tuples(st.sampled_from(["", "A", "B"]), st.sampled_from(["/a", "/b", "/c"])), max_size=8))
def test_the_same_link_stands_once_with_its_last_title(given_documents):
    found: tuple[Document, ...] = ()
    expected: dict[str, str] = {}
    for title, url in given_documents:
        found = with_document(found, Document(title, url))
        expected[url] = title or expected.get(url, "")
        assert with_document(found, Document(title, url)) == found
    assert [(doc.url, doc.title) for doc in found] == list(expected.items())


def test_every_field_that_people_can_type_has_an_input():
    """A field of the blueprint that no input sets could only be edited in DSS."""
    for field in STANDARD.all_fields:
        for key in (field.path, field.name, field.label):
            if field.kind is not Kind.STATUS:
                assert set(parse_values(STANDARD, {key: "none"})) == {field.path}
    assert KINDS["start_date"] is Kind.DATE
