"""A hundred people send the same task's form to a running server: one is thanked, the others keep what they typed."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select
from waitress.server import create_server

from engine.access import engine_actor
from engine.clock import SystemClock
from engine.commands import process_instances, users
from engine.database import Database
from engine.model import User, UserTask
from engine.settings import Settings
from tests.builders import ORGANISATION, deploy, diagram, flow, new_database, user_task
from tests.crash.steps import problems
from tests.web import csrf_token
from webapp import create_app

PEOPLE = 100
NOTE = {"type": "textarea", "key": "note", "label": "备注"}


def noting() -> bytes:
    """start → check (with a note) → end."""
    body = '<bpmn:startEvent id="start"/>' + user_task("check", extra='<zeebe:formDefinition formId="noting"/>')
    body += '<bpmn:endEvent id="end"/>' + flow("start", "check") + flow("check", "end")
    return diagram(body, "noting")


def prepared(database: Database) -> tuple[int, list[int]]:
    """A case at its task; gives the task and the people, who need no password: they are signed in already."""
    form = {"id": "noting", "type": "default", "components": [NOTE]}
    deploy(database, noting_bpmn=noting(), noting_form=json.dumps(form).encode())
    with database.transaction() as tx:
        people = [
            User(username=f"p{n}", display_name=f"p{n}", password_hash="", session_stamp="s", created_at=tx.now)
            for n in range(PEOPLE)
        ]
        tx.session.add_all(people)
        tx.session.flush()
        for person in people:
            users.grant_role(tx, engine_actor(ORGANISATION), person, "clerk")
        process_instances.start(tx, engine_actor(ORGANISATION), "noting")
    with database.reading() as tx:
        return tx.session.scalars(select(UserTask.key)).one(), [person.key for person in people]


def signed_in(app: Flask, user_key: int) -> tuple[str, str]:
    """The cookie and the CSRF token of somebody's session."""
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(user=user_key, stamp="s", organisation=ORGANISATION)
    token = csrf_token(client)
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}", token


@contextmanager
def served(app: Flask) -> Generator[int]:
    """The application behind a real server; gives its port."""
    server = create_server(app, host="127.0.0.1", port=0, threads=16)
    thread = Thread(target=server.run)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        thread.join(30)


def test_one_of_a_hundred_submits_wins_and_nobody_loses_what_they_typed(tmp_path: Path) -> None:
    database = new_database(f"sqlite:///{tmp_path / 'baoxiu.db'}", SystemClock())
    task, people = prepared(database)
    settings = Settings(home=tmp_path, database_url=database.url, handlers=(), secret_key=secrets.token_hex(32))
    app = create_app(settings, database)
    sessions = [signed_in(app, key) for key in people]
    gate = Barrier(PEOPLE)

    def submit(number: int) -> tuple[int, str]:
        cookie, token = sessions[number]
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        gate.wait()
        connection.request("POST", f"/tasks/{task}", urlencode({"csrf_token": token, "note": typed(number)}), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    with served(app) as port, ThreadPoolExecutor(PEOPLE) as pool:
        answers = list(pool.map(submit, range(PEOPLE)))
    assert sorted(status for status, _ in answers) == [303] + [409] * (PEOPLE - 1)
    assert all(typed(number) in text for number, (status, text) in enumerate(answers) if status == 409)
    assert problems(database) == []
    database.dispose()


def typed(number: int) -> str:
    """What a person wrote."""
    return f"漏水，第 {number} 人所写。"
