"""The public sheet (公示): exactly what may be read, on exactly the days on which it may be read (promise P31)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from doudi.office import clock
from doudi.office.casework.queries import SheetEnded, SheetView, public_sheet
from doudi.office.evidence.rulebook import current_pack

GONE = 410


@require_GET
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """The sheet while it hangs; 410 afterwards, from caches too; 404 if there never was one."""
    found = public_sheet(token, today=clock.today())
    if found is None:
        return unkept(render(request, "404.html", status=404))
    if isinstance(found, SheetEnded):
        return unkept(render(request, "portal/ended.html", status=GONE))
    return unkept(render(request, "portal/sheet.html", _words(found)))


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


def _words(found: SheetView) -> dict[str, object]:
    pack, lang = current_pack(), "en" if (get_language() or "").startswith("en") else "zh"
    named = set(pack.divisions())
    labels = pack.document(f"programmes/{found.programme}/programme.yaml").data["label"]
    places = [pack.region_name(code, lang) for code in (found.village[:9], found.village) if code in named]
    return {
        "sheet": found,
        # Without the variant in brackets, which a passer-by need not know.
        "programme": labels[lang].partition("（")[0].partition(" (")[0],
        "township": places[0] if places else "",
        "place": " ".join(dict.fromkeys(places)),
    }


def unkept(reply: HttpResponse) -> HttpResponse:
    """Kept by nobody, shown to no search engine, told to no other site."""
    reply["Cache-Control"] = "no-store, max-age=0"
    reply["X-Robots-Tag"] = "noindex, nofollow, noarchive, nosnippet"
    # Other sites are told nothing; our own must be, or the browser sends a form with the origin "null".
    reply["Referrer-Policy"] = "same-origin"
    return reply
