"""The last proof as a page for staff. An admin site wires it: `path("isolation/", site.admin_view(page.last_proof))`."""

from django.http import HttpRequest, HttpResponse

from salesbrain.isolation.report import as_html, latest

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
NONE_YET = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Proof of isolation</title></head><body>
<h1>No proof yet</h1><p>Run <code>manage.py prove_isolation</code> on this installation; its result is then shown here.</p>
<p lang="de">Noch kein Nachweis: <code>manage.py prove_isolation</code> auf dieser Installation ausführen; das Ergebnis steht dann hier.</p>
</body></html>"""


def last_proof(request: HttpRequest) -> HttpResponse:
    """Return the document that was written last, under a policy of its own: it has its styles in itself and runs nothing."""
    data = latest()
    response = HttpResponse(as_html(data) if data else NONE_YET, headers={"Content-Security-Policy": POLICY})
    response.headers["Cache-Control"] = "no-store"
    return response
