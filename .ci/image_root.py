"""Files of a built image, mounted read-only, and declarations of its Containerfile.

Memory takes the place of /tmp and of the volume of deploy/compose.yaml. Needs root.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
CONTAINERFILE = CHECKOUT / "deploy/Containerfile"
VOLUME = "srv/salesbrain/.local"


@contextmanager
def read_only_root(image: str, folder: Path) -> Iterator[Path]:
    """Mount the image read-only, with memory at /tmp and at compose.yaml's volume, /dev and /proc; yield where."""
    container = output("buildah", "from", "--pull-never", image)
    root = folder / "root"
    root.mkdir()
    mounted: list[Path] = []

    def mount(*arguments: str | Path) -> None:
        output("mount", *arguments)
        mounted.append(Path(arguments[-1]))

    try:
        mount("--bind", output("buildah", "mount", container), root)
        output("mount", "-o", "remount,bind,ro", root)
        user, group = ids(root)
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / "tmp")
        mount("-t", "tmpfs", "-o", f"uid={user},gid={group}", "tmpfs", root / VOLUME)
        mount("-t", "proc", "proc", root / "proc")
        mount("--rbind", "/dev", root / "dev")
        output("mount", "--make-rslave", root / "dev")  # taking it away must not take the machine's away
        yield root
    finally:
        for place in reversed(mounted):
            subprocess.run(["umount", "--recursive", "--lazy", str(place)], check=False)
        subprocess.run(["buildah", "rm", container], check=False, capture_output=True)


def output(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def ids(root: Path) -> tuple[int, int]:
    """Return the numbers of the image's user and group. Raises SystemExit if it runs as root."""
    entries = re.findall(r"^salesbrain:x:(\d+):(\d+)", (root / "etc/passwd").read_text(), re.MULTILINE)
    if len(entries) != 1 or entries[0][0] == "0":
        raise SystemExit(f"The image has no ordinary user salesbrain: {entries}")
    return int(entries[0][0]), int(entries[0][1])


def image_variables() -> dict[str, str]:
    """Return the ENV of deploy/Containerfile."""
    (line,) = re.findall(r"^ENV (.+)$", CONTAINERFILE.read_text(), re.MULTILINE)
    pairs = dict(pair.split("=", 1) for pair in line.split())
    return pairs | {
        "PATH": pairs["PATH"].replace("$PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    }


def health_check() -> list[str]:
    """Return the command of the Containerfile's HEALTHCHECK."""
    (command,) = re.findall(r"^HEALTHCHECK .*CMD (\[.+\])$", CONTAINERFILE.read_text(), re.MULTILINE)
    return [str(word) for word in json.loads(command)]
