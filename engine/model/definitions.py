"""What has been deployed: immutable, content-addressed resources and the definitions read from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base, Key


class Resource(Base):
    """The bytes of a deployed file, stored once under their SHA-256 (hex)."""

    __tablename__ = "resource"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Deployment(Base):
    """One deployment: all of its files or none of them."""

    __tablename__ = "deployment"

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    deployed_at: Mapped[datetime]
    deployed_by: Mapped[str] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(String(500), default="")


class DeploymentResource(Base):
    """A file of a deployment."""

    __tablename__ = "deployment_resource"

    deployment_key: Mapped[int] = mapped_column(Key, ForeignKey("deployment.key"), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))


class ProcessDefinition(Base):
    """A version of a process."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("organisation_key", "process_id", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    process_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    version_tag: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(200))
    gloss: Mapped[str] = mapped_column(String(300), default="")
    """The English name, from the first line of the process's documentation."""
    resource_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    deployment_key: Mapped[int] = mapped_column(Key, ForeignKey("deployment.key"))
    deployed_at: Mapped[datetime]


class DecisionDefinition(Base):
    """A version of a decision."""

    __tablename__ = "decision_definition"
    __table_args__ = (UniqueConstraint("organisation_key", "decision_id", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    decision_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    version_tag: Mapped[str] = mapped_column(String(60), default="")
    name: Mapped[str] = mapped_column(String(200))
    resource_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    deployment_key: Mapped[int] = mapped_column(Key, ForeignKey("deployment.key"))
    deployed_at: Mapped[datetime]


class FormDefinition(Base):
    """A version of a form, or of a document type (a form whose root properties say ``document``)."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("organisation_key", "form_id", "version"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True)
    organisation_key: Mapped[str] = mapped_column(ForeignKey("organisation.key"))
    form_id: Mapped[str] = mapped_column(String(100))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    name_en: Mapped[str] = mapped_column(String(200), default="")
    document: Mapped[str] = mapped_column(String(20), default="")
    """``record``, ``register``, ``reference`` or ``attachment`` for a document type; empty for a task's form."""
    resource_name: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(ForeignKey("resource.sha256"))
    deployment_key: Mapped[int] = mapped_column(Key, ForeignKey("deployment.key"))
    deployed_at: Mapped[datetime]
