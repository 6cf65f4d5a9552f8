"""The HTTP shapes of the public API: one module a subject, each with its `ROUTES`."""

from ..web import Route, url_map
from . import bundles, components, flow, instance, projects, saved_models, scenarios, services, webapps, wiki

ALL_ROUTES: list[Route] = [
    route
    for subject in (instance, projects, wiki, flow, bundles, saved_models, components, scenarios, services, webapps)
    for route in subject.ROUTES
]

URL_MAP = url_map(ALL_ROUTES)
