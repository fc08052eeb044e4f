"""Organisations and the people in them: who holds which role, when, and on which calendar and prices they work."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, JsonText, Key


class Organisation(Base):
    """A tenant. Everything that belongs to one carries its key, and every query filters by it."""

    __tablename__ = "organisation"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200), default="")
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    """IANA name of the zone in which calendars and pages speak."""
    locale: Mapped[str] = mapped_column(String(10), default="zh_CN")
    event_sequence: Mapped[int] = mapped_column(default=0)
    """Length of the organisation's own event chain (what is not about one process instance)."""
    event_head: Mapped[str] = mapped_column(String(64), default="")
    """Hash of the last event of that chain."""
    created_at: Mapped[datetime]


class User(Base):
    """A person who signs in."""

    __tablename__ = "user_account"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    display_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(10), default="")
    """Preferred language of the pages; empty follows the browser."""
    is_active: Mapped[bool] = mapped_column(default=True)
    session_stamp: Mapped[str] = mapped_column(String(32))
    """Changes with the password, which ends every other session."""
    created_at: Mapped[datetime]


class Role(Base):
    """A role of an organisation: a candidate group of tasks and a bundle of permissions."""

    __tablename__ = "role"

    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    bundles: Mapped[Any] = mapped_column(JsonText, default=lambda: ["staff"])
    """Names of permission bundles (`engine.access.BUNDLES`), a list of strings."""
    superior: Mapped[str] = mapped_column(String(100), default="")
    """Key of the role that supervises this one; empty at the top."""


class Membership(Base):
    """A user holds a role in an organisation, from and until certain moments."""

    __tablename__ = "membership"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_key", "role_key"], ["role.organisation_key", "role.key"]),
        Index(None, "user_key"),
        Index(None, "organisation_key", "role_key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    user_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"))
    organisation_key: Mapped[str] = mapped_column(String(100))
    role_key: Mapped[str] = mapped_column(String(100))
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]


class Team(Base):
    """A group of people who see each other's work, for instance one department."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("organisation_key", "name"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    name: Mapped[str] = mapped_column(String(100))


class TeamMember(Base):
    """A user belongs to a team; `leads` marks its head."""

    __tablename__ = "team_member"

    team_key: Mapped[int] = mapped_column(Key, ForeignKey("team.key"), primary_key=True)
    user_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"), primary_key=True)
    leads: Mapped[bool] = mapped_column(default=False)


class Superior(Base):
    """Who supervises whom in person, where that differs from the role's superior."""

    __tablename__ = "superior"

    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"), primary_key=True)
    user_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"), primary_key=True)
    superior_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"))


class SignInFailures(Base):
    """Failed sign-ins of one name, so that guessing slows down on every node alike."""

    __tablename__ = "sign_in_failures"

    username: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]


class WorkingCalendar(Base):
    """A working calendar of an organisation; `data` has the shape of `engine.calendar.Calendar.to_data`."""

    __tablename__ = "working_calendar"

    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"), primary_key=True)
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    data: Mapped[Any] = mapped_column(JsonText)
    revision: Mapped[int] = mapped_column(default=1)


class PriceList(Base):
    """A yearly price list (年度《售后服务报价》, document 000 node 3); valid on the days from..until, both included."""

    __tablename__ = "price_list"
    __table_args__ = (UniqueConstraint("organisation_key", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    version: Mapped[str] = mapped_column(String(30))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    revision: Mapped[int] = mapped_column(default=1)


class PriceListItem(Base):
    """A line of a price list; amounts in yuan per unit."""

    __tablename__ = "price_list_item"
    __table_args__ = (UniqueConstraint("price_list_key", "code"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    price_list_key: Mapped[int] = mapped_column(Key, ForeignKey("price_list.key"))
    code: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    model: Mapped[str] = mapped_column(String(200), default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    list_price: Mapped[Decimal]
    cost_floor: Mapped[Decimal]


class NumberSeries(Base):
    """The last number handed out for cases with one prefix in one year."""

    __tablename__ = "number_series"

    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Notification(Base):
    """A message in the app for one user. `template` is a gettext message id (or plain text from a diagram)."""

    __tablename__ = "notification"
    __table_args__ = (Index(None, "user_key", "read_at", "key"), Index(None, "process_instance_key"))

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    user_key: Mapped[int] = mapped_column(Key, ForeignKey("user_account.key"))
    process_instance_key: Mapped[int | None] = mapped_column(Key, ForeignKey("process_instance.key"))
    role_key: Mapped[str] = mapped_column(String(100), default="")
    """The role it was addressed to; empty when addressed to the person."""
    severity: Mapped[str] = mapped_column(String(10), default="info")
    template: Mapped[str] = mapped_column(Text)
    params: Mapped[Any] = mapped_column(JsonText, default=dict)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
