"""Loads a hook by a block of three lines in each start-up file of a shell.

The same methods as :class:`autovenv.hookfiles.Loader` has them.
"""

from __future__ import annotations

import contextlib
import difflib
import os
from typing import TYPE_CHECKING

from autovenv import native, paths, rcfile, shells
from autovenv.errors import AutovenvError
from autovenv.hookfiles import (
    Result,
    Standing,
    content_of,
    found_at,
    make_folders,
    missing_folders,
    read_record,
    with_line,
    write_record,
)
from autovenv.text import shown

if TYPE_CHECKING:
    from autovenv.hookfiles import Place, Record


class StartFiles:
    """One line in each start-up file, between two marks; and completions where the shell looks for them."""

    def standing(self, place: Place, name: str) -> Result:
        """See :class:`Loader`."""
        barred = shells.barred_files(name, place.environ)
        files = tuple(path for path in shells.rc_files(name, place.environ) if path not in barred)
        if not files:
            none = AutovenvError(f"there is no {name} on this computer")
            return Result(name, Standing.REFUSED, (), next(iter(barred.values()), none))
        try:
            found = {rcfile.state(rcfile.read(path).content, place.line(name, path)) for path in files}
        except AutovenvError as error:
            return Result(name, Standing.REFUSED, files, with_line(error, place.line(name)))
        before = Standing.ABSENT if rcfile.State.ABSENT in found else Standing.OUTDATED
        if found == {rcfile.State.CURRENT}:
            before = Standing.CURRENT
        return Result(name, before, files, barred=tuple(barred.values()))

    def add(self, place: Place, result: Result) -> None:
        """See :class:`Loader`."""
        _note(place, result)
        _add_lines(place, result)
        _write_completion(place, result.shell)

    def holders(self, place: Place, record: Record, name: str) -> tuple[str, ...]:
        """See :class:`Loader`."""
        return _with_lines(place, record, name)

    def remove(self, place: Place, record: Record, name: str) -> None:
        """See :class:`Loader`."""
        try:
            for path in _with_lines(place, record, name):
                _edit(place, name, path, remove=True)
        except AutovenvError as error:
            remedy = error.remedy or "take them out yourself: # >>> autovenv >>> to # <<< autovenv <<<"
            raise AutovenvError(error.fact, remedy) from error
        for path in record.files.get(name, []):
            if _is_our_completion(name, path):
                os.unlink(path)

    def difference(self, place: Place, result: Result) -> str:
        """See :class:`Loader`."""
        parts = []
        for path in result.files:
            old, line = rcfile.read(path).content, place.line(result.shell, path)
            if rcfile.state(old, line) is not rcfile.State.CURRENT:
                new = rcfile.with_block(old, line)
                parts += _diff(place.shown(path), rcfile.readable(old or b""), rcfile.readable(new))
        return "\n".join(parts)

    def told(self, place: Place, result: Result) -> str:
        """See :class:`Loader`."""
        each = "each " if len(result.files) > 1 else ""
        return f"3 lines {each}in {' and '.join(place.shown(path) for path in result.files)}"


def _note(place: Place, result: Result) -> None:
    """Record what is about to be made before it is made, so that a killed run can be undone as well."""
    record = read_record(place.home)
    wanted = sorted({*record.rc.get(result.shell, []), *result.files})
    folders = [folder for path in result.files for folder in missing_folders(os.path.dirname(path))]
    target = shells.SHELLS[result.shell].completion(place.environ)
    if target:
        folders += [folder for folder in missing_folders(os.path.dirname(target)) if folder not in folders]
        record.files[result.shell] = sorted({*record.files.get(result.shell, []), target})
    record.rc[result.shell] = wanted
    record.folders += [folder for folder in folders if folder not in record.folders]
    write_record(place.home, record)
    for folder in folders:
        make_folders(folder)


def _add_lines(place: Place, result: Result) -> None:
    done: list[str] = []
    try:
        for path in result.files:
            _edit(place, result.shell, path, remove=False)
            done.append(path)
    except AutovenvError:
        for path in done if result.before is Standing.ABSENT else []:
            with contextlib.suppress(AutovenvError):
                _edit(place, result.shell, path, remove=True)
        raise


def _edit(place: Place, name: str, path: str, *, remove: bool) -> bool:
    line = place.line(name, path)

    def change(content: bytes | None) -> bytes | None:
        if remove:
            return None if content is None else rcfile.without_block(content)
        current = rcfile.state(content, line) is rcfile.State.CURRENT
        return content if current else rcfile.with_block(content, line)

    return rcfile.edit(
        path,
        change,
        # What is given back is the person's own, whether it parses or not.
        check=None if remove else lambda candidate: shells.parses(name, candidate, place.environ),
        keep=None if remove else lambda old: _back_up(place.home, old),
    )


def _back_up(home: str, old: rcfile.Snapshot) -> None:
    """Keep the file as it was before our first edit, once, in a mirror below ``<home>/backup``."""
    path = os.path.join(home, "backup") + native.in_mirror(old.real)
    if old.content is None or os.path.lexists(path):
        return
    make_folders(os.path.dirname(path), mode=0o700)
    rcfile.sweep(os.path.dirname(path))
    rcfile.write_own(path, old.content)


def _write_completion(place: Place, name: str) -> None:
    path = shells.SHELLS[name].completion(place.environ)
    if not path or (os.path.lexists(path) and not _is_our_completion(name, path)):
        return  # The user has written one.
    content = content_of(paths.completion_source(name))
    rcfile.sweep(os.path.dirname(path))
    if found_at(path) != (content, 0o644):
        rcfile.write_own(path, content, mode=0o644)


def _is_our_completion(name: str, path: str) -> bool:
    found = found_at(path)
    return found is not None and found[0].startswith(f"# autovenv completions for {name}".encode())


def _diff(name: str, old: bytes, new: bytes) -> list[str]:
    before, after = ([shown(native.decoded(line)) for line in _lines(text)] for text in (old, new))
    return list(difflib.unified_diff(before, after, name, name, lineterm=""))


def _lines(text: bytes) -> list[bytes]:
    return text.removesuffix(b"\n").split(b"\n") if text else []


def _with_lines(place: Place, record: Record, name: str) -> tuple[str, ...]:
    """Return the files that hold lines of ours for this shell: noted ones, and where they would go today."""
    known = [*record.rc.get(name, []), *shells.rc_files(name, place.environ)]
    known += [os.path.join(place.user_home, one) for one in shells.SHELLS[name].once]
    return tuple(path for path in dict.fromkeys(known) if _holds_lines(path))


def _holds_lines(path: str) -> bool:
    # A file that cannot be read may hold lines: then all stays, and the person is told.
    return os.path.isfile(path) and _holds_block(content_of(path))


def _holds_block(content: bytes) -> bool:
    return rcfile.without_block(content) != content
