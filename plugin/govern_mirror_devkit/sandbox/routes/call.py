"""A call of the public API of a DSS instance."""

from __future__ import annotations

from ..instance import DssInstance
from ..web import Call

DssCall = Call[DssInstance]
