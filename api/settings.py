"""Every setting of Sancha, each in one place: its variable, its default, its meaning and how it is read.

A value comes from the environment variable (`SANCHA_PORT`), else from the TOML file named by `SANCHA_SETTINGS`
(`port`), else from the default. An empty variable counts as absent. `docs/operations.md` carries the table that
`documentation_table` makes; a test keeps the two equal.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from api import setting_values as values

PREFIX = "SANCHA_"
FILE_VARIABLE = "SANCHA_SETTINGS"
NEW_PASSWORD_VARIABLE = "SANCHA_NEW_PASSWORD"  # noqa: S105 - the name of a variable
"""Read by `sancha user` alone."""
STAND_INS = "http://127.0.0.1:8090"
"""Where the demonstration's stand-in counterparties listen when somebody starts them by hand."""

Parsed = Mapping[str, Any]


class SettingsError(Exception):
    """A setting has a value that Sancha cannot use; the message is one line and names the variable."""


def _setting(
    parse: Callable[[str], Any],
    default: str | Callable[[Parsed], str] | None,
    meaning: str,
    *,
    shown: str | None = None,
    secret: bool = False,
) -> Any:
    """Describe one field. Returns Any, as dataclasses.field() does, so that the class can annotate its fields.

    `default` is the text that would be set, or how it follows from the settings above it, or None for "not set".
    `shown` is the default as the documentation puts it. A `secret` is never repeated in messages or in `repr`.
    """
    metadata = {"parse": parse, "default": default, "meaning": meaning, "shown": shown, "secret": secret}
    return field(repr=not secret, metadata=metadata)


def _database_in_home(parsed: Parsed) -> str:
    return f"sqlite:///{parsed['home'] / 'sancha.sqlite3'}"


def _own_address(parsed: Parsed) -> str:
    host = f"[{parsed['host']}]" if ":" in parsed["host"] else parsed["host"]
    return f"http://{host}:{parsed['port']}"


def _secure_unless_demo(parsed: Parsed) -> str:
    return "no" if parsed["demo"] else "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one process, checked. Times are in the unit that the name ends with, sizes in bytes."""

    home: Path = _setting(
        values.folder, "var", "Folder of the database file, the keys and the audit checkpoints. Made when it is needed."
    )
    demo: bool = _setting(values.yes_or_no, "no", "Demonstration: example data, and business time that may be moved.")
    demo_password: str | None = _setting(
        values.text, None, "Password of all demo accounts.", shown="made and printed at start", secret=True
    )
    database_url: str = _setting(
        values.database_url,
        _database_in_home,
        "SQLite (`sqlite:///file`) or PostgreSQL (`postgresql://user:password@host/name`).",
        shown="`sancha.sqlite3` in SANCHA_HOME",
        secret=True,
    )
    host: str = _setting(values.text, "127.0.0.1", "Address to listen on. The default serves this machine only.")
    port: int = _setting(values.whole(0, 65535), "8080", "Port to listen on; 0 takes a free one.")
    log_level: str = _setting(
        values.one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "Least severe level that is logged."
    )
    max_model_bytes: int = _setting(
        values.whole(1), "10000000", "Largest BPMN, DMN or form file that may be deployed, in bytes."
    )
    max_variables_bytes: int = _setting(
        values.whole(1), "1000000", "Largest set of variables in one request, in bytes of JSON."
    )
    max_upload_bytes: int = _setting(values.whole(1), "20000000", "Largest document that may be uploaded, in bytes.")
    upload_types: Mapping[str, str] = _setting(
        values.upload_types,
        "pdf,docx,xlsx,pptx,csv,txt,png,jpg,jpeg",
        "Kinds of documents that may be uploaded, by file extension; unusual ones as `dwg:image/vnd.dwg`.",
    )
    upload_check: str | None = _setting(
        values.text,
        None,
        "Command that gets each upload on its standard input: exit code 0 accepts it, 1 refuses it; or "
        "`python:module:function`.",
        shown="none",
    )
    document_bucket: str | None = _setting(
        values.web_address,
        None,
        "Address of an S3-compatible bucket that documents lie in, with an optional prefix: "
        "`https://s3.example.com/bucket/documents`.",
        shown="the folder `documents` in SANCHA_HOME",
    )
    document_region: str = _setting(values.text, "us-east-1", "Region of the bucket, which its signatures name.")
    document_access_key: str | None = _setting(values.text, None, "Access key for the bucket.", shown="none")
    document_secret_key: str | None = _setting(
        values.text, None, "Secret key for the bucket.", shown="none", secret=True
    )
    allowed_callout_hosts: frozenset[str] = _setting(
        values.hosts,
        None,
        "Hosts that Sancha may call: `host` for any port, or `host:port`, separated by commas. It calls no other.",
        shown="none",
    )
    rating_url: str = _setting(
        values.web_address, STAND_INS, "Address of the rating agency; its host must be in SANCHA_ALLOWED_CALLOUT_HOSTS."
    )
    bureau_url: str = _setting(values.web_address, STAND_INS, "Address of the credit bureau, likewise.")
    payment_url: str = _setting(values.web_address, STAND_INS, "Address of the payment system, likewise.")
    callback_base_url: str = _setting(
        values.web_address,
        _own_address,
        "Address under which third parties reach this server; the start of every callback address.",
        shown="`http://SANCHA_HOST:SANCHA_PORT`",
    )
    callback_tolerance_seconds: int = _setting(
        values.whole(1), "300", "How far the time in a callback's signature may lie from now."
    )
    session_hours: int = _setting(values.whole(1), "12", "How long a sign-in lasts.")
    token_days: int = _setting(values.whole(1), "90", "How long a bearer token lasts when its maker names no end.")
    secure_cookies: bool = _setting(
        values.yes_or_no,
        _secure_unless_demo,
        "Send cookies over HTTPS only. Turn off only for trials on one machine.",
        shown="`yes`, in the demonstration `no`",
    )
    worker_lease_seconds: int = _setting(
        values.whole(2), "30", "How long a worker holds a job without a sign of life before another may take it."
    )
    tick_seconds: float = _setting(values.seconds(0.05), "1", "Pause between two looks for due jobs.")
    calendar_file: Path | None = _setting(
        values.existing_file,
        None,
        "Table of holidays and make-up workdays that overrides the built-in calendar.",
        shown="none",
    )
    lint_config: Path | None = _setting(
        values.existing_file,
        None,
        "Configuration of the deployment check (docs/checking-models.md), for deployments.",
        shown="none",
    )
    kernel: str = _setting(
        values.one_of("machine", "spiffworkflow"),
        "machine",
        "Kernel of deployments that name none (docs/decisions/0001-token-machine.md).",
    )
    audit_checkpoint_minutes: int = _setting(
        values.whole(1), "5", "Pause between two signed checkpoints of the audit trail."
    )
    cookie_key: bytes | None = _setting(
        values.key, None, "Key that signs cookies.", shown="`keys/cookie.key` in SANCHA_HOME", secret=True
    )
    callback_key: bytes | None = _setting(
        values.key,
        None,
        "Key that signs callback addresses.",
        shown="`keys/callback.key` in SANCHA_HOME",
        secret=True,
    )
    audit_key: bytes | None = _setting(
        values.key,
        None,
        "Ed25519 seed that signs audit checkpoints.",
        shown="`keys/audit.key` in SANCHA_HOME",
        secret=True,
    )
    payload_key: bytes | None = _setting(
        values.key,
        None,
        "Master key of the encrypted audit payloads. Without it they cannot be read again.",
        shown="`keys/payload.key` in SANCHA_HOME",
        secret=True,
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], file: Path | None = None) -> Self:
        """Read the settings from `environment` and from `file` (default: the one that `SANCHA_SETTINGS` names).

        Touches no file but that one and, to see that it exists, the calendar file.
        Raises SettingsError for a value that cannot be used, a file that cannot be read, or a key that is no setting.
        """
        if file is None and environment.get(FILE_VARIABLE):
            file = Path(environment[FILE_VARIABLE])
        from_file = {} if file is None else _read(file)
        parsed: dict[str, Any] = {}
        for item in dataclasses.fields(cls):
            name = variable(item.name)
            source = name
            given: str | None = environment.get(name) or None
            if given is None and item.name in from_file:
                source = f"{name} ({item.name} in {file})"
                given = _as_text(from_file[item.name], source)
            if given is None:
                default = item.metadata["default"]
                given = default(parsed) if callable(default) else default
            try:
                parsed[item.name] = None if given is None else item.metadata["parse"](given)
            except ValueError as problem:
                repeated = "" if item.metadata["secret"] else f", not {given!r}"
                raise SettingsError(f"{source}: expected {problem}{repeated}") from None
        parsed["allowed_callout_hosts"] = parsed["allowed_callout_hosts"] or frozenset()
        return cls(**parsed)

    def ensure_home(self) -> Path:
        """Make the home folder, readable by its owner only, if it is not there, and return it.

        Raises SettingsError when it cannot be made or written.
        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as problem:
            raise SettingsError(f"SANCHA_HOME: cannot make {self.home}: {problem.strerror}") from None
        return self.home


def variable(name: str) -> str:
    """Return the environment variable of the setting `name`: `SANCHA_PORT` for `port`."""
    return PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return the `SANCHA_*` variables that are no setting, each with the setting that was probably meant.

    They are no error, because container platforms set such variables by themselves; the command line warns.
    """
    known = [variable(item.name) for item in dataclasses.fields(Settings)]
    known += [FILE_VARIABLE, NEW_PASSWORD_VARIABLE]
    strange = sorted(name for name in environment if name.startswith(PREFIX) and name not in known)
    return {name: next(iter(difflib.get_close_matches(name, known, 1)), None) for name in strange}


def documentation_table() -> str:
    """Return the Markdown table of all settings, as it stands in docs/operations.md."""
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for item in dataclasses.fields(Settings):
        shown = item.metadata["shown"] or f"`{item.metadata['default']}`"
        lines.append(f"| `{variable(item.name)}` | {shown} | {item.metadata['meaning']} |")
    return "\n".join(lines) + "\n"


def _read(file: Path) -> Mapping[str, object]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{FILE_VARIABLE}: cannot read {file}: {reason}") from None
    except tomllib.TOMLDecodeError as problem:
        raise SettingsError(f"{FILE_VARIABLE}: {file} is not TOML: {problem}") from None
    known = [item.name for item in dataclasses.fields(Settings)]
    for name in content:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise SettingsError(f"{FILE_VARIABLE}: {name!r} in {file} is no setting{hint}")
    return content


def _as_text(value: object, source: str) -> str:
    """Return a TOML value as it would be written in the environment."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ",".join(value)
    raise SettingsError(f"{source}: expected a text, a number, true or false, or a list of texts")
