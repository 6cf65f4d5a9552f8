"""The one place that talks to a Govern node: `connect_govern()` and `GovernNode`."""

from govern_mirror.govern_node.artifact_write import BulkArtifacts
from govern_mirror.govern_node.connection import Raw, connect_govern
from govern_mirror.govern_node.items import RemoteItem, linked_items
from govern_mirror.govern_node.node import GovernNode
from govern_mirror.govern_node.survey import DssRef, Fault, GovernSurvey

__all__ = [
    "BulkArtifacts",
    "DssRef",
    "Fault",
    "GovernNode",
    "GovernSurvey",
    "Raw",
    "RemoteItem",
    "connect_govern",
    "linked_items",
]
