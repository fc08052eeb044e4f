"""Plays one scenario in a world of its own: every step through the commands that the pages call, on a fake clock.

Before a step the clock goes to each due time on the way, and what is due runs then, as the heartbeat would run it.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from engine import feel, handling, jobs
from engine.access import Actor, Permission, engine_actor
from engine.clock import FakeClock
from engine.commands import comments, incidents, messages, process_instances, user_tasks
from engine.commands.user_tasks import SubmissionRefused
from engine.database import Database
from engine.errors import BaoxiuError
from engine.form_schema import FormErrors, Message
from engine.handling import HandlerContext, HandlerFailure, Outcome
from engine.model import DecisionEvaluation, ElementInstance, Incident, ProcessInstance, TaskState, UserTask
from engine.runtime.definitions import process_definition
from engine.runtime.variables import load_variables
from engine.scenarios.errors import StepFailed
from engine.scenarios.expectations import unmet
from engine.scenarios.model import Expectation, Scenario, Start, Step, StepKind
from engine.scenarios.world import World

log = logging.getLogger(__name__)

MOST_JOBS = 5_000
"""Jobs on the way from one step to the next before the scenario is stopped: something runs in circles."""
_TASKS = (StepKind.COMPLETE, StepKind.REFUSED, StepKind.CLAIM, StepKind.COMMENT)
_jobs_log = logging.getLogger("engine.jobs")
_inline_log = logging.getLogger("engine.runtime.running")


@dataclass(slots=True)
class Played:
    """What became of a scenario: what failed (nothing: it passed), and where its cases went, by process id."""

    scenario: Scenario
    failures: list[str] = field(default_factory=list[str])
    elements: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    flows: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    decisions: set[str] = field(default_factory=set[str])

    @property
    def passed(self) -> bool:
        return not self.failures


def play(world: World, scenario: Scenario) -> Played:
    """Play a scenario; the world is used up by it. Failures of the scenario never raise."""
    played = Played(scenario)
    player = Player(world, scenario)
    try:
        with ExitStack() as stack:
            stack.enter_context(quiet())
            for task_type, times in scenario.failing.items():
                stack.enter_context(failing(task_type, times))
            played.failures.extend(player.play())
    except Exception as error:
        log.exception("scenario %s crashed", scenario.name)
        played.failures.append(f"crashed: {type(error).__name__}: {error}")
    player.gather(played)
    world.database.dispose()
    return played


class Player:
    """One scenario being played."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._database = world.database
        self._scenario = scenario
        self._case = 0

    def play(self) -> list[str]:
        """Play to the end or to the first step that fails; gives what failed."""
        try:
            self._start(self._scenario.start)
        except BaoxiuError as error:
            return [f"start: {told(error)}"]
        for step in self._scenario.steps:
            try:
                self._do(step)
            except BaoxiuError as error:
                return [f"step {step.number} ({step.kind} {step.subject}): {told(error)}"]
        return self._unmet(self._scenario.expect)

    # ---- time -------------------------------------------------------------------------------------------------------

    def _advance(self, local: datetime) -> None:
        """Go to a moment; what falls due on the way runs at its own time, in order."""
        clock, target = self._world.clock, self._world.moment(local)
        if target < clock.now():
            now = self._world.local(clock.now())
            raise StepFailed(detail=f"it is {now} already, the step wants {local:%Y-%m-%dT%H:%M}; sort the steps")
        run_until(self._database, clock, target)

    def _settle(self) -> None:
        """What is due now runs."""
        run_until(self._database, self._world.clock, self._world.clock.now())

    def _start(self, start: Start) -> None:
        self._world.clock.set(self._world.moment(start.at))
        organisation = self._world.organisation
        with self._database.transaction("web") as tx:
            actor = self._actor(start.actor) if start.actor else engine_actor(organisation)
            if start.message:
                instance = messages.publish(tx, actor, start.message, None, start.values)
                if instance is None:
                    raise StepFailed(detail=f"no process begins with the message {start.message}")
            elif start.actor:
                instance = process_instances.start(
                    tx, actor, self._scenario.process, start.values, start_event=start.event
                )
            else:
                definition = process_definition(tx.session, organisation, self._scenario.process)
                instance = process_instances.create(tx, actor, definition, start.values, start_event=start.event)
            self._case = instance.key
        self._settle()

    # ---- steps ------------------------------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        if step.at is not None:
            self._advance(step.at)
        if step.kind in _TASKS:
            self._do_task(step)
        elif step.kind is not StepKind.WAIT:
            _OTHERS[step.kind](self, step)
        self._settle()

    def _do_task(self, step: Step) -> None:
        actor, task = self._actor(step.actor), self._open_task(step)
        for document_type, names in step.attach.items():
            for name in names:
                media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
                with self._database.transaction("web") as tx:
                    user_tasks.attach(tx, actor, task.key, document_type, name, media_type, name.encode())
        if step.kind is StepKind.REFUSED:
            self._refused(step, actor, task)
            return
        with self._database.transaction("web") as tx:
            if step.kind is StepKind.CLAIM:
                user_tasks.claim(tx, actor, task.key)
            elif step.kind is StepKind.COMMENT:
                comments.add_to_task(tx, actor, task.key, step.text)
            else:
                user_tasks.complete(tx, actor, task.key, step.values)

    def _refused(self, step: Step, actor: Actor, task: UserTask) -> None:
        try:
            with self._database.transaction("web") as tx:
                user_tasks.complete(tx, actor, task.key, step.values)
        except SubmissionRefused as error:
            named = {**error.fields, **error.documents}
            missing = [name for name in step.errors if name not in named]
            if missing:
                raise StepFailed(
                    detail=f"{', '.join(missing)} was not refused; refused were {_named(named)}"
                ) from error
            return
        raise StepFailed(detail=f"the submission was accepted; {', '.join(step.errors)} should have been refused")

    def _message(self, step: Step) -> None:
        key = step.key
        if isinstance(key, str) and key.startswith("="):
            with self._database.reading() as tx:
                variables = load_variables(tx.session, self._case)
                case = tx.session.get_one(ProcessInstance, self._case)
                scope = {"case": {"number": case.number}, **variables}
                key = feel.compile_expression(key[1:]).evaluate(scope, feel.Environment(now=self._world.clock.now))
        with self._database.transaction("api") as tx:
            messages.publish(tx, engine_actor(self._world.organisation), step.subject, key, step.values)

    def _cancel(self, step: Step) -> None:
        actor = self._actor(step.actor) if step.actor else engine_actor(self._world.organisation)
        with self._database.transaction("web") as tx:
            process_instances.cancel(tx, actor, self._case, step.subject)

    def _retry(self, step: Step) -> None:
        actor = self._actor(step.actor) if step.actor else engine_actor(self._world.organisation)
        with self._database.transaction("web") as tx:
            key = tx.session.scalar(
                select(Incident.key).where(Incident.element_id == step.subject, Incident.resolved_at.is_(None)).limit(1)
            )
            if key is None:
                raise StepFailed(detail=f"{step.subject} has no open incident")
            incidents.retry(tx, actor, key)

    def _expect(self, step: Step) -> None:
        problems = self._unmet(step.expect) if step.expect else []
        if problems:
            raise StepFailed(detail="; ".join(problems))

    # ---- finding ----------------------------------------------------------------------------------------------------

    def _actor(self, role: str) -> Actor:
        actor = self._world.actors.get(role)
        if actor is None:
            raise StepFailed(
                detail=f"the organisation has no role {role}; it has {', '.join(sorted(self._world.actors))}"
            )
        return actor

    def _open_task(self, step: Step) -> UserTask:
        """The open task of an element: of the case itself, or else of those it started."""
        with self._database.reading() as tx:
            tasks = tx.session.scalars(
                select(UserTask).where(UserTask.state == TaskState.OPEN).order_by(UserTask.key)
            ).all()
        here = [task for task in tasks if task.element_id == step.subject]
        if step.process:
            here = [task for task in here if task.process_id == step.process]
        here.sort(key=lambda task: task.process_instance_key != self._case)
        if not here:
            raise StepFailed(
                detail=f"no task {step.subject} is open; open: {', '.join(task.element_id for task in tasks) or 'none'}"
            )
        if not self._is_offered(step.actor, here[0]):
            raise StepFailed(detail=f"the task {step.subject} is not offered to {step.actor}")
        return here[0]

    def _is_offered(self, role: str, task: UserTask) -> bool:
        """Whether the role may see the task; `NotFound` of the command would not say why."""
        with self._database.reading() as tx:
            try:
                user_tasks.visible_task(tx, self._actor(role), task.key)
            except BaoxiuError:
                return False
        return self._actor(role).may(Permission.USER_TASK_COMPLETE)

    def _unmet(self, expectation: Expectation) -> list[str]:
        return list(unmet(self._world, self._case, expectation))

    def gather(self, played: Played) -> None:
        """Note where all cases of the world went."""
        with self._database.reading() as tx:
            instances = tx.session.execute(
                select(ProcessInstance.key, ProcessInstance.process_id, ProcessInstance.flows)
            )
            processes: dict[int, str] = {}
            for key, process_id, flows in instances:
                processes[key] = process_id
                played.flows.setdefault(process_id, set()).update(flows)
            visits = tx.session.execute(
                select(ElementInstance.process_instance_key, ElementInstance.element_id).distinct()
            )
            for key, element_id in visits:
                played.elements.setdefault(processes[key], set()).add(element_id)
            played.decisions.update(tx.session.scalars(select(DecisionEvaluation.decision_id)))


_OTHERS: Mapping[StepKind, Callable[[Player, Step], None]] = {
    StepKind.MESSAGE: Player._message,  # pyright: ignore[reportPrivateUsage]
    StepKind.CANCEL: Player._cancel,  # pyright: ignore[reportPrivateUsage]
    StepKind.RETRY: Player._retry,  # pyright: ignore[reportPrivateUsage]
    StepKind.EXPECT: Player._expect,  # pyright: ignore[reportPrivateUsage]
}


def run_until(database: Database, clock: FakeClock, target: datetime) -> None:
    """Let time pass until a moment; each due job runs at its own time. Raises `StepFailed` when they never end."""
    for _ in range(MOST_JOBS):
        due = jobs.next_due(database)
        if due is None or due > target:
            clock.set(max(target, clock.now()))
            return
        clock.set(max(due, clock.now()))
        jobs.run_due(database)
    raise StepFailed(detail=f"more than {MOST_JOBS} times something was due: a timer or service runs in circles")


@contextmanager
def failing(task_type: str, times: int) -> Generator[None]:
    """Let a handler fail for its first attempts."""
    left = times
    real = handling.find_handler(task_type).function

    def fails(context: HandlerContext) -> Outcome:
        nonlocal left
        if left > 0:
            left -= 1
            raise HandlerFailure(detail="the scenario lets this attempt fail")
        return real(context)

    with handling.replaced(task_type, fails):
        yield


@contextmanager
def quiet() -> Generator[None]:
    """Failing jobs are in the report; the log need not repeat them."""
    loggers = (_jobs_log, _inline_log)
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


def told(error: BaoxiuError) -> str:
    """An error in a sentence, with all fields where a form refused them."""
    if isinstance(error, SubmissionRefused):
        return f"refused: {_named({**error.fields, **error.documents})}"
    if isinstance(error, FormErrors):
        return f"refused: {_named(error.errors)}"
    return str(error)


def _named(errors: Mapping[str, Message]) -> str:
    return "; ".join(f"{name}: {_text(message)}" for name, message in errors.items()) or "nothing"


def _text(message: Message) -> str:
    return message.english
