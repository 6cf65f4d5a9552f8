"""Sync against naive scripts, with latency on every request, as between real machines."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace

import dataikuapi

from govern_mirror import clock
from govern_mirror.actions.session import Session, connect_to
from govern_mirror.actions.sync import apply_plan, compare, govern_node
from govern_mirror.govern_node import GovernNode
from govern_mirror.metadata import Layout, decode, encode
from govern_mirror.model.blueprint import STANDARD
from govern_mirror.model.changes import initialize
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts
from govern_mirror.sync.plan import Direction
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.govern.app import GovernSandbox
from govern_mirror_devkit.sandbox.server import serve

LATENCY_MS = 20.0
SAMPLE = 100
"""Naive loops run on so many projects, and are scaled."""


@contextlib.contextmanager
def both_sides(projects: int, changed: int = 0) -> Iterator[tuple[Session, GovernNode, Sandbox, GovernSandbox]]:
    """A DSS and a Govern node with as many governed projects; some of them changed in Govern."""
    layout = Layout(STANDARD)
    with contextlib.closing(Sandbox()) as dss, contextlib.closing(GovernSandbox()) as govern:
        for number in range(projects):
            key = f"P{number:05d}"
            dss.create_project(key, f"Project {number}")
            empty = dss.metadata(key)
            bare = decode(empty, ProjectFacts(key, node_id=dss.node_id), layout)
            actor = Actor("bench", Source.API, clock.now())
            dss.projects.set_metadata(dss.admin, key, encode(initialize(bare, {}, actor), empty, actor, layout))
            item = govern.node.register_dataiku_project(dss.node_id, key)
            fields = {"qualification_value_rating": "High"} if number < changed else {}
            govern.node.govern(f"Project {number}", item.id, fields=fields)
        with serve(dss) as url, serve(govern) as govern_url:
            session = connect_to(url, dss.admin_key)
            node = govern_node(session, govern_url, govern.api_key)
            dss.faults.latency_ms = govern.faults.latency_ms = LATENCY_MS
            yield session, node, dss, govern


def status(projects: int = 5000) -> Iterator[tuple[str, str, str]]:
    """`sync status`, against a script that fetches each artifact and each project's metadata one by one."""
    with both_sides(projects) as (session, node, dss, govern):
        seen = _counted(dss, govern)
        began = time.perf_counter()
        compare(session, node, Direction.STATUS)
        ours = time.perf_counter() - began
        requests = len(seen)
        client = dataikuapi.DSSClient(session.store.url, api_key=dss.admin_key)
        other = dataikuapi.GovernClient(govern.base_url, govern.api_key)
        ids = [each.id for each in govern.node.artifacts() if each.blueprint_id.endswith("govern_project")]
        began = time.perf_counter()
        for key, artifact_id in zip([f"P{number:05d}" for number in range(SAMPLE)], ids, strict=False):
            client.get_project(key).get_metadata()
            other.get_artifact(artifact_id).get_definition()
        naive = (time.perf_counter() - began) * projects / SAMPLE
        pages = 2 * projects // 1000 + 1
        yield f"sync status of {projects:,}: against one by one (scaled)", f"{naive / ours:.0f} x", "at least 50 x"
        yield f"sync status of {projects:,}: requests", str(requests), f"at most {3 + pages}"


def pull(changed: int = 1000) -> Iterator[tuple[str, str, str]]:
    """`sync pull` of changed projects with 8 workers, against the same writes one after the other."""
    with both_sides(changed, changed) as (session, node, dss, govern):
        compared = compare(session, node, Direction.PULL)
        seen = _counted(dss, govern)
        began = time.perf_counter()
        apply_plan(session, compared, force=True)
        ours = time.perf_counter() - began
        puts = [path for method, path in seen if method == "PUT"]
    with both_sides(SAMPLE, SAMPLE) as (session, node, _dss, _govern):
        compared = compare(session, node, Direction.PULL)
        began = time.perf_counter()
        for project in compared.plan.projects:
            one = replace(compared, plan=replace(compared.plan, projects=(project,)))
            apply_plan(session, one, force=True)
        serial = (time.perf_counter() - began) * changed / SAMPLE
    yield f"sync pull of {changed:,}: against one after the other (scaled)", f"{serial / ours:.1f} x", "at least 6 x"
    yield f"sync pull of {changed:,}: projects written twice", str(len(puts) - len(set(puts))), "0"


def _counted(*nodes: Sandbox | GovernSandbox) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    for node in nodes:
        around = node.faults.around

        def counted(method, path, answer, around=around):  # type: ignore[no-untyped-def]
            seen.append((method, path))
            return around(method, path, answer)

        node.faults.around = counted  # type: ignore[method-assign]
    return seen
