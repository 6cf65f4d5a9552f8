"""The choices of the forms that show what a project holds now: Edit the governed project, Record the qualification."""

import dataiku

from govern_mirror.actions.session import session_in_dss
from govern_mirror.components.macros import form_choices


def do(payload, config, plugin_config, inputs):
    """Return the choices of one parameter of the form, as DSS asks for them."""
    session = session_in_dss(dataiku.api_client, plugin_config or {})
    return {"choices": form_choices(session, config or {}, _project_key(), str(payload.get("parameterName")))}


def _project_key():
    """The project that the form is opened in, where DSS says so."""
    try:
        return dataiku.default_project_key()
    except Exception:
        return None
