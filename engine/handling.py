"""The protocol of service-task handlers: what a handler gets, what it gives back, and where handlers are registered.

A handler is a function from a `HandlerContext` to an `Outcome`. It never sees a database session: what it wants
written (variables, register entries, notices, cases to start) it *says*, and the engine writes it in the transaction
that
completes the service task. So a handler may run twice after a crash and its effects on our own state still happen once.
Effects outside (mail, payment) carry `HandlerContext.idempotency_key`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from engine.errors import N_, BaoxiuError


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a handler may know of the process instance: its key, its number (SH-2026-1187) and when it began (UTC)."""

    key: int
    number: str
    process_id: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class PriceItem:
    """A line of the organisation's price list; amounts in yuan per unit."""

    code: str
    name: str
    model: str
    unit: str
    list_price: Decimal
    cost_floor: Decimal


class PriceBook(Protocol):
    """The price list that is valid at the time of the call."""

    @property
    def version(self) -> str:
        """The list's name, for instance ``2026``; empty when there is none."""
        ...

    def find(self, code_or_name: str, model: str = "") -> PriceItem | None:
        """The item with this code, or with this name (and model, where one is given)."""
        ...


@dataclass(frozen=True, slots=True)
class FiledPaper:
    """A record or a register line as it was filed: of which case, when (UTC), and what it says."""

    document_type: str
    case_number: str
    filed_at: datetime
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PastCase:
    """A process instance. `state`: ``active``, ``completed`` or ``cancelled``; `ends`: the end events it reached."""

    number: str
    process_id: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PastTask:
    """A user task: when it could be worked on, when it was due and when it was completed (UTC), and by whom.

    `ended_at` and `completed_by` (a user name) are empty while it is open or when it was cancelled.
    """

    case_number: str
    element_id: str
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    completed_by: str


class Records(Protocol):
    """What the organisation has on record, for handlers that count a day or a month: its papers, cases and tasks.

    `since` is included, `until` is not; both are aware. Everything comes in order of time. Only inline handlers can
    read: the others run without a database (`RecordsOutOfReach`).
    """

    def papers(self, document_type: str, since: datetime, until: datetime) -> Sequence[FiledPaper]:
        """Records and register lines of a type that were filed in the period; of a record its newest version."""
        ...

    def cases(self, process_id: str, since: datetime, until: datetime) -> Sequence[PastCase]:
        """Cases of a process that were started in the period."""
        ...

    def tasks(self, process_id: str, element_id: str, since: datetime, until: datetime) -> Sequence[PastTask]:
        """Tasks of an element that appeared in the period."""
        ...


class HandlerFailure(BaoxiuError):
    """Raised by a handler that cannot do its work now; the job is retried, then becomes an incident."""

    template = N_("{detail}")


class RecordsOutOfReach(HandlerFailure):
    """A handler that runs outside a transaction asked for the records."""

    template = N_("The records can be read by inline handlers only. Register the handler with inline=True.")


class NoRecords:
    """The records of a handler that runs without a database: every question is refused."""

    def papers(self, document_type: str, since: datetime, until: datetime) -> Sequence[FiledPaper]:
        """Refused (`Records.papers`)."""
        raise RecordsOutOfReach

    def cases(self, process_id: str, since: datetime, until: datetime) -> Sequence[PastCase]:
        """Refused (`Records.cases`)."""
        raise RecordsOutOfReach

    def tasks(self, process_id: str, element_id: str, since: datetime, until: datetime) -> Sequence[PastTask]:
        """Refused (`Records.tasks`)."""
        raise RecordsOutOfReach


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """Everything a handler may read.

    `variables` are the FEEL values visible at the task (input mappings applied), `headers` the task's static headers,
    `now` an aware UTC time, `attempt` counts from 1; `idempotency_key` is the same for every attempt of one job.
    """

    variables: Mapping[str, object]
    headers: Mapping[str, str]
    case: CaseFacts
    organisation: str
    now: datetime
    prices: PriceBook
    idempotency_key: str
    attempt: int = 1
    records: Records = field(default_factory=NoRecords)


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """A line for a register (台账) of the organisation: the document type's key and the line's fields."""

    register: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message in the app to every member of `role` (or to one `username`).

    `template` is a gettext message id filled with `params`; `severity` is ``info``, ``warning`` or ``bad``.
    """

    template: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    role: str = ""
    username: str = ""
    severity: str = "info"


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A process instance to start that nobody waits for, with its first variables."""

    process_id: str
    variables: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler wants written; everything is optional."""

    variables: Mapping[str, object] = field(default_factory=dict[str, object])
    entries: Sequence[RegisterEntry] = ()
    notifications: Sequence[Notice] = ()
    cases: Sequence[LinkedCase] = ()


class BpmnError(Exception):
    """Raised by a handler to throw a BPMN error with a code that an error event of the diagram catches."""

    def __init__(self, code: str, message: str = "", variables: Mapping[str, object] | None = None) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message
        self.variables: Mapping[str, object] = variables or {}


class UnknownHandler(BaoxiuError):
    """A service task names a handler that no module registers."""

    template = N_('No handler is registered for "{type}". Register one in a module that BAOXIU_HANDLERS names.')
    status = 422


HandlerFunction = Callable[[HandlerContext], Outcome]


@dataclass(frozen=True, slots=True)
class Handler:
    """A registered handler. `inline`: it only computes, so it runs in the command's own transaction."""

    type: str
    function: HandlerFunction
    inline: bool


_registry: dict[str, Handler] = {}


def handler(task_type: str, *, inline: bool = False) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the decorated function for service tasks whose ``zeebe:taskDefinition`` has this type.

    A handler that touches anything outside the case (network, files, slow work) must not be `inline`.
    Raises ValueError when two functions claim one type.
    """

    def register(function: HandlerFunction) -> HandlerFunction:
        known = _registry.get(task_type)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two handlers for {task_type}: {known.function.__module__} and {function.__module__}")
        _registry[task_type] = Handler(task_type, function, inline)
        return function

    return register


def load_handlers(modules: Sequence[str]) -> None:
    """Import the modules that register handlers."""
    for name in modules:
        importlib.import_module(name)


def find_handler(task_type: str) -> Handler:
    """The handler of a type; raises `UnknownHandler`."""
    found = _registry.get(task_type)
    if found is None:
        raise UnknownHandler(type=task_type)
    return found


def known_handlers() -> frozenset[str]:
    """The types that can be used in diagrams."""
    return frozenset(_registry)


def handler_modules() -> list[str]:
    """The modules that registered the handlers; another process loads them to have the same."""
    return sorted({known.function.__module__ for known in _registry.values()})


@contextmanager
def replaced(task_type: str, function: HandlerFunction) -> Generator[None]:
    """Another function in the place of a registered handler, for simulations and tests. Raises `UnknownHandler`."""
    real = find_handler(task_type)
    _registry[task_type] = Handler(task_type, function, real.inline)
    try:
        yield
    finally:
        _registry[task_type] = real


@handler("notify", inline=True)
def notify(context: HandlerContext) -> Outcome:
    """Tell a role in the app what the diagram says.

    Headers: ``role`` (role key) or ``username_variable`` (a variable with a user name), ``message`` (the text),
    ``message.en`` (the same in English) and ``severity``. The case's number is put in front by the page that shows it.
    """
    username = str(context.variables.get(context.headers.get("username_variable", ""), "") or "")
    text = context.headers.get("message", "")
    role = "" if username else context.headers.get("role", "")
    severity = context.headers.get("severity", "info")
    english = context.headers.get("message.en", "")
    params = {"message.en": english} if english else {}
    return Outcome(notifications=(Notice(text, params, role=role, username=username, severity=severity),))


@handler("start_process", inline=True)
def start_process(context: HandlerContext) -> Outcome:
    """Start a linked case that nobody waits for.

    Headers: ``process_id``; ``variables``, a space separated list of the variables to hand over (all of them when
    absent).
    """
    wanted = context.headers.get("variables", "").split()
    names = wanted or list(context.variables)
    given = {name: context.variables[name] for name in names if name in context.variables and name != "case"}
    return Outcome(cases=(LinkedCase(context.headers["process_id"], given),))


@handler("register_entry", inline=True)
def register_entry(context: HandlerContext) -> Outcome:
    """Write a line of a register (台账).

    Headers: ``register`` (document type); ``fields``, a space separated list of the variables that make the line (null
    where the case has none). The line says the case's number as ``case_number``, and its start as ``reported_at``.
    """
    line: dict[str, object] = {name: context.variables.get(name) for name in context.headers.get("fields", "").split()}
    line |= {"case_number": context.case.number, "reported_at": context.case.started_at}
    return Outcome(entries=(RegisterEntry(context.headers.get("register", ""), line),))
