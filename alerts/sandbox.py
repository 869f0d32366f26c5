"""A Jinja2 environment in which a template can only format: no code, no raw HTML, bounded work and output.

Jinja2's own sandbox keeps templates away from Python; it does not bound what they cost. This one counts loop turns,
calls and filters, these by the size of what they are given, refuses the operations that build huge values, and stops
output at a limit, so that most of what is too much is told with its line. For the rest see ``alerts.apart``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import BaseLoader, BytecodeCache, StrictUndefined, nodes
from jinja2.bccache import Bucket
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS, do_join
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_eval_context

MAX_STEPS = 50_000  # loop turns, calls and filters in one rendering
SIZE_OF_STEP = 20  # characters or items that a filter or method takes for one more step
MAX_ARGUMENT = 1_000  # columns, places or characters
MAX_STRIPPED = 10_000  # characters of a text that tags are taken out of, which takes its square
MAX_OUTPUT = 1_000_000  # characters in one rendering
MAX_VALUE = 200_000  # characters of one text, or items of one list, that an operation builds
MAX_NUMBER = 10**15
_MAX_ASKED = 1_000  # answers kept about which attributes are safe

# Left out are those that make markup of text (safe, xmlattr, urlize), build a text of any length from a number
# (center, format, indent, batch ...) or give another result each time (random).
_FILTERS = (
    "abs capitalize count d default dictsort e escape filesizeformat first float forceescape groupby int items last "
    "length list lower map max min reject rejectattr reverse round select selectattr sort string sum title "
    "trim truncate unique upper urlencode wordcount"
).split()
_MEASURED = frozenset({"round", "truncate", "wrap"})  # that are told how much
# String methods with the same powers.
_NO_METHODS = frozenset(
    "center expandtabs format format_map join ljust replace rjust translate zfill __html__ __html_format__".split()
)


_LARGE = (str, list, tuple, dict, range)


class _Compiled(BytecodeCache):
    """What this process has compiled: a reload, or a second renderer, takes a file that has not changed as it is."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give ``bucket`` the code of its file, when that has the same text as before."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code in ``bucket``, instead of what an older text of its file gave."""
        self._kept[bucket.key] = bucket.checksum, bucket.code


_compiled = _Compiled()


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """Where digest templates live."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=_autoescape,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            bytecode_cache=_compiled,
        )
        self._steps = 0
        self._safe: dict[tuple[type, str], bool] = {}
        self.filters = {"_counted": self._counted, "_bounded": _bounded}
        self.add_filters({name: FILTERS[name] for name in _FILTERS} | {"join": _join, "striptags": _striptags})
        self.globals.pop("lipsum", None)

    def add_filters(self, filters: Mapping[str, Callable[..., Any]]) -> None:
        """Give templates ``filters``, each within the bounds on work."""
        self.filters |= {
            name: self._charged(function, measured=name in _MEASURED) for name, function in filters.items()
        }

    def run(self, name: str, variables: dict[str, Any]) -> str:
        """Render template ``name``; raises a Jinja2 error, ``SecurityError`` when it goes beyond a limit."""
        self._steps = 0
        pieces: list[str] = []
        size = 0
        for piece in self.get_template(name).generate(variables):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise SecurityError(f"it writes more than {MAX_OUTPUT:,} characters")
            pieces.append(piece)
        return "".join(pieces)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse a template, then put its loops and concatenations under their bounds."""
        template = super()._parse(source, name, filename)
        if template.find(nodes.EvalContextModifier) is not None:
            raise SecurityError("autoescape cannot be switched in a template")
        for loop in template.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, "_counted", [], [], None, None, lineno=loop.lineno)
        for parent in list(template.find_all(nodes.Node)):
            _bound_concatenations(parent)
        return template

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call ``obj`` for a template, as one step."""
        self._step(getattr(obj, "__self__", None), *args)
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Evaluate ``left operator right`` within the bounds on values."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "**" or (operator in "*%" and not numbers):
            raise SecurityError(f"'{operator}' is only for numbers, '**' for nothing")
        if not numbers:
            self._step(left, right)
        return _bounded(super().call_binop(context, operator, left, right))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read ``obj.attr``, which the type of ``obj`` decides: looked up once for each."""
        asked = type(obj), attr
        if asked not in self._safe:
            safe = super().is_safe_attribute(obj, attr, value) and not (isinstance(obj, str) and attr in _NO_METHODS)
            if len(self._safe) == _MAX_ASKED:  # a template may make up names without end
                self._safe.clear()
            self._safe[asked] = safe
        return self._safe[asked]

    def wrap_str_format(self, value: Any) -> None:
        """Leave ``str.format`` to ``is_safe_attribute``: a width in its pattern builds a text of any length."""

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values of a loop, each as one step."""
        for value in values:
            self._step()
            yield value

    def _charged(self, function: Callable[..., Any], *, measured: bool) -> Callable[..., Any]:
        """``function`` as so many steps as its arguments are large."""

        @wraps(function)  # keeps Jinja2's mark of a filter that wants the context
        def charged(*args: Any, **kwargs: Any) -> Any:
            self._step(*args, *kwargs.values())
            for value in (*args[1:], *kwargs.values()) if measured else ():
                if isinstance(value, int | float) and not abs(value) <= MAX_ARGUMENT:
                    raise SecurityError(f"it gives a filter a number of more than {MAX_ARGUMENT:,}")
            return function(*args, **kwargs)

        return charged

    def _step(self, *values: Any) -> None:
        """Count one step, and more for large ``values``."""
        self._steps += 1 + sum(len(value) // SIZE_OF_STEP for value in values if isinstance(value, _LARGE))
        if self._steps > MAX_STEPS:
            raise SecurityError(f"it takes more than {MAX_STEPS:,} steps")


def _striptags(value: Any) -> str:
    """Jinja2's ``striptags`` for texts of a usual length."""
    if len(str(value)) > MAX_STRIPPED:
        raise SecurityError(f"it takes the tags out of more than {MAX_STRIPPED:,} characters")
    return str(FILTERS["striptags"](value))


def _autoescape(name: str | None) -> bool:
    """Escape everywhere but in plain text."""
    return not (name or "").endswith(".txt.j2")


def _bounded(value: Any) -> Any:
    """``value``, unless it has grown too large."""
    if isinstance(value, str | list | tuple) and len(value) > MAX_VALUE:
        raise SecurityError(f"it builds a value of more than {MAX_VALUE:,} characters")
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        raise SecurityError(f"it builds a number of more than {MAX_NUMBER:,}")
    return value


@pass_eval_context
def _join(context: nodes.EvalContext, values: Iterable[Any], d: str = "", attribute: str | None = None) -> str:
    """Jinja2's ``join`` for short lists."""
    few = list(islice(values, MAX_VALUE))
    if len(few) * (1 + len(d)) > MAX_VALUE:
        raise SecurityError(f"it joins more than {MAX_VALUE:,} characters")
    return str(_bounded(do_join(context, few, d, attribute)))


def _bound_concatenations(parent: nodes.Node) -> None:
    """Put every ``a ~ b`` directly below ``parent`` under the bound on values."""
    for field, value in parent.iter_fields():
        if isinstance(value, nodes.Concat):
            setattr(parent, field, _bound(value))
        elif isinstance(value, list):
            value[:] = [_bound(item) if isinstance(item, nodes.Concat) else item for item in value]


def _bound(value: nodes.Concat) -> nodes.Filter:
    return nodes.Filter(value, "_bounded", [], [], None, None, lineno=value.lineno)
