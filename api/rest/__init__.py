"""The REST resources under /api/v1, one blueprint per resource with its schemas beside it."""

from __future__ import annotations

from api.rest import (
    comments,
    decisions,
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
    signals,
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
        decisions,
        process_instances,
        tasks,
        messages,
        signals,
        jobs,
        incidents,
        documents,
        comments,
        history,
        health,
    )
)
"""All resources, in the order of the OpenAPI document."""
