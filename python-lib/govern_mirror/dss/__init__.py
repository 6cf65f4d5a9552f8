"""The one place that talks to DSS: `connect()` and `ProjectStore`."""

from govern_mirror.dss.client import Client, ClientFactory, connect, shared, with_retries
from govern_mirror.dss.instance import DssInstance, SettingsUnreadable, person_of
from govern_mirror.dss.list_ahead import ListAhead
from govern_mirror.dss.messaging import MailChannel, mail_channels, send_mail
from govern_mirror.dss.permissions import (
    Members,
    Readers,
    groups_of_people,
    is_administrator,
    members,
    people,
    readers_of,
    users_of_connection,
    writers_of,
)
from govern_mirror.dss.place import kept_items, recorded_item
from govern_mirror.dss.probe import ProjectProbe, survey_of, write_back
from govern_mirror.dss.scenarios import STEP_BASED, HubScenarios, RecipeOutput, ScenarioRun
from govern_mirror.dss.store import ProjectStore
from govern_mirror.dss.summary import Metadata, ProjectSummary, may_write, parse_summary
from govern_mirror.dss.webapps import PageWebapp, page_webapps, require_page
from govern_mirror.dss.write_result import BulkConfirmation, WriteResult

__all__ = [
    "STEP_BASED",
    "BulkConfirmation",
    "Client",
    "ClientFactory",
    "DssInstance",
    "HubScenarios",
    "ListAhead",
    "MailChannel",
    "Members",
    "Metadata",
    "PageWebapp",
    "ProjectProbe",
    "ProjectStore",
    "ProjectSummary",
    "Readers",
    "RecipeOutput",
    "ScenarioRun",
    "SettingsUnreadable",
    "WriteResult",
    "connect",
    "groups_of_people",
    "is_administrator",
    "kept_items",
    "mail_channels",
    "may_write",
    "members",
    "page_webapps",
    "parse_summary",
    "people",
    "person_of",
    "readers_of",
    "recorded_item",
    "require_page",
    "send_mail",
    "shared",
    "survey_of",
    "users_of_connection",
    "with_retries",
    "write_back",
    "writers_of",
]
