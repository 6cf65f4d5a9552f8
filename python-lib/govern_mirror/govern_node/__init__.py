"""The one place that talks to a Govern node: `connect_govern()` and `GovernNode`."""

from govern_mirror.govern_node.artifact_write import BulkArtifacts
from govern_mirror.govern_node.connection import GOVERN, GovernClient, GovernClientFactory, Raw, connect_govern
from govern_mirror.govern_node.items import ItemProblem, RemoteItem, linked_items
from govern_mirror.govern_node.node import BUSINESS_INITIATIVE, DATAIKU_PROJECT, MOST_PAGES, PAGE, GovernNode
from govern_mirror.govern_node.survey import DssRef, Fault, GovernSurvey, Initiatives, SurveyProblem

__all__ = [
    "BUSINESS_INITIATIVE",
    "DATAIKU_PROJECT",
    "GOVERN",
    "MOST_PAGES",
    "PAGE",
    "BulkArtifacts",
    "DssRef",
    "Fault",
    "GovernClient",
    "GovernClientFactory",
    "GovernNode",
    "GovernSurvey",
    "Initiatives",
    "ItemProblem",
    "Raw",
    "RemoteItem",
    "SurveyProblem",
    "connect_govern",
    "linked_items",
]
