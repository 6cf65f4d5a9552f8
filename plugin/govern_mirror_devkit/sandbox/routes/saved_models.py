"""Saved models, agents and augmented LLMs (client)."""

from __future__ import annotations

from typing import Any

from ..errors import BadRequest
from ..saved_models import AGENT_SETTINGS, AUGMENTED_LLM
from ..web import Route
from .call import DssCall

_BY_API = ("MLFLOW_PYFUNC", "PROXY_MODEL", "LLM_GENERIC")
"""Types that the API creates; models of DSS's own training come from an analysis."""


def list_models(call: DssCall, project_key: str) -> list[dict[str, Any]]:
    """Return the project's saved models; none are shared between projects here."""
    return call.instance.saved_models.listed(call.caller, project_key)


def create_model(call: DssCall, project_key: str) -> dict[str, str]:
    """Create a saved model of a type that the API creates."""
    body = call.object()
    if body.get("savedModelType") not in _BY_API:
        raise BadRequest(f"Cannot create a saved model of type {body.get('savedModelType')!r}")
    models = call.instance.saved_models
    return {"id": models.create(call.caller, project_key, body.get("name"), body["savedModelType"])}


def model(call: DssCall, project_key: str, model_id: str) -> dict[str, Any]:
    """Return a saved model's settings."""
    return call.instance.saved_models.model(call.caller, project_key, model_id)


def save_model(call: DssCall, project_key: str, model_id: str) -> None:
    """Replace a saved model's settings."""
    call.instance.saved_models.save(call.caller, project_key, model_id, call.object())


def delete_model(call: DssCall, project_key: str, model_id: str) -> None:
    """Delete a saved model."""
    call.instance.saved_models.delete(call.caller, project_key, model_id)


def versions(call: DssCall, project_key: str, model_id: str) -> list[dict[str, Any]]:
    """Return the versions."""
    return call.instance.saved_models.versions(call.caller, project_key, model_id)


def import_version(call: DssCall, project_key: str, model_id: str, version_id: str) -> None:
    """Add a version under an id, as an import of an MLflow model does; its time is that of the import (assumed)."""
    active = call.http.args.get("setActive", "true").lower() == "true"
    call.instance.saved_models.train(call.caller, project_key, model_id, version_id, active=active)


def snippet(call: DssCall, project_key: str, model_id: str, version_id: str) -> dict[str, Any]:
    """Return what the list shows of a version."""
    return call.instance.saved_models.snippet(call.caller, project_key, model_id, version_id)


def details(call: DssCall, project_key: str, model_id: str, version_id: str) -> dict[str, Any]:
    """Return a version's details, of which the sandbox knows none."""
    call.instance.saved_models.snippet(call.caller, project_key, model_id, version_id)
    return {}


def activate(call: DssCall, project_key: str, model_id: str, version_id: str) -> None:
    """Make a version the active one."""
    call.instance.saved_models.activate(call.caller, project_key, model_id, version_id)


def delete_versions(call: DssCall, project_key: str, model_id: str) -> None:
    """Delete versions."""
    call.instance.saved_models.delete_versions(call.caller, project_key, model_id, call.object().get("versions"))


def create_agent(call: DssCall, project_key: str) -> dict[str, str]:
    """Create an agent."""
    body = call.object()
    if body.get("type") not in AGENT_SETTINGS:
        raise BadRequest(f"Unknown type of agent: {body.get('type')!r}")
    return {"id": call.instance.saved_models.create(call.caller, project_key, body.get("name"), body["type"])}


def create_augmented_llm(call: DssCall, project_key: str) -> dict[str, str]:
    """Create an augmented LLM."""
    body = call.object()
    settings = {"kbRef": body.get("knowledgeBankRef"), "llmId": body.get("llmId")}
    models = call.instance.saved_models
    return {"id": models.create(call.caller, project_key, body.get("name"), AUGMENTED_LLM, settings=settings)}


def _edited_routes(path: str, types: tuple[str, ...]) -> list[Route]:
    """Return the routes of what is edited in place."""

    def listed(call: DssCall, project_key: str) -> list[dict[str, Any]]:
        return call.instance.saved_models.edited(call.caller, project_key, types)

    def read(call: DssCall, project_key: str, model_id: str) -> dict[str, Any]:
        return call.instance.saved_models.definition(call.caller, project_key, model_id, types)

    def save(call: DssCall, project_key: str, model_id: str) -> None:
        call.instance.saved_models.edit(call.caller, project_key, model_id, types, call.object())

    def delete(call: DssCall, project_key: str, model_id: str) -> None:
        read(call, project_key, model_id)
        call.instance.saved_models.delete(call.caller, project_key, model_id)

    def switch(disabled: bool) -> Any:
        def handler(call: DssCall, project_key: str, model_id: str) -> None:
            definition = {**read(call, project_key, model_id), "disabled": disabled}
            call.instance.saved_models.edit(call.caller, project_key, model_id, types, definition)

        return handler

    one = f"/projects/<project_key>/{path}/<model_id>"
    return [
        ("GET", f"/projects/<project_key>/{path}", listed),
        ("GET", one, read),
        ("PUT", one, save),
        ("DELETE", one, delete),
        ("POST", f"{one}/actions/disable", switch(disabled=True)),
        ("POST", f"{one}/actions/enable", switch(disabled=False)),
    ]


_ALL, _ONE = "/projects/<project_key>/savedmodels", "/projects/<project_key>/savedmodels/<model_id>"
_VERSION = f"{_ONE}/versions/<version_id>"

ROUTES: list[Route] = [
    ("GET", _ALL, list_models),
    ("POST", _ALL, create_model),
    ("GET", _ONE, model),
    ("PUT", _ONE, save_model),
    ("DELETE", _ONE, delete_model),
    ("GET", f"{_ONE}/versions", versions),
    ("POST", _VERSION, import_version),
    ("GET", f"{_VERSION}/snippet", snippet),
    ("GET", f"{_VERSION}/details", details),
    ("POST", f"{_VERSION}/actions/setActive", activate),
    ("POST", f"{_ONE}/actions/delete-versions", delete_versions),
    ("POST", "/projects/<project_key>/agents", create_agent),
    ("POST", "/projects/<project_key>/retrieval-augmented-llms", create_augmented_llm),
    *_edited_routes("agents", tuple(AGENT_SETTINGS)),
    *_edited_routes("retrieval-augmented-llms", (AUGMENTED_LLM,)),
]
