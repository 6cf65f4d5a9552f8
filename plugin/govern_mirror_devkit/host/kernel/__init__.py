"""What runs component code, with the `dataiku` modules it expects.

Used in two ways: imported, for components in this process; or run as a script (`__main__.py`) by another interpreter,
which has only the plugin's own requirements and the API client. So this folder needs the standard library and
`dataikuapi` alone, and imports nothing of the devkit from outside it.
"""

from .job import ComponentFailed, Job, Progress
from .runner import run

__all__ = ["ComponentFailed", "Job", "Progress", "run"]
