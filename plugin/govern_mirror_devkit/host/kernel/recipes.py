"""`dataiku.customrecipe`, and a run of a recipe."""

from __future__ import annotations

from typing import Any

from .component_code import component_failure, execute
from .job import Job, current_job


def get_recipe_config() -> dict[str, Any]:
    """Return the recipe's settings."""
    return dict(current_job.get()["config"])


def get_plugin_config() -> dict[str, Any]:
    """Return the plugin's settings."""
    return dict(current_job.get()["plugin_config"])


def get_input_names_for_role(role: str) -> list[str]:
    """Return the full names of the inputs in a role."""
    return list(current_job.get()["inputs"].get(role, []))


def get_output_names_for_role(role: str) -> list[str]:
    """Return the full names of the outputs in a role."""
    return list(current_job.get()["outputs"].get(role, []))


def get_input_names() -> list[str]:
    """Return the full names of all inputs."""
    return [name for names in current_job.get()["inputs"].values() for name in names]


def get_output_names() -> list[str]:
    """Return the full names of all outputs."""
    return [name for names in current_job.get()["outputs"].values() for name in names]


def run_recipe(job: Job) -> dict[str, Any]:
    """Run a recipe; `runner.run` says with what and to what end."""
    try:
        execute(job, "custom-recipes", "recipe.py")
        for name, written in job["written"].items():
            if written["rows"] is None:
                raise ValueError(f"the writer of {name} was not closed: nothing was written")
    except (Exception, SystemExit) as error:
        raise component_failure(error) from error
    return {"written": job["written"]}
