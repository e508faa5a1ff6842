"""A browser without a screen, for `make demo-check`: follows links and sends forms as a person's browser would.

Only the standard library, and only this machine's loopback address.
"""

import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """One form of a page: where it goes, what it holds, and which fields may be chosen from what."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    button: str = ""


@dataclass
class Page:
    """One answer: its address, status, text and what is in it."""

    url: str
    status: int
    content_type: str
    body: bytes
    text: str = ""
    title: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    def form(self, action_contains: str = "", *, has: str = "", button: str = "") -> Form:
        """The form whose address, field or button is named; it must be the only one."""
        found = [
            form
            for form in self.forms
            if action_contains in form.action
            and (not has or has in form.values or has in form.choices or has in form.files)
            and button in form.button
            and form.method == "post"
            and "logout" not in form.action
            and "preferences" not in form.action
        ]
        if len(found) != 1:
            offered = [(form.action, form.button, sorted({*form.values, *form.choices})) for form in self.forms]
            raise AssertionError(
                f"{self.url}: {len(found)} forms for {action_contains!r}/{has!r}/{button!r} in {offered}"
            )
        return found[0]

    def link(self, href_contains: str) -> str:
        """The first address that contains this."""
        for href, _ in self.links:
            if href_contains in href:
                return href
        raise AssertionError(f"{self.url} ({self.title}): no link to {href_contains!r} in {[h for h, _ in self.links]}")


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.words: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._option: list[str] | None = None
        self._href: str | None = None
        self._link_words: list[str] = []
        self._area = ""
        self._in_button = False
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._href, self._link_words = given.get("href"), []
        elif tag == "title":
            self._in_title = True
        elif tag == "form":
            action = urllib.parse.urljoin(self.page.url, given.get("action", ""))
            self._form = Form(action, given.get("method", "get").lower())
            self.page.forms.append(self._form)
        elif self._form is not None:
            self._start_field(self._form, tag, given)

    def _start_field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "button":
            self._in_button = True
            if name:
                form.choices.setdefault(name, []).append((given.get("value", ""), "button"))
        elif tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select:
            self._option = [given.get("value", ""), ""]
            if "selected" in given:
                form.values.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            form.values.setdefault(name, [""])
        elif tag == "input" and name:
            if kind in {"radio", "checkbox"}:
                form.choices.setdefault(name, []).append((given.get("value", "on"), kind))
                if "checked" in given:
                    form.values.setdefault(name, []).append(given.get("value", "on"))
            elif kind == "file":
                form.files.append(name)
            else:
                form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href is not None:
            self.page.links.append((self._href, " ".join(self._link_words)))
            self._href = None
        elif tag == "title":
            self._in_title = False
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "button":
            self._in_button = False
        elif tag == "option" and self._option is not None and self._form is not None:
            self._form.choices[self._select].append((self._option[0], self._option[1].strip()))
            self._option = None

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if self._in_title:
            self.page.title += words
        if self._option is not None:
            self._option[1] += words
        if self._in_button and self._form is not None:
            self._form.button += words
        if self._area and self._form is not None:
            self._form.values[self._area] = [data]
        if self._href is not None and words:
            self._link_words.append(words)
        if words:
            self.words.append(words)


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, base: str) -> None:
        if not base.startswith("http://127.0.0.1:"):
            raise ValueError("this browser opens only this machine's loopback address")
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # Loopback is never reached through a proxy.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)

    def get(self, address: str) -> Page:
        """Open an address."""
        return read(self.fetch(address))

    def fetch(self, address: str) -> Page:
        """The bare answer of an address, for whoever counts milliseconds: `read` finds what is in it."""
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.base, address)))

    def send(self, form: Form, files: dict[str, tuple[str, bytes]] | None = None, **answers: str | list[str]) -> Page:
        """Fill in and send a form. A field the form does not have is an error, as it would be for a person."""
        values = {name: list(kept) for name, kept in form.values.items()}
        for name, answer in answers.items():
            if name not in form.values and name not in form.choices:
                raise AssertionError(
                    f"{form.action}: no field {name}; there are {sorted({*form.values, *form.choices})}"
                )
            values[name] = [answer] if isinstance(answer, str) else answer
        pairs = [(name, value) for name, kept in values.items() for value in kept]
        request = urllib.request.Request(form.action, headers={"Referer": form.action})
        if files is None:
            request.data = urllib.parse.urlencode(pairs).encode()
        else:
            boundary = uuid.uuid4().hex
            request.data = _multipart(pairs, files, boundary)
            request.add_header("Content-Type", f"multipart/form-data; boundary={boundary}")
        return read(self._open(request))

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return Page(answer.url, answer.status, answer.headers.get("Content-Type", ""), answer.read())


def read(page: Page) -> Page:
    """Find the words, links and forms of an answer."""
    if page.content_type.startswith("text/html"):
        reader = _Reader(page)
        reader.feed(page.body.decode("utf-8"))
        page.text = " ".join(reader.words)
    return page


def _multipart(pairs: list[tuple[str, str]], files: dict[str, tuple[str, bytes]], boundary: str) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in pairs
    ]
    for name, (file_name, content) in files.items():
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
