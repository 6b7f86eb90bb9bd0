"""Frozen records with slots.

``dataclasses`` does the same, but importing it pulls in ``inspect`` and ``re``, which costs more than all the
work that ``autovenv verify`` does. Type checkers see ordinary frozen dataclasses.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from typing_extensions import dataclass_transform

    T = TypeVar("T")
    R = TypeVar("R", bound="object")
else:

    def dataclass_transform(**_):  # noqa: ANN003, ANN201
        return lambda function: function


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Turn an annotated class into a frozen record with slots, equality, hash and repr."""
    names = tuple(cls.__annotations__)
    space = {key: value for key, value in vars(cls).items() if key not in {"__dict__", "__weakref__", *names}}
    defaults = {name: vars(cls)[name] for name in names if name in vars(cls)}
    space.update(__slots__=names, _defaults=defaults, **METHODS)
    return type(cls.__name__, cls.__bases__, space)


def changed(old: R, **values: object) -> R:
    """Return a copy of the record ``old`` with ``values`` in place of its own."""
    own = {name: getattr(old, name) for name in old.__slots__}  # type: ignore[attr-defined]
    return type(old)(**{**own, **values})


def _init(self: object, *args: object, **values: object) -> None:
    names = self.__slots__  # type: ignore[attr-defined]
    if len(args) > len(names):
        raise TypeError(f"{type(self).__name__} takes {len(names)} values")
    given = dict(zip(names, args, strict=False))
    if unknown := [name for name in values if name not in names or name in given]:
        raise TypeError(f"{type(self).__name__}: unexpected {', '.join(unknown)}")
    full = {**self._defaults, **given, **values}  # type: ignore[attr-defined]
    if missing := [name for name in names if name not in full]:
        raise TypeError(f"{type(self).__name__}: missing {', '.join(missing)}")
    for name in names:
        object.__setattr__(self, name, full[name])


def _frozen(self: object, name: str, *_: object) -> None:
    raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")


def _values(self: object) -> tuple[object, ...]:
    return tuple(getattr(self, name) for name in self.__slots__)  # type: ignore[attr-defined]


def _equal(self: object, other: object) -> bool:
    return type(self) is type(other) and _values(self) == _values(other)


def _hash(self: object) -> int:
    return hash((type(self), _values(self)))


def _repr(self: object) -> str:
    pairs = zip(self.__slots__, _values(self), strict=True)  # type: ignore[attr-defined]
    return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"


METHODS = {
    "__init__": _init,
    "__setattr__": _frozen,
    "__delattr__": _frozen,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
}
