"""A call of the API of a Govern node."""

from __future__ import annotations

from ..web import Call
from .instance import GovernInstance

GovernCall = Call[GovernInstance]
