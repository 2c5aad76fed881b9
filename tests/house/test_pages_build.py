"""What builds the pages: catalogs are merged or refused, bundles are built once, and complaints are one line."""

from __future__ import annotations

import gettext
import json
import shutil
import time
from pathlib import Path

import pytest

from api.web import build, bundles, catalogs
from api.web.problem import BuildProblem

WEB = build.WEB
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'


def _catalogs(folder: Path, **texts: str) -> Path:
    (folder / "zh").mkdir()
    for name, text in texts.items():
        (folder / "zh" / f"{name}.po").write_text(HEADER + text, encoding="utf-8")
    return folder


def test_the_catalogs_of_all_areas_become_one(tmp_path: Path) -> None:
    folder = _catalogs(
        tmp_path,
        frame='msgid "Inbox"\nmsgstr "待办"\n',
        tasks='msgid "Inbox"\nmsgstr "待办"\n\n'
        'msgid "%(num)d file"\nmsgid_plural "%(num)d files"\nmsgstr[0] "%(num)d 个文件"\n',
    )
    assert catalogs.compile_all(folder) == ["zh: 2 texts from 2 catalogs"]
    texts = gettext.translation("messages", folder, ["zh"])
    assert texts.gettext("Inbox") == "待办"
    assert texts.ngettext("%(num)d file", "%(num)d files", 3) == "%(num)d 个文件"
    assert catalogs.compile_all(folder) == []


def test_the_same_word_may_mean_two_things_in_two_contexts(tmp_path: Path) -> None:
    folder = _catalogs(
        tmp_path,
        frame='msgctxt "verb"\nmsgid "Open"\nmsgstr "打开"\n',
        tasks='msgctxt "state"\nmsgid "Open"\nmsgstr "未办"\n',
    )
    catalogs.compile_all(folder)
    texts = gettext.translation("messages", folder, ["zh"])
    assert (texts.pgettext("verb", "Open"), texts.pgettext("state", "Open")) == ("打开", "未办")


def test_two_translations_of_one_text_are_refused_by_name(tmp_path: Path) -> None:
    folder = _catalogs(tmp_path, frame='msgid "Case"\nmsgstr "案件"\n', tasks='msgid "Case"\nmsgstr "业务"\n')
    with pytest.raises(BuildProblem, match=r"^frame.po and tasks.po translate 'Case' differently: '案件' and '业务'$"):
        catalogs.compile_all(folder)
    assert not (folder / "zh" / "LC_MESSAGES").exists()


def test_a_broken_catalog_is_named(tmp_path: Path) -> None:
    folder = _catalogs(tmp_path, frame='msgid "Case"\nmsgid "Client"\nmsgstr "客户"\n')
    with pytest.raises(BuildProblem, match=r"^frame.po cannot be read: ") as told:
        catalogs.compile_all(folder)
    assert "\n" not in str(told.value)


def test_the_catalogs_of_the_product_agree() -> None:
    sources = sorted((build.TRANSLATIONS / "zh").glob("*.po"))
    assert sources
    assert len(catalogs.merge("zh", sources)) > 0


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Return a folder with three small bundles, and the packages of the product, which are not fetched again."""
    build.build()
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(WEB / name, folder / name)
    (folder / "node_modules").symlink_to(WEB / "node_modules")
    for name in bundles.ENTRIES:
        (folder / "src" / f"{name}.css").write_text(f".{name} {{ color: red; }}", encoding="utf-8")
        (folder / "src" / f"{name}.js").write_text(f'import "./{name}.css";\nwindow.{name} = 1;\n', encoding="utf-8")
    return folder


def test_a_bundle_is_named_after_what_is_in_it(web: Path) -> None:
    told = bundles.bundle(web)
    assert [line.split(":")[0] for line in told] == [
        *("app.css", "app.js", "diagram.css", "diagram.js", "form.css", "form.js")
    ]
    manifest = json.loads((web / "dist" / "manifest.json").read_text(encoding="utf-8"))
    assert "window.app=1" in (web / "dist" / manifest["app.js"]).read_text(encoding="utf-8")
    (web / "src" / "app.js").write_text("window.app = 2;", encoding="utf-8")
    bundles.bundle(web)
    changed = json.loads((web / "dist" / "manifest.json").read_text(encoding="utf-8"))
    assert changed["app.js"] != manifest["app.js"]
    assert "app.css" not in changed
    assert changed["form.js"] == manifest["form.js"]
    assert not (web / "dist" / manifest["app.js"]).exists()


def test_nothing_is_built_twice(web: Path) -> None:
    bundles.bundle(web)
    started = time.monotonic()
    assert bundles.bundle(web) == []
    assert time.monotonic() - started < 2
    manifest = json.loads((web / "dist" / "manifest.json").read_text(encoding="utf-8"))
    (web / "dist" / manifest["form.css"]).unlink()
    assert bundles.bundle(web) != []


def test_the_licences_of_what_is_bundled_come_with_it() -> None:
    build.build()
    text = (WEB / "dist" / "licences.txt").read_text(encoding="utf-8")
    package = json.loads((WEB / "package.json").read_text(encoding="utf-8"))
    for name, version in package["dependencies"].items():
        assert f"{name} {version} (" in text
    assert "esbuild" not in text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('import "./missing.js";', r"Could not resolve \"./missing.js\" src/form.js:1:7"),
        ("const a = ;", r"Unexpected \";\" src/form.js:1:10"),
    ],
)
def test_a_mistake_in_a_source_is_told_with_its_place(web: Path, source: str, told: str) -> None:
    bundles.bundle(web)
    before = (web / "dist" / "manifest.json").read_bytes()
    (web / "src" / "form.js").write_text(source, encoding="utf-8")
    with pytest.raises(BuildProblem, match=told) as problem:
        bundles.bundle(web)
    assert "\n" not in str(problem.value)
    assert (web / "dist" / "manifest.json").read_bytes() == before


def test_packages_that_cannot_be_fetched_are_told_in_one_line(web: Path) -> None:
    (web / "node_modules").unlink()
    lock = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))
    lock["packages"]["node_modules/bootstrap"]["version"] = "5.3.0"
    (web / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    with pytest.raises(BuildProblem, match="npm could not install the packages: npm error") as problem:
        bundles.bundle(web)
    assert "\n" not in str(problem.value)
    assert len(str(problem.value)) > 60


def test_a_folder_without_sources_says_so(tmp_path: Path) -> None:
    with pytest.raises(BuildProblem, match=r"^package.json cannot be read: No such file or directory$"):
        build.build(tmp_path, tmp_path)
