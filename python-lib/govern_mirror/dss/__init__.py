"""The one place that talks to DSS: `connect()` and `ProjectStore`."""

from govern_mirror.dss.article import SavedArticle
from govern_mirror.dss.client import Client, ClientFactory, connect, operation, prepared, shared
from govern_mirror.dss.instance import DssInstance, SettingsUnreadable
from govern_mirror.dss.messaging import MailChannel, mail_channels, send_mail
from govern_mirror.dss.outcome import Outcome, ProjectProbe, Survey, Unreadable
from govern_mirror.dss.scenarios import STEP_BASED, HubScenarios, RecipeOutput, ScenarioRun, ScenarioStatus
from govern_mirror.dss.store import Change, ProjectStore

__all__ = [
    "STEP_BASED",
    "Change",
    "Client",
    "ClientFactory",
    "DssInstance",
    "HubScenarios",
    "MailChannel",
    "Outcome",
    "ProjectProbe",
    "ProjectStore",
    "RecipeOutput",
    "SavedArticle",
    "ScenarioRun",
    "ScenarioStatus",
    "SettingsUnreadable",
    "Survey",
    "Unreadable",
    "connect",
    "mail_channels",
    "operation",
    "prepared",
    "send_mail",
    "shared",
]
