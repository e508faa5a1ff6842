"""The clock of a demonstration: walk a week of publicity in one sitting. It exists in demonstrations and tests only."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.desk.sheets import DayField, Sheet

MORNING = time(9, 0)
FARTHEST = timedelta(days=400)
LEAPS_DAYS = (1, 3, 8)


class ClockSheet(Sheet):
    """To which day the clock is to go."""

    day = DayField(label=gettext_lazy("Go to the morning of"))


@require_http_methods(["GET", "POST"])
def demo_clock(request: HttpRequest) -> HttpResponse:
    """Shows the clock and moves it forward, never back: what was recorded must stay in order."""
    if not clock.may_be_set():
        raise Http404
    today = clock.today()
    sheet = ClockSheet(request.POST or None, initial={"day": today + timedelta(days=1)})
    if request.method == "POST" and sheet.is_valid():
        wanted = sheet.cleaned_data["day"]
        if wanted <= today:
            sheet.add_error("day", _("The clock only moves forward. Choose a day after today."))
        elif wanted > today + FARTHEST:
            sheet.add_error("day", _("That is more than a year away. Go in smaller steps."))
        else:
            clock.move_to(datetime.combine(wanted, MORNING, tzinfo=clock.SHANGHAI))
            messages.success(request, _("It is now the morning of %(day)s.") % {"day": wanted.isoformat()})
            return redirect("demo-clock")
    leaps = [(days, today + timedelta(days=days)) for days in LEAPS_DAYS]
    context = {"sheet": sheet, "today": today, "leaps": leaps}
    return render(request, "desk/demo_clock.html", context, status=422 if sheet.errors else 200)
