"""CSS and XPath over HTML and XML, by lxml; nothing is fetched and no entity is expanded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from runner.kinds import Fault, StepFault
from runner.query.errors import FilterError, QueryError
from runner.query.values import MISSING, NoNodes

if TYPE_CHECKING:
    pass

Select = Callable[[object], object]

_ATTRIBUTE: Final = re.compile(r"::attr\(\s*([^\s()]+)\s*\)\s*$")
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_PREFIX: Final = re.compile(r"(?<![\w'\":.-])([A-Za-z_][\w.-]*):(?!:)(?=[\w*])")
_XPATH_TYPES: Final = re.compile(r"\s*(count|sum|number|string-length|floor|ceiling|round)\s*\(")


class Document:
    """Markup that is parsed when it is first looked into, and once only.

    ``source`` is text, or bytes whose encoding the markup tells; ``kind`` is ``html`` or ``xml``.
    """

    __slots__ = ("_tree", "kind", "source")

    def __init__(self, source: str | bytes, kind: str) -> None:
        self.source: Final = source
        self.kind: Final = kind
        self._tree: Any = None

    def root(self) -> Any:
        """The root element, or None for empty HTML.

        Raises StepFault of kind ``invalid-xml`` when it is XML that does not parse.
        """
        if self._tree is None:
            self._tree = (_parse(self.source, self.kind),)
        return self._tree[0]


def compile_markup(text: str, language: str, every: bool, offset: int = 0) -> tuple[str, Select]:
    """The static type of a CSS or XPath expression, and a function from a document to its finds.

    The function takes a ``Document`` or a pair of source and kind and gives the text of the first
    find, or MISSING; with ``every`` the list of all, ``NoNodes`` if there are none. XPath functions
    give what they give. Raises QueryError when the expression is wrong or lxml is not installed.
    """
    expression = text.strip()
    if not expression:
        raise QueryError(f"`{language}:` needs an expression", offset)
    if language == "css":
        attribute = _ATTRIBUTE.search(expression)
        selector = expression[: attribute.start()] if attribute else expression
        evaluate = _css(selector, offset)
        name = attribute[1] if attribute else None
        return ("list" if every else "text"), _select(evaluate, name, every)
    type_ = "list" if every else "number" if _XPATH_TYPES.match(expression) else "any"
    return type_, _select(_xpath(expression, offset), None, every)


def _select(evaluate: Callable[[Any, str], Any], attribute: str | None, every: bool) -> Select:
    def select(markup: object) -> object:
        document = markup if isinstance(markup, Document) else Document(*markup)  # type: ignore[misc]
        root = document.root()
        if root is None:
            return NoNodes() if every else MISSING
        nodes = evaluate(root, document.kind)
        if not isinstance(nodes, list):
            value = _plain(nodes)
            return [value] if every else value
        texts = (text for text in (_text(node, attribute) for node in nodes) if text is not None)
        return (list(texts) or NoNodes()) if every else next(texts, MISSING)

    return select


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _text(node: Any, attribute: str | None) -> str | None:
    if isinstance(node, str):
        return node
    if isinstance(node, tuple):
        return str(node[1])
    if attribute is not None:
        found = node.get(attribute)
        return None if found is None else str(found)
    if not isinstance(node.tag, str):
        return str(node.text or "").strip()
    return "".join(node.itertext()).strip()


def _css(selector: str, offset: int) -> Callable[[Any, str], Any]:
    etree = _lxml(offset)
    try:
        import cssselect
    except ImportError:
        raise QueryError(*_missing("cssselect", offset)) from None
    try:
        ways = {
            "html": etree.XPath(cssselect.HTMLTranslator().css_to_xpath(selector)),
            "xml": etree.XPath(cssselect.GenericTranslator().css_to_xpath(selector)),
        }
    except (cssselect.SelectorError, etree.XPathError, RecursionError, ValueError) as error:
        at = _position(error)
        raise QueryError(
            f"`{selector}` is no CSS selector: {error}",
            offset + min(at, len(selector)),
            "an attribute is read with `::attr(name)` at the end" if "::" in selector else None,
        ) from None
    return lambda root, kind: ways[kind](root)


def _position(error: Exception) -> int:
    found = re.search(r"at (\d+)", str(error))
    return int(found[1]) if found else 0


def _xpath(expression: str, offset: int) -> Callable[[Any, str], Any]:
    etree = _lxml(offset)
    try:
        # Prefixes get their meaning from the document; here they only have to be known.
        names = dict.fromkeys(_PREFIX.findall(expression), "urn:x")
        etree.XPath(expression, namespaces=names, smart_strings=False)
    except (etree.XPathError, ValueError) as error:
        raise QueryError(f"`{expression}` is no XPath: {error}", offset) from None

    def evaluate(root: Any, kind: str) -> Any:
        spaces = _namespaces(root) if kind == "xml" else {}
        try:
            return etree.XPath(expression, namespaces=spaces, smart_strings=False)(root)
        except etree.XPathError as error:
            raise FilterError(
                f"the XPath `{expression}` could not be evaluated: {error}; "
                f"known prefixes: {', '.join(sorted(spaces)) or 'none'}"
            ) from None

    return evaluate


def _namespaces(root: Any) -> dict[str, str]:
    """Prefixes as the document declares them; ``_`` is its default namespace."""
    spaces: dict[str, str] = {}
    for prefix, uri in root.xpath("//namespace::*"):
        if prefix != "xml":
            spaces.setdefault(prefix or "_", uri)
    return spaces


def _parse(source: str | bytes, kind: str) -> Any:
    etree = _lxml(0)
    raw = source
    encoding: str | None = None
    if isinstance(source, str):
        # lxml takes no text that declares an encoding; as UTF-8 bytes it is unambiguous.
        raw = _DECLARATION.sub("", source, count=1).encode("utf-8", "surrogatepass")
        encoding = "utf-8"
    if not raw.strip():
        if kind == "html":
            return None
        raise StepFault(Fault("invalid-xml", "read", "the body is empty, expected XML"))
    parser: Any
    if kind == "html":
        parser = etree.HTMLParser(encoding=encoding, no_network=True, huge_tree=False, recover=True)
    else:
        parser = etree.XMLParser(
            encoding=encoding, no_network=True, huge_tree=False, resolve_entities=False,
            load_dtd=False, dtd_validation=False, attribute_defaults=False,
        )  # fmt: skip
    try:
        root: Any = etree.fromstring(raw, parser)
        return root
    except (etree.XMLSyntaxError, ValueError) as error:
        if kind == "html":
            return None
        raise StepFault(Fault("invalid-xml", "read", f"the body is no XML: {error}")) from None


def _lxml(offset: int) -> Any:
    try:
        from lxml import etree
    except ImportError:
        raise QueryError(*_missing("lxml", offset)) from None
    return etree


def _missing(library: str, offset: int) -> tuple[str, int, str]:
    return (
        f"CSS and XPath need {library}, which is not installed",
        offset,
        "pip install 'httpsteps[markup]'",
    )
