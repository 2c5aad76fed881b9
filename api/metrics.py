"""Prometheus metrics at /metrics: requests here, jobs and open work from the database when it is scraped."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from engine.model.incident import Incident
from engine.model.instance import ProcessInstance
from engine.model.job import Job
from engine.model.task import UserTask
from engine.store import Store


class Backlog(Collector):
    """Open tasks, active cases, waiting jobs and open incidents, counted when asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge per kind of open work."""
        counts = {
            "sancha_open_tasks": ("Open user tasks", UserTask, UserTask.status == "open"),
            "sancha_active_instances": (
                "Active process instances",
                ProcessInstance,
                ProcessInstance.status == "active",
            ),
            "sancha_ready_jobs": ("Jobs not yet taken", Job, Job.status == "ready"),
            "sancha_open_incidents": ("Open incidents", Incident, Incident.status == "open"),
        }
        with self._store.transaction(write=False) as session:
            for name, (meaning, table, condition) in counts.items():
                value = session.scalar(select(func.count()).select_from(table).where(condition)) or 0
                yield GaugeMetricFamily(name, meaning, value=value)


def register_metrics(app: Flask) -> None:
    """Count and time every request of ``app`` and serve /metrics."""
    registry = CollectorRegistry()
    labels = ("method", "route", "status")
    requests = Counter("sancha_http_requests", "Requests answered", labels, registry=registry)
    seconds = Histogram("sancha_http_request_seconds", "Time to answer", ("method", "route"), registry=registry)
    registry.register(Backlog(app.extensions["sancha"].store))

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        requests.labels(request.method, route, response.status_code).inc()
        seconds.labels(request.method, route).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
