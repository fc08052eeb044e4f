"""The pages: what each process says of roles, deadlines, documents and decisions, and where that stands in the text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from engine.bpmn import Element, Specification, read_processes
from engine.data_files import ORGANISATION_FILE, definition_files, organisation_folders
from engine.dmn import Model, read_dmn
from engine.dmn.model import DecisionTable, tables_in
from engine.handbook.svg import draw
from engine.layout import read_picture

REQUIRED, PRODUCED, OPTIONAL = "必备 · required", "产生 · produced", "可缺 · optional"
Names = Mapping[str, str]


def handbook(processes: Path) -> dict[str, str]:
    """Every page and picture of the handbook, by its path below ``docs/processes``."""
    pages: dict[str, str] = {}
    titles: list[str] = []
    for folder in organisation_folders(processes):
        organisation = _Organisation(folder)
        pages |= organisation.pages()
        titles.append(f"- [{organisation.title}]({folder.name}/README.md)")
    intro = "由流程图、决策表和表单生成：`baoxiu docs`。Generated from the diagrams, tables and forms."
    pages["README.md"] = "\n".join(["# 流程手册 · Process handbook", "", intro, "", *titles, ""])
    return pages


class _Organisation:
    """What the folder of an organisation holds, read once."""

    def __init__(self, folder: Path) -> None:
        self.key = folder.name
        data: dict[str, Any] = yaml.safe_load((folder / ORGANISATION_FILE).read_text(encoding="utf-8"))
        self.title = _both(data["organisation"]["name"], data["organisation"].get("name.en", ""))
        roles: dict[str, Any] = data["roles"]
        self.roles: Names = {key: _both(role["name"], role.get("name.en", "")) for key, role in roles.items()}
        self.superiors: Names = {key: str(role.get("superior") or "") for key, role in roles.items()}
        files = definition_files(folder)
        self.diagrams = {name: content for name, content in files.items() if name.endswith(".bpmn")}
        self.tables = [read_dmn(content, name) for name, content in files.items() if name.endswith(".dmn")]
        self.documents: Names = dict(_document(content) for name, content in files.items() if name.endswith(".form"))

    def pages(self) -> dict[str, str]:
        """The index, and a page and a picture for each process."""
        pages: dict[str, str] = {}
        rows: list[tuple[str, ...]] = []
        for name, content in self.diagrams.items():
            pictures = read_picture(content, name)
            for process in read_processes(content, name).processes:
                key = process.process_id
                picture = next((each for each in pictures if set(process.elements) <= set(each.shapes)), None)
                if picture is not None:
                    pages[f"{self.key}/{key}.svg"] = draw(process, picture)
                pages[f"{self.key}/{key}.md"] = "\n".join(_Page(self, process).lines(picture is not None))
                steps = sum(element.type == "userTask" for element in process.elements.values())
                rows.append((f"[{process.name}]({key}.md)", process.gloss, str(steps)))
        lines = [f"# {self.title}", "", *_table(("流程", "Process", "人工任务 · Tasks"), rows), ""]
        pages[f"{self.key}/README.md"] = "\n".join(lines)
        return pages


class _Page:
    """The page of one process."""

    def __init__(self, organisation: _Organisation, process: Specification) -> None:
        self.organisation = organisation
        self.process = process
        self.steps = [element for element in process.elements.values() if element.name]

    def lines(self, drawn: bool) -> Iterator[str]:
        process = self.process
        yield f"# {_both(process.name, process.gloss)}"
        yield ""
        for line in process.documentation.splitlines()[1:]:
            yield f"{line}  "
        if drawn:
            yield from ("", f"[![{process.name}]({process.process_id}.svg)]({process.process_id}.svg)")
        yield from self.section("角色 · Roles", ("角色", "任务 · Tasks", "上级 · Superior"), self.roles())
        yield from self.section("时限 · Deadlines", ("步骤", "Step", "期限或定时 · Due or timer"), self.deadlines())
        yield from self.section("文档 · Documents", ("步骤", "文档", "要求"), self.documents())
        for element in self.steps:
            if element.called_decision:
                yield from self.decision(element, element.called_decision.decision_id)
        heads = ("步骤", "Step", "元素 · Element", "文档节点 · Node of the document")
        yield from self.section("追溯 · Trace", heads, self.trace())
        yield ""

    def section(self, title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
        if rows:
            yield from ("", f"## {title}", "", *_table(heads, rows))

    def roles(self) -> list[tuple[str, ...]]:
        tasks: dict[str, list[str]] = {}
        for element in self.steps:
            for key in (element.assignment.candidate_groups or "").split(","):
                if key.strip():
                    tasks.setdefault(key.strip(), []).append(element.name)
        names, superiors = self.organisation.roles, self.organisation.superiors
        return [
            (names.get(key, f"`{key}`"), "、".join(steps), names.get(superiors.get(key, ""), ""))
            for key, steps in tasks.items()
        ]

    def deadlines(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for element in self.steps:
            for text in (element.schedule.due_date, element.event.timer_value):
                if text:
                    rows.append((element.name, element.gloss, f"`{' '.join(text.split())}`"))
        return rows

    def documents(self) -> list[tuple[str, ...]]:
        names = self.organisation.documents
        return [
            (element.name, names.get(key, f"`{key}`"), label)
            for element in self.steps
            for key, label in _evidence(element)
        ]

    def decision(self, element: Element, key: str) -> Iterator[str]:
        """The rules behind a business rule task, as its table has them."""
        yield from ("", f"## 决策：{_both(element.name, element.gloss)}", "")
        table = _decision_table(self.organisation.tables, key)
        if table is None:
            yield f"`{key}`"
            return
        heads = (*(each.title for each in table.inputs), *(f"→ {each.title}" for each in table.outputs), "说明")
        rows = [
            (
                *(f"`{cell.text or '-'}`" for cell in (*rule.tests, *rule.results)),
                "；".join(filter(None, rule.annotations)),
            )
            for rule in table.rules
        ]
        yield from _table(heads, rows)

    def trace(self) -> list[tuple[str, ...]]:
        return [
            (element.name, element.gloss, f"`{element.id}`", source)
            for element in self.steps
            if (source := element.properties.get("source") or _said(element))
        ]


def _evidence(element: Element) -> Iterator[tuple[str, str]]:
    """The documents of a step, each with what the step does with it."""
    produced, required, optional = (
        element.properties.get(kind, "").split() for kind in ("produces", "requires", "optional")
    )
    yield from ((key, PRODUCED) for key in produced)
    yield from ((key, OPTIONAL if key in optional else REQUIRED) for key in required)


def _said(element: Element) -> str:
    """What the documentation names as its source in the text, else what it says is proposed."""
    lines = element.documentation.splitlines()
    sources = [line for line in lines if line.startswith("来源：")] or [
        line for line in lines if line.startswith("拟定")
    ]
    return " ".join(sources)


def _decision_table(models: list[Model], key: str) -> DecisionTable | None:
    for model in models:
        if key in model.decisions:
            return next(tables_in(model.decisions[key].expression), None)
    return None


def _document(content: bytes) -> tuple[str, str]:
    form: dict[str, Any] = json.loads(content)
    properties: dict[str, str] = form.get("properties", {})
    return str(form["id"]), _both(properties.get("name", f"`{form['id']}`"), properties.get("name.en", ""))


def _both(chinese: str, english: str) -> str:
    return f"{chinese} · {english}" if english else chinese


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    for row in (heads, tuple("---" for _ in heads), *rows):
        yield f"| {' | '.join(' '.join(cell.replace('|', chr(92) + '|').split()) for cell in row)} |"
