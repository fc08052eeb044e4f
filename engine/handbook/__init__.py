"""The handbook of the shipped processes: a page and a picture for each, made from the diagrams, tables and forms."""

from engine.handbook.pages import handbook

__all__ = ["handbook"]
