"""The REST resources under /api/v1, one blueprint per resource with its schemas beside it."""

from __future__ import annotations

from api.rest import (
    deployments,
    documents,
    health,
    history,
    incidents,
    jobs,
    messages,
    organisation,
    process_definitions,
    process_instances,
    sessions,
    tasks,
    tokens,
    users,
)

RESOURCES = tuple(
    module.blueprint
    for module in (
        sessions,
        tokens,
        users,
        organisation,
        deployments,
        process_definitions,
        process_instances,
        tasks,
        messages,
        jobs,
        incidents,
        documents,
        history,
        health,
    )
)
"""All resources, in the order of the OpenAPI document."""
