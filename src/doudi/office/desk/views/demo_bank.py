"""The bank of a demonstration: answers a bank file, so that a person can walk the whole way in one sitting."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from doudi.office import clock, crypto
from doudi.office.flows import pay
from doudi.office.org.presence import person_at
from doudi.office.payments import demo_bank, queries


@require_POST
def demo_bank_answer(request: HttpRequest, run_id: int) -> HttpResponse:
    """Gives the demonstration bank this run's file and downloads its answer; `fail` names the lines that bounce."""
    if not clock.may_be_set():
        raise Http404
    person = person_at(request)
    content = pay.download_bank_file(actor=person, run_id=run_id, keyring=crypto.keyring())
    lines, _count = queries.run_lines(run_id, reader=person)
    failing = set(request.POST.getlist("fail"))
    answer = demo_bank.answer(content, fail=[line.reference for line in lines if str(line.line) in failing])
    reply = HttpResponse(answer, content_type="text/csv; charset=GB18030")
    reply["Content-Disposition"] = f'attachment; filename="return-{run_id}.csv"'
    return reply
