"""A room with one form, one list and one diagram, to try the frame's own pieces without any process."""

from __future__ import annotations

import json
from datetime import timedelta

from flask import Blueprint, Response, render_template_string, request

from engine.access import Permission
from engine.feel import Environment
from engine.form_schema import read_form
from tests.web import NOW
from webapp import forms
from webapp.access import requires

SCHEMA = {
    "type": "default",
    "id": "plan",
    "schemaVersion": 16,
    "components": [
        {
            "type": "group",
            "key": "plan",
            "label": "方案",
            "properties": {"label.en": "Plan", "standards": "方案写明可能的故障点。", "source": "000 节点 3"},
            "components": [
                {"type": "textarea", "key": "points", "label": "故障点", "validate": {"required": True}},
                {"type": "checkbox", "key": "urgent", "label": "急件"},
                {"type": "textfield", "key": "why", "label": "原因", "conditional": {"hide": "=urgent != true"}},
                {
                    "type": "radio",
                    "key": "warranty",
                    "label": "保修",
                    "values": [{"value": "in", "label": "保修期内"}, {"value": "out", "label": "保修期外"}],
                },
            ],
        },
        {
            "type": "group",
            "key": "cost",
            "label": "部件",
            "components": [
                {
                    "type": "dynamiclist",
                    "path": "parts",
                    "label": "部件清单",
                    "defaultRepetitions": 1,
                    "allowAddRemove": True,
                    "components": [
                        {"type": "textfield", "key": "name", "label": "名称"},
                        {"type": "number", "key": "quantity", "label": "数量", "decimalDigits": 0},
                    ],
                },
                {
                    "type": "expression",
                    "key": "pieces",
                    "label": "件数",
                    "expression": "=sum(for part in parts return if part.quantity = null then 0 else part.quantity)",
                    "computeOn": "change",
                },
            ],
        },
    ],
}
FORM = read_form(json.dumps(SCHEMA).encode(), "plan.form")

_FORM_PAGE = """{% extends "base.html" %}
{% import "macros/components.html" as ui %}{% import "macros/forms.html" as forms %}
{% block title %}方案{% endblock %}
{% block content %}<form method="post" action="/sample" novalidate data-guard>{{ ui.csrf() }}
<div class="stack">{{ forms.problems(view) }}{{ forms.body(view, "/sample") }}
<div>{{ ui.button("提交", "primary") }}</div></div></form>{% endblock %}"""

_LIST_PAGE = """{% extends "base.html" %}{% import "macros/components.html" as ui %}
{% block title %}任务{% endblock %}
{% block content %}{% call ui.card(label="任务列表") %}
<form class="toolbar" role="search">{{ ui.search("搜索任务") }}</form>
<table class="table fixed sticky cards" data-list><thead><tr><th><input type="checkbox" data-all aria-label="全选"></th>
<th>截止</th><th>任务</th></tr></thead><tbody>{% for minutes in (-42, 34, 900) %}<tr>
<td class="c-check"><input type="checkbox" name="key" value="{{ loop.index }}" aria-label="选择 {{ loop.index }}"></td>
<td class="c-due">{{ ui.due(after(minutes)) }}</td>
<td class="c-task"><a class="open" href="/sample?task={{ loop.index }}">故障受理 {{ loop.index }}</a></td></tr>
{% endfor %}
</tbody></table>{{ ui.pagination(1, 3, 3, keys=true) }}
<div class="batchbar" data-batch hidden><span class="strong">已选 <span data-count>0</span> 项</span></div>{% endcall %}
{% endblock %}"""

_DIAGRAM_PAGE = """{% extends "base.html" %}{% import "macros/components.html" as ui %}
{% block title %}工单{% endblock %}
{% block styles %}<link rel="stylesheet" href="{{ asset('diagram.css') }}">{% endblock %}
{% block scripts %}
<script type="module" nonce="{{ csp_nonce() }}" src="{{ asset('diagram.js') }}"></script>
{% endblock %}
{% block content %}
{{ ui.diagram(xml, "/sample/markers.json") }}
{{ ui.diagram(xml, "/sample/markers.json", mini=true) }}
{% endblock %}"""

MARKERS = {
    "done": ["start"],
    "now": ["intake"],
    "incidents": [],
    "taken": ["first"],
    "tokens": {"intake": 2, "gone": 1},
}
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="sample"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <bpmn:process id="sample" isExecutable="true"><bpmn:startEvent id="start"/>
    <bpmn:userTask id="intake" name="1 故障受理"/><bpmn:sequenceFlow id="first" sourceRef="start" targetRef="intake"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="plane" bpmnElement="sample">
    <bpmndi:BPMNShape id="s1" bpmnElement="start">
      <dc:Bounds x="100" y="82" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="intake">
      <dc:Bounds x="200" y="60" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="first"><di:waypoint x="136" y="100"/><di:waypoint x="200" y="100"/>
    </bpmndi:BPMNEdge></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""


def sample_pages() -> Blueprint:
    """The room; `tests.web.installation` takes it."""
    pages = Blueprint("sample", __name__)
    staff = requires(Permission.USER_TASK_READ)

    @pages.get("/sample/list")
    @staff
    def worklist() -> str:
        return render_template_string(_LIST_PAGE, after=lambda minutes: NOW + timedelta(minutes=minutes))

    @pages.get("/sample/diagram")
    @staff
    def diagram() -> str:
        return render_template_string(_DIAGRAM_PAGE, xml=request.args.get("source", "/sample/diagram.bpmn"))

    @pages.get("/sample/diagram.bpmn")
    @staff
    def diagram_xml() -> Response:
        return Response(DIAGRAM, mimetype="application/xml")

    @pages.get("/sample/markers.json")
    @staff
    def markers() -> dict[str, object]:
        return dict(MARKERS)

    @pages.get("/sample")
    @staff
    def form() -> str:
        return _form_page({}, {}, {})

    @pages.post("/sample")
    @staff
    def submit() -> tuple[str, int]:
        data, environment = forms.posted(), _environment()
        if forms.is_redraw(data):
            drawn = FORM.submit(forms.with_row_changed(data), {}, environment, draft=True)
            return _form_page(drawn.values, {}, drawn.typed), 200
        sent = FORM.submit(forms.fields_only(data), {}, environment)
        return _form_page(sent.values, sent.errors, sent.typed), 200 if sent.is_valid else 422

    return pages


def _form_page(values: dict, errors: dict, typed: dict) -> str:  # type: ignore[type-arg]
    view = FORM.render_model(values, errors, forms.form_locale(), {}, _environment(), typed)
    return render_template_string(_FORM_PAGE, view=view)


def _environment() -> Environment:
    return Environment(now=lambda: NOW)
