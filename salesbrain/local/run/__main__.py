"""Command line of `make stop` and `make clean`: `python -m salesbrain.local.run stop|clean`.

No Django commands, because they must work while the code is broken.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesbrain.settings")


def main() -> int:
    from django.core.exceptions import ImproperlyConfigured

    from salesbrain.embedded_postgres import EmbeddedPostgresError
    from salesbrain.local.run.errors import RunError

    try:
        from salesbrain.local.run import launcher

        {"stop": launcher.stop, "clean": launcher.clean}[sys.argv[1]](lambda line: sys.stdout.write(f"{line}\n"))
    except (RunError, EmbeddedPostgresError, ImproperlyConfigured) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
