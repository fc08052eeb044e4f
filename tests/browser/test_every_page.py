"""Every page of the application, with the demo's data: accessible, as wide as its window, and nothing fails in it.

The pages come from the URL map (tests/browser/places.py); pictures of all of them are kept to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from engine.demo import PASSWORD
from tests.browser.places import Place, places
from tests.company import Company, company_at_work
from tests.play import PHONE, WIDE, browser, check_accessible, check_fits, needs_chromium, new_page, picture, serving
from tests.play import sign_in as sign_in_as

pytestmark = needs_chromium

Played = tuple[Company, str, Browser]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The demo behind a server, and a browser."""
    company = company_at_work(tmp_path_factory.mktemp("every-page"))
    with serving(company.app) as address, browser() as chromium:
        yield company, address, chromium


@pytest.mark.parametrize(
    ("size", "locale"),
    [
        # Each is a minute or two: one of them every day, all four pairs in make verify.
        pytest.param(PHONE, "en", id="phone-en"),
        pytest.param(WIDE, "zh-CN", id="wide-zh", marks=pytest.mark.slow),
        pytest.param(WIDE, "en", id="wide-en", marks=pytest.mark.slow),
        pytest.param(PHONE, "zh-CN", id="phone-zh", marks=pytest.mark.slow),
    ],
)
def test_every_page_is_accessible_and_fits(played: Played, size: tuple[int, int], locale: str) -> None:
    company, address, chromium = played
    found = places(company)
    problems: list[str] = []
    for username in sorted({place.username for place in found}):
        with new_page(chromium, address, size, locale) as page:
            if username:
                sign_in_as(page, username, PASSWORD)
            for place in found:
                if place.username == username:
                    problems += look_at(page, place, f"pages/{place.name}-{locale}-{size[0]}")
    assert not problems, "\n\n".join(problems)


def look_at(page: Page, place: Place, name: str) -> list[str]:
    """Open a page, keep a picture, and give what is wrong with it. What is no page is only asked for."""
    answer = page.request.get(place.path)
    if not answer.ok:
        return [f"{place.path} answers {answer.status}"]
    if not answer.headers["content-type"].startswith("text/html"):
        return []
    page.goto(place.path)
    for diagram in page.locator("[data-diagram]").all():
        diagram.and_(page.locator("[data-drawn]")).wait_for()
    picture(page, name)
    problems: list[str] = []
    for check in (check_accessible, check_fits):
        try:
            check(page)
        except AssertionError as error:
            problems.append(str(error))
    return problems
