"""What is released in the stories' projects: bundles and model versions, told in days before today.

It is data of DSS alone: nobody in the stories looks at it, and no metadata of a project changes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from ..sandbox.instance import DssInstance

PROJECT = "CHURN"

REJECTED_BUNDLE, REPLACED_BUNDLE = "v1", "v2"
"""The bundle that is fit to be rejected, and the one that is exported again after it was there for everybody to see."""

MODEL_ID, MODEL_NAME = "ChurnMdl", "Churn propensity"
VERSIONS = ("spring", "summer", "autumn")
"""The model's versions, in the order of their training; the second is active."""

Release = tuple[datetime, Callable[[], object]]
"""When something is released, and the call that does it."""


def releases(dss: DssInstance, now: datetime) -> list[Release]:
    """Return what is trained and exported, and when; the sandbox's clock must stand there when it is called."""
    user = dss.accounts.user

    def export(login: str, bundle_id: str, notes: str) -> None:
        dss.bundles.export(user(login), PROJECT, bundle_id, notes)

    def train(version_id: str, *, active: bool) -> None:
        dss.saved_models.train(user("dalia"), PROJECT, MODEL_ID, version_id, active=active)

    def create() -> None:
        dss.saved_models.create(user("dalia"), PROJECT, MODEL_NAME, "DSS_MANAGED", identifier=MODEL_ID)

    def export_again() -> None:
        # DSS 15 lets nobody do it in one go
        if dss.release.bundles_are_final:
            dss.bundles.delete(user("bruno"), PROJECT, REPLACED_BUNDLE)
        export("bruno", REPLACED_BUNDLE, "Scores once a day")

    acts: list[tuple[int, Callable[[], object]]] = [
        (201, create),
        (200, partial(train, VERSIONS[0], active=True)),
        (140, partial(export, "chen", REJECTED_BUNDLE, "First release")),
        (90, partial(train, VERSIONS[1], active=True)),
        (30, partial(export, "chen", REPLACED_BUNDLE, "Scores once a week")),
        (12, partial(train, VERSIONS[2], active=False)),
        (2, export_again),
    ]
    return [(now - timedelta(days=days), act) for days, act in acts]
