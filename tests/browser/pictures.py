"""The two pictures of the README, made anew from the demo: ``python -m tests.browser.pictures``.

The demo is played on a fixed morning, so that the pictures change only when the pages do.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser
from sqlalchemy import select

from engine.model import UserTask
from tests.browser.people import Office, Person
from tests.company import CLERK, Company, company_at_work
from tests.play import browser, serving

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
LARGEST = 300_000
PLAN = {
    "planned_technician": "赵海涛（电气部）",
    "labour_hours": "6.5",
    "staffing": "电气 1 人，1 天",
    "experts_consulted": "冯波",
    "customer_preparation": "停机 4 小时；现场配 1 名电工",
}


def main() -> None:
    """Make both pictures. Raises SystemExit when one is too large for a README."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        company = company_at_work(Path(folder))
        with serving(company.app) as address, browser() as chromium:
            take_pictures(company, chromium, address)
        company.database.dispose()
    for path in sorted(FOLDER.glob("*.png")):
        size = path.stat().st_size
        print(f"{path.relative_to(Path.cwd())}: {size:,} bytes")
        if size > LARGEST:
            raise SystemExit(f"{path.name} is larger than {LARGEST:,} bytes")


def take_pictures(company: Company, chromium: Browser, address: str) -> None:
    """The clerk's worklist, and the plan of one case half filled in beside its standards."""
    office = Office(chromium, address)
    clerk = office.person(CLERK)
    clerk.page.goto("/tasks")
    clerk.page.screenshot(path=FOLDER / "worklist.png")
    clerk.page.goto(f"/tasks/{newest_plan(company)}")
    fill_in(clerk)
    clerk.page.screenshot(path=FOLDER / "task.png")
    office.close()


def newest_plan(company: Company) -> int:
    """The plan that was begun last."""
    with company.database.reading() as tx:
        plans = select(UserTask.key).where(UserTask.element_id == "solution_plan", UserTask.state == "open")
        return tx.session.scalars(plans.order_by(UserTask.key.desc()).limit(1)).one()


def fill_in(clerk: Person) -> None:
    """Fill in some of the plan, and wait until it is drawn and kept as a draft."""
    clerk.page.locator(".bpmn[data-drawn]").wait_for()
    clerk.fill(PLAN)
    clerk.page.locator("h1").click()
    clerk.page.locator("[data-draft-status]").filter(has_text="草稿").wait_for()
    clerk.page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    main()
