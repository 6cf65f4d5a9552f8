"""The Govern sandbox takes what real payloads send."""

import contextlib

import dataikuapi
import pytest

from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance

URL = "https://govern.example.com"
PAYLOAD = {
    "description": "Scores all active customers weekly.",
    "use_case_technical_dimension": ["AI/ML"],
    "qualification_value_rating": "High",
    "sensitive_data": "Yes",
    "countries": ["Spain", "Portugal"],
    "start_date": "2025-10-01T00:00:00.000Z",
    "qualification_notes": "Feasibility confirmed.",
    "progress_notes": "Version 1 in production.",
    "progress_rollout_plan": "Phase 1: north (complete). Phase 2: south.",
}
"""Fields and types as in a public payload of the standard template (dataiku/dataiku-headless)."""


@pytest.mark.parametrize("field", PAYLOAD)
def test_p29_a_field_of_a_real_payload_is_taken(field):
    with contextlib.closing(GovernSandbox()) as govern, mock_instance(govern, URL):
        client = dataikuapi.GovernClient(URL, govern.api_key)
        version = {"blueprintId": "bp.system.govern_project", "versionId": "bv.system.default"}
        made = client.create_artifact(
            {"name": "Churn", "blueprintVersionId": version, "fields": {field: PAYLOAD[field]}}
        )
        assert made.get_definition().get_raw()["fields"][field] == PAYLOAD[field]
