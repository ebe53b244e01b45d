"""Build the image of deploy/Containerfile without a container engine, and run it.

    python .ci/image.py [--keep]

As root, with Debian's `buildah` and `mmdebstrap`. The base image is made of Debian packages, because registries of images are out of reach
of many build machines; the wheels are downloaded by the hashes of requirements/base.txt. The web process is then started from the image as
its user on a read-only root, against this checkout's embedded PostgreSQL. Prints the seconds of each step, the image's size and the start
time. If the tools are missing it prints the reason and exits with 0; with --strict it exits with 1.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BASE, IMAGE, PORT = "salesbrain-base", "salesbrain", 18311
SUITE, INCLUDED = "bookworm", "python3,python3-venv,ca-certificates,adduser"
NEEDED = ("buildah", "mmdebstrap")
ROOM = ("--isolation", "chroot")


def run(*command: str | Path, cwd: Path = CHECKOUT, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, **options
    )  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(
            f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return str(done.stdout)


def reason_not_to_run() -> str:
    if os.geteuid():
        return "building needs root (chroot, mounts)"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    return f"Debian's packages are missing: apt-get install {' '.join(missing)}" if missing else ""


def build_base(folder: Path) -> None:
    """Make the base image of Debian packages, from the sources that this machine's apt uses."""
    archive = folder / "base.tar"
    run("mmdebstrap", "--variant=minbase", f"--include={INCLUDED}", SUITE, archive)
    container = run("buildah", "from", "scratch").strip()
    run("buildah", "add", container, archive)
    run("buildah", "commit", "--rm", container, BASE)
    archive.unlink()


def build_image(folder: Path) -> None:
    context = folder / "context"
    context.mkdir()
    files = run("git", "ls-files", "-z").split("\0")
    for name in filter(None, files):
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
        f"BASE=localhost/{BASE}",
        "-f",
        "deploy/Containerfile",
        "-t",
        IMAGE,
        ".",
        cwd=context,
    )


@contextmanager
def read_only_root(folder: Path) -> Iterator[Path]:
    """Mount the image read-only, with a place to write at /tmp and .local, /dev, /proc, and the database's socket."""
    container = run("buildah", "from", f"localhost/{IMAGE}").strip()
    root = folder / "root"
    root.mkdir()
    mounted: list[Path] = []

    def mount(*arguments: str | Path) -> None:
        run("mount", *arguments)
        mounted.append(Path(arguments[-1]))

    try:
        mount("--bind", run("buildah", "mount", container).strip(), root)
        run("mount", "-o", "remount,bind,ro", root)
        mount("-t", "tmpfs", "tmpfs", root / "tmp")
        mount("-t", "tmpfs", "tmpfs", root / "srv/salesbrain/.local")
        run("chmod", "1777", root / "tmp", root / "srv/salesbrain/.local")
        mount("-t", "proc", "proc", root / "proc")
        mount("--rbind", "/dev", root / "dev")
        yield root
    finally:
        for place in reversed(mounted):
            subprocess.run(["umount", "--recursive", "--lazy", str(place)], check=False)
        subprocess.run(["buildah", "rm", container], check=False, capture_output=True)


def inside(root: Path, *command: str) -> list[str]:
    """Return a command that runs in the image as its user."""
    (user,) = re.findall(r"^salesbrain:x:(\d+):(\d+)", (root / "etc/passwd").read_text(), re.MULTILINE)
    return [
        "chroot",
        f"--userspec={user[0]}:{user[1]}",
        str(root),
        "/bin/sh",
        "-c",
        f"cd /srv/salesbrain && exec {' '.join(command)}",
    ]


def try_it(folder: Path) -> dict[str, object]:
    """Start the web process from the image and return the measurements. Raises SystemExit if it does not answer or can write its root."""
    subprocess.run([sys.executable, "manage.py", "prepare_database", "--verbosity", "0"], cwd=CHECKOUT, check=True)
    with read_only_root(folder) as root:
        values = environment(root)
        written = subprocess.run(
            inside(root, "touch", "/srv/salesbrain/manage.py", "/usr/here"),
            env=values,
            capture_output=True,
            check=False,
        )
        if written.returncode == 0:
            raise SystemExit("The image's root can be written.")
        run(
            *inside(root, ".venv/bin/python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0"),
            env=values,
        )
        web = next(line for line in (CHECKOUT / "Procfile").read_text().splitlines() if line.startswith("web: "))
        command = web.removeprefix("web: exec python ").replace("$PORT", str(PORT))
        began = time.monotonic()
        process = subprocess.Popen(
            inside(root, ".venv/bin/python", command), env=values, stderr=subprocess.PIPE, text=True
        )
        try:
            answers = {path: answered(path, process) for path in ("/healthz", "/readyz", "/login")}
            started = round(time.monotonic() - began, 1)
            uid = os.stat(f"/proc/{process.pid}").st_uid
        finally:
            process.terminate()
            process.wait(30)
    if uid == 0:
        raise SystemExit("The web runs as root.")
    return {"start_seconds": started, "user_id": uid, "answers": answers}


def environment(root: Path) -> dict[str, str]:
    """Return the variables of the process in the image: a database over a socket that is bound into its /tmp."""
    url = run(sys.executable, "manage.py", "database_url").strip()
    owner = run(sys.executable, "manage.py", "database_url", "--owner").strip()
    (folder,) = set(re.findall(r"[?&]host=([^&]+)", url))
    place = root / "tmp/database"
    place.mkdir(mode=0o755)
    for name in Path(folder).glob(".s.PGSQL.*[0-9]"):
        forward(place / name.name, name)
    return {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "DATABASE_URL": url.replace(folder, "/tmp/database"),
        "DATABASE_OWNER_URL": owner.replace(folder, "/tmp/database"), "SECRET_KEY": os.urandom(40).hex(), "HTTPS": "false",
        "SALESBRAIN_ENCRYPTION_KEYS": (CHECKOUT / ".local/salesbrain_encryption_keys").read_text().strip(),
        "ALLOWED_HOSTS": "127.0.0.1", "PUBLIC_URL": "http://127.0.0.1", "PORT": str(PORT),
    }  # fmt: skip


def forward(listening: Path, to: Path) -> None:
    """Forward connections of any user to the embedded server's socket, which only that server's user may open."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(listening))
    listening.chmod(0o777)
    server.listen(100)

    def accept() -> None:
        while True:
            client, _ = server.accept()
            upstream = socket.socket(socket.AF_UNIX)
            upstream.connect(str(to))
            for source, sink in ((client, upstream), (upstream, client)):
                threading.Thread(target=pump, args=(source, sink), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def answered(path: str, process: "subprocess.Popen[str]") -> int:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit(
                f"The web ended with {process.returncode}:\n{process.stderr.read()[-3000:] if process.stderr else ''}"
            )
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{path}: {error.code} {error.read()[:500]!r}") from error
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{path} did not answer within 30 s.")


def size_of(image: str) -> float:
    """Return the megabytes of an image's layers, as stored."""
    (found,) = [
        row
        for row in json.loads(run("buildah", "images", "--json"))
        if f"localhost/{image}:latest" in (row["names"] or [])
    ]
    return round(float(re.sub("[^0-9.]", "", str(found["size"]))), 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep the base image, for the next time")
    parser.add_argument("--strict", action="store_true", help="end with 1 where it cannot run")
    chosen = parser.parse_args()
    if reason := reason_not_to_run():
        print(f"skipped: {reason}")
        return int(chosen.strict)
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="salesbrain-image-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)
        known = json.loads(run("buildah", "images", "--json") or "[]")
        for step, work, wanted in (
            ("base", build_base, not any(f"localhost/{BASE}:latest" in (row["names"] or []) for row in known)),
            ("image", build_image, True),
        ):
            began = time.monotonic()
            if wanted:
                work(folder)
            seconds[step] = round(time.monotonic() - began, 1)
        measured = try_it(folder)
    print(json.dumps({"seconds": seconds, "base_mb": size_of(BASE), "image_mb": size_of(IMAGE), **measured}, indent=2))
    if not chosen.keep:
        run("buildah", "rmi", "--force", IMAGE, BASE)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
