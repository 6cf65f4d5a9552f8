"""What the reporting scenario does, as a value: `Reporting`, its `Schedule` and its `Mail`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SERVER = "SERVER"
"""The time zone of the DSS server."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PartId(str, Enum):
    """The ids of our parts. They are identifiers, so that a mail can tell each step's `stepOutcome_<name>`."""

    SYNC = "govern_mirror_sync"
    BUILD = "govern_mirror_build"
    REPORT = "govern_mirror_report"
    SCHEDULE = "govern_mirror_schedule"
    FAILURE = "govern_mirror_failure"


STEPS = (PartId.SYNC, PartId.BUILD, PartId.REPORT)


@dataclass(frozen=True)
class Schedule:
    """When it runs: at a time of day in a zone, every day or only on some days (`DAYS`, in their order)."""

    hour: int = 7
    minute: int = 0
    days: tuple[str, ...] = ()
    timezone: str = SERVER

    def __str__(self) -> str:
        when = ", ".join(self.days) if self.days else "every day"
        zone = "the DSS server's time" if self.timezone == SERVER else self.timezone
        return f"{when} at {self.hour:02}:{self.minute:02}, {zone}"


@dataclass(frozen=True)
class Mail:
    """Who gets mail, through which messaging channel."""

    to: tuple[str, ...]
    channel: str

    @property
    def recipients(self) -> str:
        """The addresses as DSS's forms have them."""
        return ", ".join(self.to)


@dataclass(frozen=True)
class Reporting:
    """What the scenario does.

    Attributes:
        schedule: when it runs; None when it has no trigger of ours.
        sync: sync with a Govern node first.
        datasets: the datasets to build.
        folder: the managed folder that takes the page, `ID` or `PROJECT.ID`.
        mail: who gets the report.
        alert: who is told of a run that did not succeed.
        history: the dataset with the history that the report tells trends from, `NAME` or `PROJECT.NAME`.
        with_texts: whether notes, comments and history are published, too.
    """

    schedule: Schedule | None = None
    sync: bool = False
    datasets: tuple[str, ...] = ()
    folder: str | None = None
    mail: Mail | None = None
    alert: Mail | None = None
    history: str | None = None
    with_texts: bool = False

    @property
    def steps(self) -> tuple[PartId, ...]:
        """The steps it takes."""
        wanted = {
            PartId.SYNC: self.sync,
            PartId.BUILD: bool(self.datasets),
            PartId.REPORT: self.folder is not None or self.mail is not None,
        }
        return tuple(step for step in STEPS if wanted[step])
