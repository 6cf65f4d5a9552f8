"""The blueprints of a Govern node: Govern's own, and what a company made of them in the blueprint designer."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..errors import NotFound
from ..store import Store
from .signoffs import accepted_configuration
from .templates import (
    DEFAULT_VERSION,
    GOVERN_PROJECT,
    Template,
    TemplateField,
    TemplateStep,
    VersionStatus,
    standard_templates,
    template_from,
)

_TEMPLATE = "govern_template"


class Blueprints:
    """The blueprint versions of a node, kept in memory and written through to the store."""

    def __init__(self, store: Store) -> None:
        """Read the blueprints from a store; Govern's standard templates are always there."""
        self._store = store
        self._lock = threading.RLock()
        self._templates: dict[tuple[str, str], Template] = {}
        for template in standard_templates():
            self._templates[template.blueprint_id, template.version_id] = template
        for key, description in store.items(_TEMPLATE):
            blueprint_id, version_id = key.split("/", 1)
            self._templates[blueprint_id, version_id] = template_from(blueprint_id, version_id, description)

    def add(self, template: Template) -> None:
        """Add a blueprint version, or replace the one of the same ids."""
        with self._lock:
            self._templates[template.blueprint_id, template.version_id] = template
            key = f"{template.blueprint_id}/{template.version_id}"
            self._store.put(_TEMPLATE, key, template.description())

    def fork(
        self,
        version_id: str,
        *,
        steps: Iterable[TemplateStep] | None = None,
        fields: Iterable[TemplateField] = (),
        without_fields: Iterable[str] = (),
        blueprint_id: str = GOVERN_PROJECT,
        status: VersionStatus = VersionStatus.ACTIVE,
    ) -> Template:
        """Add a fork of a blueprint's default version, as a company makes one in the blueprint designer.

        Args:
            version_id: the fork's id, such as `bv.acme`.
            steps: the fork's steps, all of them and in order; the default version's when left out.
            fields: fields to add or to replace.
            without_fields: ids of fields to leave out.
            blueprint_id: the blueprint to fork.
            status: the fork's status; Govern's own are drafts at first (hl).

        Raises NotFound when there is no such blueprint.
        """
        origin = self.version(blueprint_id, DEFAULT_VERSION)
        dropped = set(without_fields)
        fields_by_id = {**origin.fields, **{field.id: field for field in fields}}
        fields_by_id = {field_id: field for field_id, field in fields_by_id.items() if field_id not in dropped}
        fork = replace(
            origin,
            version_id=version_id,
            steps=tuple(
                replace(step, view=tuple(field_id for field_id in step.view if field_id in fields_by_id))
                for step in (origin.steps if steps is None else steps)
            ),
            fields=fields_by_id,
            overview=tuple(field_id for field_id in origin.overview if field_id in fields_by_id),
            origin_version_id=DEFAULT_VERSION,
            status=status,
        )
        self.add(fork)
        return fork

    def configure_signoff(
        self, blueprint_id: str, version_id: str, step_id: str, body: Mapping[str, Any] | None
    ) -> None:
        """Set or, with None, remove the sign-off of a step, as people do in the blueprint designer.

        Sign-offs that are there keep the configuration that they have (hl).

        Raises:
            NotFound: there is no such version or step.
            ValidationError: Govern does not take the configuration.
        """
        with self._lock:
            template = self.version(blueprint_id, version_id)
            if step_id not in template.step_ids():
                raise NotFound(f"Blueprint version {blueprint_id}/{version_id} has no step '{step_id}'")
            signoffs = {step: each for step, each in template.signoffs.items() if step != step_id}
            if body is not None:
                signoffs[step_id] = accepted_configuration(body)
            self.add(replace(template, signoffs=signoffs))

    def all(self) -> list[Template]:
        """Return one version of each blueprint, the first: it knows the blueprint's id and name."""
        with self._lock:
            first = {template.blueprint_id: template for template in reversed(self._templates.values())}
        return list(reversed(first.values()))

    def versions(self, blueprint_id: str) -> list[Template]:
        """Return the versions of a blueprint, the default one first; raises NotFound when there is none."""
        with self._lock:
            templates = [template for template in self._templates.values() if template.blueprint_id == blueprint_id]
        if not templates:
            raise NotFound(f"Blueprint {blueprint_id} not found")
        return templates

    def version(self, blueprint_id: str, version_id: str) -> Template:
        """Return a blueprint version; raises NotFound when there is none of these ids."""
        try:
            return self._templates[blueprint_id, version_id]
        except KeyError:
            raise NotFound(f"Blueprint version {blueprint_id}/{version_id} not found") from None
