"""Reading XML from strangers. lxml is used nowhere else.

Every DOCTYPE is refused (entities, external subsets), nothing is fetched, and size, depth and the number of elements
are bounded, so that a hostile file costs neither time nor memory.
"""

# lxml comes without types
# pyright: reportMissingTypeStubs=false, reportAttributeAccessIssue=false, reportUnknownVariableType=false
from __future__ import annotations

from typing import Any, cast

from lxml import etree as untyped

from engine.errors import N_, InvalidInput

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 50_000
MAX_DEPTH = 200

Element = Any  # lxml publishes no types of its own
etree = cast("Any", untyped)


class BrokenXml(InvalidInput):
    """The text is no well-formed XML document, or one we refuse to read."""

    template = N_("{name}, line {line}: {reason}")


def read_xml(content: bytes, name: str = "file") -> Element:
    """Parse a document and give its root element.

    `name` is the file's name for messages. Raises `BrokenXml` for anything that is not a plain, bounded document.
    """
    if len(content) > MAX_BYTES:
        raise BrokenXml(name=name, line=0, reason=f"larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenXml(name=name, line=error.lineno or 0, reason=str(error.msg)) from error
    except ValueError as error:
        raise BrokenXml(name=name, line=0, reason=str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise BrokenXml(name=name, line=1, reason="a DOCTYPE is not accepted; remove it")
    _check_bounds(root, name)
    return root


def write_xml(root: Element) -> bytes:
    """The document as UTF-8 bytes with a declaration."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    return etree.QName(element).localname


def line_of(element: Element) -> int:
    """The line of the file on which the element starts (0 when unknown)."""
    return int(element.sourceline or 0)


def _check_bounds(root: Element, name: str) -> None:
    count = 0
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        count += 1
        if count > MAX_ELEMENTS:
            raise BrokenXml(name=name, line=line_of(element), reason=f"more than {MAX_ELEMENTS} elements")
        if depth > MAX_DEPTH:
            raise BrokenXml(name=name, line=line_of(element), reason=f"nested deeper than {MAX_DEPTH} elements")
        stack.extend((child, depth + 1) for child in element)
