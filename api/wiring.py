"""Puts an installation together from its settings: store, audit trail, calendars, handlers, forms, the way out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from api.keys import load_keys
from api.settings import Settings, SettingsError
from engine.audit.chain import AuditTrail
from engine.callbacks import CallbackKeys
from engine.definitions import DefinitionCache
from engine.documents import DocumentFolder
from engine.jobs.outgoing import HttpOutgoing
from engine.jobs.worker import Worker
from engine.lint.configuration import Configuration, ConfigurationError, read_configuration
from engine.runtime import Limits, Sancha
from engine.services import Handlers
from engine.store import Store
from engine.working_time import WorkingTime, load_calendars
from forms import check_form, examine_form
from processes.services import HANDLERS
from processes.services.counterparties import Counterparties, configure


def wire(settings: Settings, store: Store) -> Sancha:
    """The engine of one installation on ``store``. Raises `SettingsError` for keys or calendars it cannot use."""
    keys = load_keys(settings)
    configure(Counterparties(settings.rating_url, settings.bureau_url, settings.payment_url))
    return Sancha(
        store=store,
        definitions=DefinitionCache(),
        working_time=WorkingTime(load_calendars(settings.calendar_file)),
        audit=AuditTrail(keys.payload, signing_key=keys.audit, checkpoint_file=checkpoint_file(settings)),
        handlers=Handlers(HANDLERS),
        check_form=check_form,
        callbacks=CallbackKeys(
            keys.callback,
            settings.callback_base_url,
            tolerance=timedelta(seconds=settings.callback_tolerance_seconds),
        ),
        outgoing=HttpOutgoing(settings.allowed_callout_hosts),
        limits=Limits(model_bytes=settings.max_model_bytes, variables_bytes=settings.max_variables_bytes),
        default_kernel=settings.kernel,
        lint=_lint(settings),
        examine_form=examine_form,
    )


def _lint(settings: Settings) -> Configuration:
    """What the house made of the deployment check. Raises `SettingsError` when its file cannot be used."""
    if settings.lint_config is None:
        return Configuration()
    try:
        return read_configuration(settings.lint_config.read_bytes(), file=str(settings.lint_config))
    except (OSError, ConfigurationError) as problem:
        raise SettingsError(f"SANCHA_LINT_CONFIG: {problem}") from None


def checkpoint_file(settings: Settings) -> Path:
    """The file outside the database that every checkpoint of the audit trail is appended to."""
    return settings.home / "audit-checkpoints.jsonl"


def worker_for(sancha: Sancha, settings: Settings, *, kind: str) -> Worker:
    """A worker of ``kind`` (serve or worker) with the pauses and leases of ``settings``."""
    return Worker(
        sancha,
        kind=kind,
        lease=timedelta(seconds=settings.worker_lease_seconds),
        tick_seconds=settings.tick_seconds,
        checkpoint_every=timedelta(minutes=settings.audit_checkpoint_minutes),
    )


def document_folder(settings: Settings) -> DocumentFolder:
    """Where uploaded documents lie."""
    return DocumentFolder(settings.home / "documents", settings.upload_types, settings.max_upload_bytes)
