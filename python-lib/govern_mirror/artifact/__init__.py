"""Govern artifact → values and statuses, and back: `decode_artifact()` and `encode_artifact()`, the twin of `metadata`.

Which Govern field holds which value is blueprint data (`Field.govern`); nothing here knows the ids of those fields.
"""

from govern_mirror.artifact.codec import (
    ITEMS,
    ArtifactProject,
    decode_artifact,
    encode_artifact,
    new_artifact,
    read_signoffs,
    template_problems,
)
from govern_mirror.artifact.reviews import RemoteReviewers, RemoteSignoff, read_reviewers, read_reviews
from govern_mirror.artifact.statuses import from_legacy_step, legacy_step
from govern_mirror.artifact.template import FieldDefinition, Template, template_from
from govern_mirror.artifact.values import compared_fields, content, governed_content, is_line_of_texts, one_line

__all__ = [
    "ITEMS",
    "ArtifactProject",
    "FieldDefinition",
    "RemoteReviewers",
    "RemoteSignoff",
    "Template",
    "compared_fields",
    "content",
    "decode_artifact",
    "encode_artifact",
    "from_legacy_step",
    "governed_content",
    "is_line_of_texts",
    "legacy_step",
    "new_artifact",
    "one_line",
    "read_reviewers",
    "read_reviews",
    "read_signoffs",
    "template_from",
    "template_problems",
]
