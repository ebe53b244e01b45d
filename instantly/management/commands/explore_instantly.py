"""Call every read-only endpoint of Instantly, print results: `manage.py explore_instantly`."""

from typing import Any

from accounts.models import ProviderConnection
from instantly.connections import api_probe
from instantly.connections.services import client_for
from instantly.management.connection_command import ConnectionCommand


class Command(ConnectionCommand):
    help = (
        "Probe every reading endpoint of a workspace: scope, latency, shape, fields we do not map yet, numbers we have no word "
        "for. Changes nothing. Example: manage.py explore_instantly --connection acme"
    )

    def handle_connection(self, connection: ProviderConnection, **options: Any) -> dict[str, Any]:
        with client_for(connection) as client:
            probes = [probe.as_dict() for probe in api_probe.probe_endpoints(client)]
        return {"connection": connection.name, "v1": api_probe.V1_DEPRECATED, "probes": probes}

    def show(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['connection']}: {len(result['probes'])} reading endpoints")
        for probe in result["probes"]:
            size = "" if probe["items"] is None else f" {probe['items']}"
            line = f"  {probe['outcome']:<9} {probe['milliseconds']:>5} ms  {probe['call']:<52} {probe['shape']}{size}"
            self.stdout.write(line.rstrip() + (f"  [{probe['scope']}]" if probe["scope"] else ""))
            for name, text in (("not mapped", ", ".join(probe["unmapped"])), ("says", probe["detail"])):
                if text:
                    self.stdout.write(f"              {name}: {text}")
            for field, values in probe["unknown_values"].items():
                self.stdout.write(f"              no word for {field}: {', '.join(map(str, values))}")
            for misfit in probe["misfits"][:3]:
                self.stdout.write(f"              does not fit: {misfit}")
        self.stdout.write(f"  {result['v1']}")

    def succeeded(self, result: dict[str, Any]) -> bool:
        return not any(probe["outcome"] == "failed" for probe in result["probes"])
