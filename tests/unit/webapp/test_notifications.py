"""The bell and the list behind it."""

from __future__ import annotations

from sqlalchemy import select

from engine import jobs
from engine.model import Notification, User
from tests.supplier import Supplier, supplier
from tests.web import ORGANISATION, post


def tell(shop: Supplier, username: str, text: str, case: int | None = None) -> int:
    """Leave a message for somebody; gives its key."""
    with shop.database.transaction() as tx:
        user = tx.session.scalars(select(User.key).where(User.username == username)).one()
        notification = Notification(
            organisation_key=ORGANISATION,
            user_key=user,
            process_instance_key=case,
            severity="warning",
            template=text,
            params={},
            created_at=tx.now,
        )
        tx.session.add(notification)
        tx.session.flush()
        return notification.key


def test_the_bell_says_how_many_are_unread() -> None:
    shop = supplier()
    client = shop.built.client("clerk")
    assert "Notifications, 0 unread" in client.get("/tasks").text
    tell(shop, "clerk", "the reply is late")
    assert "Notifications, 1 unread" in client.get("/tasks").text


def test_everybody_sees_their_own_messages_only() -> None:
    shop = supplier()
    key = tell(shop, "clerk", "the reply is late")
    assert "the reply is late" in shop.built.client("clerk").get("/notifications").text
    other = shop.built.client("staff")
    assert "the reply is late" not in other.get("/notifications").text
    assert post(other, f"/notifications/{key}/open").status_code == 404
    post(other, "/notifications/read", key=key)
    assert "Notifications, 1 unread" in shop.built.client("clerk").get("/tasks").text


def test_opening_a_message_marks_it_and_leads_to_the_task() -> None:
    shop = supplier()
    case = shop.start()
    key = tell(shop, "clerk", "the reply is late", case)
    client = shop.built.client("clerk")
    answer = post(client, f"/notifications/{key}/open")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/tasks/")
    assert "Notifications, 0 unread" in client.get("/tasks").text


def test_all_or_one_are_marked_as_read() -> None:
    shop = supplier()
    client = shop.built.client("clerk")
    first = tell(shop, "clerk", "first")
    tell(shop, "clerk", "second")
    tell(shop, "clerk", "third")
    post(client, "/notifications/read", key=first)
    unread = client.get("/notifications?show=unread").text
    assert "first" not in unread.partition('class="notices"')[2]
    assert "second" in unread
    post(client, "/notifications/read")
    assert "No unread notifications" in client.get("/notifications?show=unread").text


def test_a_text_of_a_diagram_with_braces_is_shown_as_it_is() -> None:
    shop = supplier()
    tell(shop, "clerk", "call {customer} <now>")
    assert "call {customer} &lt;now&gt;" in shop.built.client("clerk").get("/notifications").text


def test_a_remark_that_mentions_somebody_tells_them() -> None:
    shop = supplier()
    shop.start()
    client = shop.built.client("clerk")
    post(client, "/tasks/1/comments", text="@administrator please look")
    assert (
        "clerk mentioned you: @administrator please look"
        in shop.built.client("administrator").get("/notifications").text
    )


def test_a_reminder_of_the_diagram_is_said_in_the_reader_s_language() -> None:
    shop = supplier()
    shop.plan(shop.start())
    shop.later(hours=3)
    jobs.run_due(shop.database)
    english = shop.built.client("clerk").get("/notifications").text
    assert "the customer has not been told the plan" in english
    assert "Important" in english
    assert "接报已满 2 小时" in shop.built.client("clerk", "zh_CN").get("/notifications").text
