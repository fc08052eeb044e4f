"""People of the company at their browsers: what a page test does in their words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from engine.demo import PASSWORD
from engine.demo.files import content_of
from tests.play import WIDE, new_page, sign_in

MEDIA_TYPES = {"png": "image/png", "pdf": "application/pdf", "csv": "text/csv"}
Values = Mapping[str, str | bool]


@dataclass
class Person:
    """Somebody signed in, with one window."""

    page: Page

    def find_task(self, number: str, name: str) -> Locator:
        """The line of a task in the worklist, which is opened first."""
        self.page.goto("/tasks")
        row = self.page.locator("table[data-list] tbody tr").filter(has_text=number)
        return row.filter(has=self.page.locator("a.open").filter(has_text=name))

    def open_task(self, number: str, name: str) -> int:
        """Go from the worklist to a task; gives its key."""
        self.find_task(number, name).locator("a.open").click()
        expect(self.page.locator("h1")).to_contain_text(name)
        return int(self.page.url.partition("?")[0].rpartition("/")[2])

    def fill(self, values: Values) -> None:
        """Fill in fields by their names, in order; whatever appears because of an answer is waited for."""
        for name, value in values.items():
            self._fill(name, value)

    def _fill(self, name: str, value: str | bool) -> None:
        field_ = self.page.locator(f'#form-body [name="{name}"]:not([type=hidden])')
        field_.first.wait_for()
        kind = field_.first.evaluate("field => field.type")
        if kind == "radio":
            self.page.locator(f'#form-body [name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            field_.set_checked(bool(value))
        elif kind == "select-one":
            field_.select_option(str(value))
        else:
            field_.fill(str(value))

    def attach(self, key: str, *names: str) -> None:
        """Choose files for a piece of evidence and wait until the page says they are kept."""
        self.page.locator(f"#file-{key}").set_input_files([payload(name) for name in names])
        for name in names:
            expect(self.page.locator(f"#slot-{key}")).to_contain_text(name)

    def submit(self) -> None:
        """Press the primary button and see that the task is done."""
        self.press_submit()
        expect(self.page.locator(".notice.flash.ok")).to_be_visible()

    def press_submit(self) -> None:
        """Press the primary button, whatever comes of it."""
        self.page.locator(".actionbar button.primary").click()

    def refused_fields(self) -> set[str]:
        """Where the summary of a refused form leads to."""
        summary = self.page.locator(".notice.bad[role=alert]")
        expect(summary).to_be_visible()
        links = summary.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        return {str(link).removeprefix("#").removeprefix("field-") for link in links}

    def do(self, number: str, name: str, values: Values, files: Mapping[str, tuple[str, ...]] | None = None) -> int:
        """A whole task: open it, fill it in, add files, submit; gives its key."""
        key = self.open_task(number, name)
        self.fill(values)
        for document, names in (files or {}).items():
            self.attach(document, *names)
        self.submit()
        return key


@dataclass
class Office:
    """Everybody's windows on one server; opened when somebody is first asked for, closed together."""

    chromium: Browser
    address: str
    locale: str = "zh-CN"
    size: tuple[int, int] = WIDE
    scripts: bool = True
    _stack: ExitStack = field(default_factory=ExitStack)
    _people: dict[str, Person] = field(default_factory=dict[str, Person])

    def person(self, username: str) -> Person:
        """Somebody, signed in."""
        if username not in self._people:
            page = self._stack.enter_context(
                new_page(self.chromium, self.address, self.size, self.locale, scripts=self.scripts)
            )
            sign_in(page, username, PASSWORD)
            self._people[username] = Person(page)
        return self._people[username]

    def close(self) -> None:
        """Close all windows; what a console complained about fails the test here."""
        self._stack.close()


@contextmanager
def office(chromium: Browser, address: str, scripts: bool = True) -> Iterator[Office]:
    """People's windows in Chinese, closed at the end."""
    opened = Office(chromium, address, scripts=scripts)
    try:
        yield opened
    finally:
        opened.close()


def payload(name: str) -> FilePayload:
    """A file that somebody uploads."""
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
    return {"name": name, "mimeType": media_type, "buffer": content_of(name)}
