"""What this process remembers of the pages: results that depend on their key alone, within a limit."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe


T = TypeVar("T")


class Memory(Generic[T]):
    """Results by key, the least recently used leaving first when their sizes pass a limit.

    The key holds everything the result depends on: nothing is ever out of date, and two people
    share a result only when they would have been given the same.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, compute: Callable[[], T], size: Callable[[T], int]) -> T:
        """Give the result of a key, computed if it is not known; size: what it costs to keep."""
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known[0]
        result = compute()
        cost = size(result)
        with self._lock:
            if cost <= self.limit and key not in self._kept:
                self._kept[key] = result, cost
                self.size += cost
                while self.size > self.limit:
                    _, (_, freed) = self._kept.popitem(last=False)
                    self.size -= freed
        return result


_fragments: Memory[SafeString] = Memory(8_000_000)
"""About eight million signs: two thousand articles of an ordinary length."""


def render_fragment(name: str, values: dict[str, Any]) -> SafeString:
    """Render a template that reads nothing but these values, or give back what it wrote for them.

    values: hashable, and equal only when they print alike.
    """

    def write() -> SafeString:
        template: Any = get_template(name)
        return mark_safe(template.template.render(Context(values)))  # noqa: S308 - it escapes

    if settings.DEBUG:  # templates are being edited
        return write()
    key = (name, *((key, type(value), value) for key, value in sorted(values.items())))
    return _fragments.get(key, write, len)
