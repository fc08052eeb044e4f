"""Which language a page speaks, and the switches that work without a script."""

from __future__ import annotations

import pytest

from tests.web import installation, post


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("zh-CN,zh;q=0.9", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("de", "zh-CN"),
        ("", "zh-CN"),
        ("fr,en;q=0.5", "en"),
    ],
)
def test_a_stranger_is_spoken_to_in_the_browsers_language(header: str, tag: str) -> None:
    client = installation().app.test_client()
    assert f'<html lang="{tag}"' in client.get("/sign-in", headers={"Accept-Language": header}).text


def test_the_switch_is_kept_by_the_browser_and_by_the_user() -> None:
    built = installation()
    client = built.client("staff", locale="zh_CN")
    assert '<html lang="zh-CN"' in client.get("/profile").text
    answer = post(client, "/preferences/language", locale="en", next="/profile")
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert '<html lang="en"' in client.get("/profile").text
    elsewhere = built.client("staff", locale="zh_CN")
    assert '<html lang="en"' in elsewhere.get("/profile").text


def test_the_theme_is_kept_by_the_browser() -> None:
    client = installation().client()
    assert "data-theme" not in client.get("/sign-in").text.partition("<head>")[0]
    post(client, "/preferences/theme", theme="dark", next="/sign-in")
    assert '<html lang="en" data-theme="dark">' in client.get("/sign-in").text
    post(client, "/preferences/theme", theme="system", next="/sign-in")
    assert '<html lang="en">' in client.get("/sign-in").text


def test_single_keys_can_be_turned_off() -> None:
    client = installation().client("staff")
    post(client, "/preferences/keys", keys="off", next="/profile")
    assert 'data-keys="off"' in client.get("/profile").text


@pytest.mark.parametrize(("path", "field"), [("language", "locale"), ("theme", "theme")])
def test_what_is_no_choice_is_refused(path: str, field: str) -> None:
    assert post(installation().client(), f"/preferences/{path}", **{field: "klingon"}).status_code == 400
