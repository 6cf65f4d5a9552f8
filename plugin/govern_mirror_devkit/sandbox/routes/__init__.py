"""The HTTP shapes of the public API: one module a subject, each with its `ROUTES`."""

from ..web import Route, url_map
from . import bundles, components, deployer, flow, instance, projects, saved_models, scenarios, services, webapps, wiki

_SUBJECTS = (
    *(instance, projects, wiki, flow, bundles, saved_models, deployer),
    *(components, scenarios, services, webapps),
)
ALL_ROUTES: list[Route] = [route for subject in _SUBJECTS for route in subject.ROUTES]

URL_MAP = url_map(ALL_ROUTES)
