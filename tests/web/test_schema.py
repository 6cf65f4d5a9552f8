"""Each answer of the API has the shape that is published."""

import jsonschema
import pytest
from support.live_page import is_a
from support.projects import edit_fields


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("me", "me"), ("portfolio", "portfolio"), ("portfolio/texts", "texts"), ("recent", "recent")),
        *(
            ("people", "people"),
            ("reviews", "reviews"),
            ("trends", "trends"),
            ("total", "total"),
            ("items/CHURN", "item"),
            ("items/PLAIN", "item"),
            ("items/NOPE", "problem"),
        ),
        *(("nothing", "problem"), ("portfolio?fresh=perhaps", "problem")),
    ],
)
def test_what_is_read_has_its_published_shape(page, path, name):
    is_a(name, page.get(path).json)


def test_changes_since_have_their_published_shape(page):
    token = page.get("portfolio").json["token"]
    page.save("CHURN", changes={"overview.sponsor": "Bea"})
    is_a("portfolio", page.get(f"portfolio?since={token}").json)


def test_what_a_save_takes_and_gives_has_its_published_shape(page, dss):
    edit_fields(dss, "CHURN", govern_sponsor="Cem")
    save = {"revision": 1, "seen": {}, "changes": {"overview.sponsor": "Bea"}, "statuses": {}, "reason": None}
    is_a("save", save)
    answer = page.patch("items/CHURN", save)
    assert answer.status_code == 409
    is_a("problem", answer.json)
    is_a("item", page.patch("items/CHURN", {**save, "seen": {"overview.sponsor": "Cem"}}).json)
    refused = page.patch("items/CHURN", {"changes": {"nope": 1}})
    assert refused.status_code == 422
    is_a("problem", refused.json)
    is_a("save", {**save, "override": True, "reason": "the board said so"})
    with pytest.raises(jsonschema.ValidationError):
        is_a("save", {"changed": {}})
