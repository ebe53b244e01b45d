"""Build the image of deploy/Containerfile without a container engine, and run an installation from it.

    python .ci/image.py [--keep] [--strict]

As root, with Debian's `buildah` and `mmdebstrap`; as root they are installed where they are missing. The base image is made of Debian
packages, because registries of images are out of reach of many build machines; the wheels are downloaded by the hashes of
requirements/base.txt. Then the processes of deploy/compose.yaml run from the image as its user on a read-only root, against an empty
PostgreSQL that `bootstrap` fills: one delivery becomes an event, pages are served (image_run.py). Prints the seconds of each step, the
image's size and the start time. If the tools are missing it prints the reason and exits with 0; with --strict it exits with 1.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BASE, IMAGE = "localhost/salesbrain-base", "localhost/salesbrain"
SUITE, INCLUDED = "bookworm", "python3,python3-venv,ca-certificates"
LEFT_OUT = ("usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*")
"""Files of Debian's packages that no process reads."""
NEEDED = ("buildah", "mmdebstrap")
ROOM = ("--isolation", "chroot")


def run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return done.stdout


def reason_not_to_run() -> str:
    """Return why no image can be built here, "" if one can."""
    if os.geteuid():
        return "building needs root (chroot, mounts)"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and shutil.which("apt-get"):
        quiet = {"capture_output": True, "check": False, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], **quiet)  # type: ignore[call-overload]
    missing = [name for name in NEEDED if shutil.which(name) is None]
    return f"Debian's packages are missing: apt-get install {' '.join(missing)}" if missing else ""


def build_base(folder: Path) -> None:
    """Make the base image of Debian packages, from the sources that this machine's apt uses."""
    archive = folder / "base.tar"
    left_out = [f"--dpkgopt=path-exclude=/{pattern}" for pattern in LEFT_OUT]
    quick = "--dpkgopt=force-unsafe-io"  # nothing of it is kept where the power fails
    run("mmdebstrap", "--variant=minbase", f"--include={INCLUDED}", *left_out, quick, SUITE, archive)
    container = run("buildah", "from", "scratch").strip()
    run("buildah", "add", container, archive)
    run("buildah", "commit", "--rm", container, BASE)
    archive.unlink()


def build_image(folder: Path) -> None:
    """Build the image of the files that git does not ignore, as in an operator's clone, with the wheels beside them."""
    context = folder / "context"
    context.mkdir()
    files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, files.split("\0")):
        target = context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / name, target)
    run(
        sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:",
        "-d", context / "wheels", "-r", "requirements/base.txt",
    )  # fmt: skip
    run(
        "buildah",
        "bud",
        *ROOM,
        "--build-arg",
        f"BASE={BASE}",
        "-f",
        "deploy/Containerfile",
        "-t",
        IMAGE,
        ".",
        cwd=context,
    )
    shutil.rmtree(context)


def images() -> dict[str, str]:
    """Return name -> size of the images that are stored here."""
    rows = json.loads(run("buildah", "images", "--json") or "[]")
    return {name.removesuffix(":latest"): str(row["size"]) for row in rows or [] for name in row["names"] or []}


def megabytes(image: str) -> float:
    """Return the size of an image's layers, as stored, in MB."""
    number, unit = re.fullmatch(r"([\d.]+)\s*(\w+)", images()[image]).groups()  # type: ignore[union-attr]
    return round(float(number) * {"KB": 0.001, "MB": 1, "GB": 1000}[unit], 1)


def timed(work: Callable[[Path], object], folder: Path) -> float:
    began = time.monotonic()
    work(folder)
    return round(time.monotonic() - began, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the base image, for the next time")
    parser.add_argument("--strict", action="store_true", help="end with 1 where it cannot run")
    chosen = parser.parse_args()
    if reason := reason_not_to_run():
        print(f"skipped: {reason}")
        return int(chosen.strict)
    import image_run

    try:
        with tempfile.TemporaryDirectory(prefix="salesbrain-image-") as name:
            folder = Path(name)
            folder.chmod(0o755)
            seconds = {
                "base": 0.0 if BASE in images() else timed(build_base, folder),
                "image": timed(build_image, folder),
            }
            sizes = {"base_mb": megabytes(BASE), "image_mb": megabytes(IMAGE)}
            began = time.monotonic()
            measured = image_run.try_it(IMAGE, folder)
            seconds["run"] = round(time.monotonic() - began, 1)
    finally:
        for image in images().keys() & {IMAGE, *([] if chosen.keep else [BASE])}:
            run("buildah", "rmi", "--force", image)
    print(json.dumps({"seconds": seconds, **sizes, **measured}, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
