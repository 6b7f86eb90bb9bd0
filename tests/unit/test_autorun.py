"""AutoRun: what others put there stays byte for byte, whatever it is, and whatever goes wrong."""

from __future__ import annotations

import random

import pytest

from autovenv import autorun
from autovenv.autorun import ENTRY, REG_EXPAND_SZ, REG_SZ, Value
from autovenv.errors import AutovenvError

CONDA = r'if exist "C:\conda\condabin\conda_hook.bat" "C:\conda\condabin\conda_hook.bat"'
KNOWN = [
    CONDA,
    r'"C:\Users\al\mamba\condabin\mamba_hook.bat"',
    rf'{CONDA}&"C:\Program Files (x86)\clink\clink.bat" inject --autorun',
    rf'{CONDA} & "C:\x\mamba_hook.bat" & "C:\clink\clink.bat" inject --autorun --profile ~\clink',
    "& echo broken",
    "&",
    "",
    " ",
    'if exist "unbalanced & echo x',
    r'if exist "C:\vs\init.cmd" call "C:\vs\init.cmd"',
    r"doskey ls=dir $*",
    "@chcp 65001>nul",
    "(if exist a b) || (c & d)",
    r"%USERPROFILE%\init.cmd",
    "echo ^& ^| %%PATH%% !x!",
    "prompt $P$G & title é日本",
    "cd /d D:\\ && set X=1",
]
PIECES = [
    *("&", " & ", "&&", "||", "|", "(", ")", '"', "^", "%", "!", " ", "  ", "\t", "@", ">nul", "2>&1", "<"),
    *("if exist x y", CONDA, "rem", "call", "doskey a=b", "C:\\a b\\c.bat", "/c", "/k", "autovenv", "é"),
    *("日本", "=", "'", ",", ";", "echo 1", "set X=%PATH%", "exit /b 0", "(if exist", "autorun.bat"),
    *("%LOCALAPPDATA%", "\u00a0", "\U0001f600"),
]  # fmt: skip


def generated(count, seed=4):
    draw = random.Random(seed)
    return ["".join(draw.choices(PIECES, k=draw.randint(1, 12))) for _ in range(count)]


class Memory:
    """A registry in memory, which fails at the call of a given number."""

    def __init__(self, value, fail_at=0, error=None):
        self.value, self.calls, self.fail_at, self.error = value, 0, fail_at, error or OSError("no")

    def call(self):
        self.calls += 1
        if self.calls == self.fail_at:
            raise self.error

    def read(self):
        self.call()
        return self.value

    def write(self, value):
        self.call()
        self.value = value

    def delete(self):
        self.call()
        self.value = None


def fine():
    return (("/c echo", b"AUTOVENV_OK\r\n", b"", 0), ("/c exit 7", b"", b"", 7))


def nothing(_old):
    pass


TEXTS = [*KNOWN, *generated(1500)]


def test_there_are_more_than_a_thousand_different_texts():
    assert len(set(TEXTS)) > 1000


@pytest.mark.parametrize("kind", [REG_SZ, REG_EXPAND_SZ])
def test_what_others_put_there_comes_back_byte_for_byte_with_its_type(kind):
    for text in TEXTS:
        old = Value(text, kind)
        registry = Memory(old)
        assert autorun.install(registry, fine, nothing)
        assert registry.value.kind == kind
        assert registry.value.text.startswith(ENTRY)
        assert registry.value.text.endswith(text)
        assert not autorun.install(registry, fine, nothing), text  # twice is once
        assert autorun.uninstall(registry, created=False)
        assert registry.value == old, text
        assert not autorun.uninstall(registry, created=False)


def test_where_there_was_none_there_is_none_again():
    registry = Memory(None)
    assert autorun.install(registry, fine, nothing)
    assert registry.value == Value(ENTRY, REG_EXPAND_SZ)
    assert autorun.uninstall(registry, created=True)
    assert registry.value is None


def test_an_empty_value_stays_an_empty_value():
    registry = Memory(Value("", REG_SZ))
    autorun.install(registry, fine, nothing)
    assert autorun.uninstall(registry, created=False)
    assert registry.value == Value("", REG_SZ)


@pytest.mark.parametrize(
    ("edited", "left"),
    [
        ("a & " + ENTRY, "a"),
        ("a&" + ENTRY, "a"),
        (ENTRY + "&a", "a"),
        ("a & " + ENTRY + " & b", "a & b"),
        ("a&" + ENTRY + "&b", "a&b"),
        ("a & " + ENTRY.upper() + " & b", "a & b"),
        (ENTRY + " & " + ENTRY + " & a", "a"),
        (f"({ENTRY})", f"({autorun.NOTHING})"),
        (f"if x ({ENTRY}) else y", f"if x ({autorun.NOTHING}) else y"),
        (f"(a & {ENTRY})", "(a)"),
        (ENTRY + "&&a", "a"),
        ("a || " + ENTRY + " & b", "a || b"),
        (ENTRY, ""),
        (ENTRY + " &  a", " a"),
    ],
)
def test_ours_alone_goes_after_others_have_edited_the_value(edited, left):
    registry = Memory(Value(edited, REG_SZ))
    assert autorun.uninstall(registry, created=False)
    assert registry.value == Value(left, REG_SZ)


def test_what_others_add_after_us_stays_when_the_value_was_ours():
    registry = Memory(Value(ENTRY + "&clink inject", REG_SZ))
    assert autorun.uninstall(registry, created=True)
    assert registry.value == Value("clink inject", REG_SZ)


def test_an_entry_that_others_moved_back_comes_first_again():
    registry = Memory(Value("a & " + ENTRY, REG_SZ))
    assert autorun.install(registry, fine, nothing)
    assert registry.value == Value(ENTRY + " & a", REG_SZ)


def test_our_entry_is_one_command_in_ascii():
    assert ENTRY.isascii()
    assert ENTRY.startswith("(")
    assert ENTRY.endswith(")")
    assert "&" not in ENTRY
    assert "|" not in ENTRY


@pytest.mark.parametrize(
    "value", [Value("", 4), Value("a\0b", REG_SZ), Value("x" * 8100, REG_SZ), Value("", 7)]
)
def test_a_value_that_could_not_be_kept_is_left_alone(value):
    registry = Memory(value)
    with pytest.raises(AutovenvError):
        autorun.install(registry, fine, nothing)
    assert registry.value == value


@pytest.mark.parametrize("old", [None, Value("", REG_SZ), *(Value(text, REG_SZ) for text in KNOWN)])
@pytest.mark.parametrize("at", range(1, 8))
@pytest.mark.parametrize("error", [OSError(5, "Access is denied"), KeyboardInterrupt()])
def test_a_failure_at_any_step_leaves_what_was_there(old, at, error):
    registry = Memory(old, at, error)
    try:
        autorun.install(registry, fine, nothing)
    except (AutovenvError, KeyboardInterrupt):
        assert registry.value == old
    else:
        assert registry.calls < at
        assert registry.value == autorun.with_entry(old)


def test_the_steps_are_fewer_than_those_that_were_failed_at():
    registry = Memory(Value("a", REG_SZ))
    autorun.install(registry, fine, nothing)
    assert registry.calls < 7


@pytest.mark.parametrize("at", range(1, 5))
@pytest.mark.parametrize("created", [True, False])
def test_a_failure_while_taking_out_leaves_what_was_there(at, created):
    old = Value(ENTRY + " & a", REG_SZ)
    registry = Memory(old, at)
    try:
        autorun.uninstall(registry, created=created)
    except AutovenvError:
        assert registry.value == old
    else:
        assert registry.value == Value("a", REG_SZ)


DIFFERENT = [
    (("/c echo", b"hello\r\nAUTOVENV_OK\r\n", b"", 0), ("/c exit 7", b"", b"", 7)),
    (("/c echo", b"AUTOVENV_OK\r\n", b"oops", 0), ("/c exit 7", b"", b"", 7)),
    (("/c echo", b"AUTOVENV_OK\r\n", b"", 0), ("/c exit 7", b"", b"", 0)),
    (("/c echo", b"AUTOVENV_OK\r\n", b"", 0), ("/c exit 7", b"", b"", -1)),
]


@pytest.mark.parametrize("after", DIFFERENT)
@pytest.mark.parametrize("old", [None, Value(CONDA, REG_SZ)])
def test_a_cmd_that_does_anything_else_afterwards_puts_the_value_back(after, old):
    answers = iter([fine(), after])
    registry = Memory(old)
    with pytest.raises(AutovenvError, match="put back"):
        autorun.install(registry, lambda: next(answers), nothing)
    assert registry.value == old


def test_a_cmd_that_was_odd_before_may_be_as_odd_after():
    registry = Memory(Value("echo hello", REG_SZ))
    assert autorun.install(registry, lambda: DIFFERENT[0], nothing)


SELF_TEST = (
    ("/c echo AUTOVENV_OK", b"AUTOVENV_OK\r\n", b"", 0),
    ("/c rem", b"", b"", 0),
    *((f"/c exit {code}", b"", b"", code) for code in (0, 1, 7, 255)),
)
"""What the real self-test answers, see registry.try_cmd."""


def faulty():
    """Return the answers of the self-test with one fault: at each command, in each thing looked at."""
    for number, (words, out, err, code) in enumerate(SELF_TEST):
        more = b"x" + out
        others = [(more, err, code), (out, b"oops", code), (out, err, code + 1), (out, err, -1)]
        for bad in ((words, *other) for other in others):
            yield (*SELF_TEST[:number], bad, *SELF_TEST[number + 1 :])


FAULTS = list(faulty())


def test_the_faults_are_those_of_the_real_self_test():
    from autovenv import registry

    assert [" ".join(words) for words in registry.TRIED] == [words for words, *_ in SELF_TEST]
    assert len(FAULTS) == len(SELF_TEST) * 4
    assert SELF_TEST not in FAULTS


@pytest.mark.parametrize("kind", [REG_SZ, REG_EXPAND_SZ])
def test_a_thousand_values_survive_each_fault_of_the_self_test(kind):
    for text in TEXTS:
        old = Value(text, kind)
        for fault in FAULTS:
            registry, answers = Memory(old), iter([SELF_TEST, fault])
            with pytest.raises(AutovenvError, match="put back"):
                autorun.install(registry, lambda answers=answers: next(answers), nothing)
            assert registry.value == old, text


@pytest.mark.parametrize("kind", [REG_SZ, REG_EXPAND_SZ])
def test_a_thousand_values_survive_a_failure_at_each_step(kind):
    steps = set()
    for text in TEXTS:
        old = Value(text, kind)
        for at in range(1, 9):
            registry = Memory(old, at)
            probes = []

            def probe(registry=registry, probes=probes):
                probes.append(1)
                registry.call()  # a cmd that does not start is a step that fails, too
                return SELF_TEST

            try:
                autorun.install(registry, probe, nothing)
            except AutovenvError:
                assert registry.value == old, (text, at)
                steps.add((at, len(probes)))
            else:
                assert registry.calls < at
                assert registry.value == autorun.with_entry(old)
    # read, self-test, read again, write, read, self-test: each was failed at, in this order
    assert steps == {(1, 0), (2, 1), (3, 1), (4, 1), (5, 1), (6, 2)}


@pytest.mark.parametrize("which", [1, 2])
def test_a_cmd_that_does_not_start_changes_nothing(which):
    calls = []

    def probe():
        calls.append(1)
        if len(calls) == which:
            raise OSError(2, "no cmd")
        return fine()

    registry = Memory(Value("a", REG_SZ))
    with pytest.raises(AutovenvError):
        autorun.install(registry, probe, nothing)
    assert registry.value == Value("a", REG_SZ)


def test_the_value_from_before_is_kept_before_it_is_changed():
    registry, kept = Memory(Value("a", REG_SZ)), []
    autorun.install(registry, fine, lambda old: kept.append((old, registry.value)))
    assert kept == [(Value("a", REG_SZ), Value("a", REG_SZ))]


def test_somebody_who_writes_while_we_try_keeps_what_he_wrote():
    registry = Memory(Value("a", REG_SZ))
    answers = iter([fine(), DIFFERENT[0]])

    def probe():
        answer = next(answers)
        if answer is DIFFERENT[0]:
            registry.value = Value(registry.value.text + "&b", REG_SZ)
        return answer

    with pytest.raises(AutovenvError):
        autorun.install(registry, probe, nothing)
    assert registry.value == Value("a&b", REG_SZ)


def test_somebody_who_wrote_meanwhile_is_not_overwritten():
    registry = Memory(Value("a", REG_SZ))
    with pytest.raises(AutovenvError, match="somebody else"):
        autorun.install(registry, fine, lambda _: setattr(registry, "value", Value("b", REG_SZ)))
    assert registry.value == Value("b", REG_SZ)
