"""The one place that talks to DSS: `connect()` and `ProjectStore`."""

from govern_mirror.dss.article import SavedArticle
from govern_mirror.dss.client import Client, ClientFactory, connect, operation, shared, with_retries
from govern_mirror.dss.instance import DssInstance, Reach, SettingsUnreadable, reach_of
from govern_mirror.dss.messaging import MailChannel, mail_channels, send_mail
from govern_mirror.dss.permissions import Members, Readers, members, readers_of
from govern_mirror.dss.project_write import Change, Metadata
from govern_mirror.dss.safe_write import SETTLING_SECONDS
from govern_mirror.dss.scenarios import STEP_BASED, HubScenarios, RecipeOutput, ScenarioRun, ScenarioStatus
from govern_mirror.dss.store import BulkConfirmation, ProjectProbe, ProjectStore, Survey, Unreadable, WriteResult

__all__ = [
    "SETTLING_SECONDS",
    "STEP_BASED",
    "BulkConfirmation",
    "Change",
    "Client",
    "ClientFactory",
    "DssInstance",
    "HubScenarios",
    "MailChannel",
    "Members",
    "Metadata",
    "ProjectProbe",
    "ProjectStore",
    "Reach",
    "Readers",
    "RecipeOutput",
    "SavedArticle",
    "ScenarioRun",
    "ScenarioStatus",
    "SettingsUnreadable",
    "Survey",
    "Unreadable",
    "WriteResult",
    "connect",
    "mail_channels",
    "members",
    "operation",
    "reach_of",
    "readers_of",
    "send_mail",
    "shared",
    "with_retries",
]
