"""The office that stories use: a committed copy of the database, served by the real web server."""

import http.client
import re
from urllib.parse import urlencode, urlsplit

from running_office import OfficeCopy


def test_a_copy_is_set_up_and_served_and_a_person_sees_their_work(office_copy: OfficeCopy) -> None:
    logins = office_copy.set_up()
    with office_copy.serving() as address:
        server = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        server.request("GET", "/login")
        answer = server.getresponse()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
        cookie = (answer.headers["Set-Cookie"] or "").split(";", 1)[0]
        assert token
        form = {"csrfmiddlewaretoken": token[1], "username": "clerk1", "password": logins["clerk1"]["password"]}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        server.request("POST", "/login", urlencode(form), headers)
        answer = server.getresponse()
        answer.read()
        assert answer.status == 302
        session = next(c for c in answer.headers.get_all("Set-Cookie", []) if c.startswith("doudi_session="))
        server.request("GET", "/", headers={"Cookie": session.split(";", 1)[0]})
        answer = server.getresponse()
        assert answer.status == 200
        assert logins["clerk1"]["name"] in answer.read().decode()
    with office_copy.connect("admin") as admin:
        assert admin.execute("SELECT count(*) FROM audit_entry WHERE verb = 'user.log_in'").fetchone() == (1,)
