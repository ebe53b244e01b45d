"""Health check of the web's container.

Ends with 0 if /healthz answers 200, else with 1 and prints the reason. The request names a host of ALLOWED_HOSTS, because one by address
alone is answered 400. Needs only the standard library.
"""

import os
import sys
import urllib.request


def main() -> int:
    host = os.environ.get("ALLOWED_HOSTS", "127.0.0.1").split(",")[0].strip(" .")
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8001')}/healthz"
    try:
        urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=4).close()
    except OSError as error:
        print(f"{address}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
