"""Puts an installation together from its settings: store, audit trail, calendars, handlers, forms, the way out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from api.keys import load_keys
from api.settings import Settings, SettingsError
from engine.audit.chain import AuditTrail
from engine.callbacks import CallbackKeys
from engine.definitions import DefinitionCache
from engine.documents import DocumentStore, FileStore, Folder
from engine.jobs.outgoing import HttpOutgoing
from engine.jobs.worker import Worker
from engine.lint.configuration import Configuration, ConfigurationError, read_configuration
from engine.object_store import Bucket, Credentials
from engine.runtime import Limits, Sancha
from engine.screening import read_screen
from engine.services import Handlers
from engine.store import Store
from engine.working_time import WorkingTime, load_calendars
from forms import check_form, examine_form
from processes.services import HANDLERS
from processes.services.counterparties import Counterparties, configure

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


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


def document_store(settings: Settings) -> DocumentStore:
    """Where uploaded documents lie. Raises `SettingsError` for a check or a bucket that cannot be used."""
    try:
        screen = None if settings.upload_check is None else read_screen(settings.upload_check)
    except ValueError as problem:
        raise SettingsError(f"SANCHA_UPLOAD_CHECK: expected {problem}") from None
    return DocumentStore(_files(settings), settings.upload_types, settings.max_upload_bytes, screen)


def _files(settings: Settings) -> FileStore:
    if settings.document_bucket is None:
        return Folder(settings.home / "documents")
    address = urlsplit(settings.document_bucket)
    if not address.path.strip("/"):
        raise SettingsError("SANCHA_DOCUMENT_BUCKET: expected the bucket's name behind the host")
    if address.scheme != "https" and address.hostname not in _THIS_MACHINE:
        raise SettingsError("SANCHA_DOCUMENT_BUCKET: expected https for a bucket on another machine")
    if not settings.document_access_key or not settings.document_secret_key:
        raise SettingsError("SANCHA_DOCUMENT_BUCKET: needs SANCHA_DOCUMENT_ACCESS_KEY and SANCHA_DOCUMENT_SECRET_KEY")
    credentials = Credentials(settings.document_access_key, settings.document_secret_key, settings.document_region)
    return Bucket(settings.document_bucket, credentials)
