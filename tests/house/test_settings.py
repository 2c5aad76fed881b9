"""Settings: sources, checks, keys, and their documentation."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.keys import load_keys
from api.settings import Settings, SettingsError, documentation_table, unknown_variables, variable

ROOT = Path(__file__).parents[2]


def test_defaults_serve_this_machine_only_with_sqlite_in_the_home_folder(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SANCHA_HOME": str(tmp_path)})
    assert settings.host == "127.0.0.1"
    assert settings.port == 8080
    assert settings.database_url == f"sqlite:///{tmp_path}/sancha.sqlite3"
    assert settings.callback_base_url == "http://127.0.0.1:8080"
    assert settings.allowed_callout_hosts == frozenset()
    assert settings.max_model_bytes == 10_000_000
    assert settings.max_variables_bytes == 1_000_000
    assert settings.upload_types["pdf"] == "application/pdf"
    assert settings.secure_cookies
    assert settings.kernel == "machine"
    assert list(tmp_path.iterdir()) == []


def test_home_defaults_to_var_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment({}).home == tmp_path / "var"


def test_environment_wins_over_file_and_file_over_default(tmp_path: Path) -> None:
    file = tmp_path / "sancha.toml"
    file.write_text(
        'port = 9000\nsession_hours = 8\ndemo = true\nallowed_callout_hosts = ["A.example", "b.example:1"]\n'
    )
    settings = Settings.from_environment({"SANCHA_SETTINGS": str(file), "SANCHA_PORT": "9001"})
    assert (settings.port, settings.session_hours, settings.token_days) == (9001, 8, 90)
    assert settings.callback_base_url == "http://127.0.0.1:9001"
    assert settings.allowed_callout_hosts == {"a.example", "b.example:1"}
    assert settings.demo
    assert not settings.secure_cookies


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.from_environment({"SANCHA_PORT": ""}).port == 8080


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SANCHA_PORT", "abc", "SANCHA_PORT: expected a whole number from 0 to 65535, not 'abc'"),
        ("SANCHA_PORT", "70000", "SANCHA_PORT: expected a whole number from 0 to 65535, not '70000'"),
        ("SANCHA_PORT", "-1", "SANCHA_PORT: expected a whole number from 0 to 65535, not '-1'"),
        ("SANCHA_DEMO", "maybe", "SANCHA_DEMO: expected yes or no, not 'maybe'"),
        ("SANCHA_LOG_LEVEL", "LOUD", "SANCHA_LOG_LEVEL: expected one of DEBUG, INFO, WARNING, ERROR, not 'LOUD'"),
        ("SANCHA_TICK_SECONDS", "nan", "SANCHA_TICK_SECONDS: expected seconds, 0.05 or more, not 'nan'"),
        ("SANCHA_KERNEL", "other", "SANCHA_KERNEL: expected one of machine, spiffworkflow, not 'other'"),
        ("SANCHA_CALENDAR_FILE", "absent.csv", "SANCHA_CALENDAR_FILE: expected a file that exists, not 'absent.csv'"),
        (
            "SANCHA_ALLOWED_CALLOUT_HOSTS",
            "http://a.example/",
            (
                "SANCHA_ALLOWED_CALLOUT_HOSTS: expected hosts like rating.example.com or rating.example.com:8443, "
                "separated by commas, not 'http://a.example/'"
            ),
        ),
        (
            "SANCHA_CALLBACK_BASE_URL",
            "ftp://a.example",
            "SANCHA_CALLBACK_BASE_URL: expected an address like https://sancha.example.com, not 'ftp://a.example'",
        ),
        (
            "SANCHA_UPLOAD_TYPES",
            "pdf,dwg",
            (
                "SANCHA_UPLOAD_TYPES: expected file extensions, separated by commas, "
                "an unusual one with its type (dwg:image/vnd.dwg), not 'pdf,dwg'"
            ),
        ),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SANCHA_DATABASE_URL", "mysql://sancha:hunter2@db/sancha"),
        ("SANCHA_DATABASE_URL", "hunter2"),
        ("SANCHA_DATABASE_URL", "sqlite://"),
        ("SANCHA_DATABASE_URL", "sqlite:///:memory:"),
        ("SANCHA_PAYLOAD_KEY", "hunter2"),
    ],
)
def test_a_secret_is_not_repeated_in_the_error(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert str(caught.value).startswith(f"{name}: expected ")
    assert "hunter2" not in str(caught.value)


def test_secrets_do_not_show_in_repr() -> None:
    settings = Settings.from_environment(
        {"SANCHA_DATABASE_URL": "postgresql://u:hunter2@db/x", "SANCHA_DEMO_PASSWORD": "hunter2"}
    )
    assert settings.database_url == "postgresql+psycopg://u:hunter2@db/x"
    assert "hunter2" not in repr(settings)


def test_errors_of_the_settings_file_name_file_and_key(tmp_path: Path) -> None:
    file = tmp_path / "sancha.toml"
    cases = {
        "prot = 1\n": f"SANCHA_SETTINGS: 'prot' in {file} is no setting; did you mean port?",
        "port = 'x'\n": f"SANCHA_PORT (port in {file}): expected a whole number from 0 to 65535, not 'x'",
        "port = [1]\n": f"SANCHA_PORT (port in {file}): expected a text, a number, true or false, or a list of texts",
    }
    for content, expected in cases.items():
        file.write_text(content)
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment({}, file)
        assert str(caught.value) == expected
    file.write_text("port = \n")
    with pytest.raises(SettingsError, match=r"is not TOML: .*line 1"):
        Settings.from_environment({}, file)
    with pytest.raises(SettingsError, match=r"SANCHA_SETTINGS: cannot read .*absent: No such file"):
        Settings.from_environment({"SANCHA_SETTINGS": str(tmp_path / "absent")})


def test_unknown_variables_are_reported_with_what_was_meant() -> None:
    found = unknown_variables({"SANCHA_PROT": "1", "SANCHA_PORT": "1", "SANCHA_SETTINGS": "x", "OTHER": "1"})
    assert found == {"SANCHA_PROT": "SANCHA_PORT"}


def test_keys_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SANCHA_HOME": str(tmp_path / "home"), "SANCHA_AUDIT_KEY": "ab" * 32})
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: load_keys(settings), range(16)))
    keys = load_keys(settings)
    assert drawn == [keys] * 16
    assert keys.audit == b"\xab" * 32
    assert len({keys.cookie, keys.callback, keys.payload}) == 3
    assert keys.cookie.hex() not in repr(keys)
    files = sorted((tmp_path / "home" / "keys").iterdir())
    assert [file.name for file in files] == ["callback.key", "cookie.key", "payload.key"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_damaged_or_open_key_file_is_refused(tmp_path: Path) -> None:
    settings = Settings.from_environment({"SANCHA_HOME": str(tmp_path)})
    load_keys(settings)
    file = tmp_path / "keys" / "payload.key"
    file.chmod(0o644)
    with pytest.raises(SettingsError, match=r"SANCHA_PAYLOAD_KEY: .*payload\.key is open to other users"):
        load_keys(settings)
    file.chmod(0o600)
    file.write_text("abc\n")
    with pytest.raises(SettingsError, match=r"payload\.key is damaged: expected 64 hexadecimal digits"):
        load_keys(settings)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = Settings.from_environment({"SANCHA_HOME": str(tmp_path / "file" / "home")})
    with pytest.raises(SettingsError, match=r"SANCHA_HOME: cannot make .*file.home: Not a directory"):
        settings.ensure_home()


def test_the_operations_guide_documents_every_setting() -> None:
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = documentation_table()
    assert all(f"`{variable(item.name)}`" in table for item in dataclasses.fields(Settings))
    assert table in guide, f"the table of settings in docs/operations.md must read:\n{table}"
