"""The one place that talks to DSS: `connect()` and `ProjectStore`."""

from govern_mirror.dss.article import SavedArticle
from govern_mirror.dss.client import Client, ClientFactory, connect, prepared
from govern_mirror.dss.outcome import Outcome, ProjectProbe, Survey, Unreadable
from govern_mirror.dss.store import PLUGIN_ID, Change, ProjectStore

__all__ = [
    "PLUGIN_ID",
    "Change",
    "Client",
    "ClientFactory",
    "Outcome",
    "ProjectProbe",
    "ProjectStore",
    "SavedArticle",
    "Survey",
    "Unreadable",
    "connect",
    "prepared",
]
