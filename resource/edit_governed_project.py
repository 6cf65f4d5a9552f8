"""The choices of the macro Edit the governed project: the template's fields with the present values."""

import dataiku

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.macros import field_choices


def do(payload, config, plugin_config, inputs):
    """Return the choices of one parameter of the form, as DSS asks for them."""
    if not str(payload.get("parameterName")).startswith("field_"):
        return {"choices": []}
    session = session_in_dss(dataiku.api_client, plugin_config or {})
    return {"choices": field_choices(session, config or {}, _project_key())}


def _project_key():
    """The project that the form is opened in, where DSS says so."""
    try:
        return dataiku.default_project_key()
    except Exception:
        return None
