"""The reporting scenario as DSS stores it: its definition built, merged into one that is there, read back, taken out.

A scenario is found by its tag. Within it a step, trigger or reporter of ours is known by its id (its name bears the
same word, should DSS give it another id); everything else belongs to people and stays as it is, where it is. Of our
own parts, too, only the values named in `Part.owned` are written again: a filter set in the report's step, a step
switched off or a reworded mail stays.

Shapes: `platform-facts.md`, Scenarios.
"""

from govern_mirror.nested import Definition, Path
from govern_mirror.scenario.definition import (
    NAME,
    TAG,
    foreign,
    installed,
    is_blank,
    is_marked,
    lost,
    new,
    part,
    removed,
    reporting_of,
    run_as,
)
from govern_mirror.scenario.parts import FAILED_MESSAGE, FAILED_SUBJECT, REPORT_MACRO, SYNC_MACRO, is_kept
from govern_mirror.scenario.reporting import DAYS, SERVER, STEPS, Mail, PartId, Reporting, Schedule

__all__ = [
    "DAYS",
    "FAILED_MESSAGE",
    "FAILED_SUBJECT",
    "NAME",
    "REPORT_MACRO",
    "SERVER",
    "STEPS",
    "SYNC_MACRO",
    "TAG",
    "Definition",
    "Mail",
    "PartId",
    "Path",
    "Reporting",
    "Schedule",
    "foreign",
    "installed",
    "is_blank",
    "is_kept",
    "is_marked",
    "lost",
    "new",
    "part",
    "removed",
    "reporting_of",
    "run_as",
]
