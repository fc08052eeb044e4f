"""One box over cases and tasks."""

from __future__ import annotations

from tests.supplier import supplier


def test_cases_and_tasks_are_found_by_number_customer_and_fault() -> None:
    shop = supplier()
    number = shop.case(shop.start(customer_name="杭州瑞康食品")).number
    shop.start(customer_name="佛山顺联陶瓷")
    client = shop.built.client("clerk")
    for text in ("瑞康", "sh-2026-0001", "瑞康 称重模块"):
        page = client.get("/search", query_string={"q": text}, follow_redirects=True).text
        assert number in page, text
        assert "佛山顺联陶瓷" not in page, text


def test_a_number_typed_in_full_leads_to_its_task() -> None:
    shop = supplier()
    number = shop.case(shop.start()).number
    answer = shop.built.client("clerk").get(f"/search?q={number}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tasks/1")


def test_what_the_actor_may_not_see_is_not_found() -> None:
    shop = supplier()
    number = shop.case(shop.start(customer_name="杭州瑞康食品")).number
    page = shop.built.client("staff").get("/search?q=瑞康").text
    assert number not in page
    assert "Nothing found" in page
    assert number in shop.built.client("compliance").get("/search?q=瑞康").text


def test_signs_of_patterns_are_letters_like_others() -> None:
    shop = supplier()
    shop.start(customer_name="百分之百")
    page = shop.built.client("clerk").get("/search", query_string={"q": "%_%"}).text
    assert "Nothing found" in page


def test_a_single_letter_finds_nothing() -> None:
    shop = supplier()
    shop.start()
    assert "Nothing found" in shop.built.client("clerk").get("/search?q=S").text
