"""The hooks beside what people have in their start-up files: prompt commands, options, traps, other tools.

Each setting is tried in a real interactive shell: into a project, a line that fails, and out again. The
environment must be on and off, the status kept, PATH the same at the end, and nothing said that a shell
without our hook would not say.
"""

from __future__ import annotations

import os
import re

import pytest

from shims.ground import PROMPT, SHELLS, Home, Terminal, forge_venv, shipped_hook, write

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()=>]\w?|\r")
# Words that our hooks use. A person may have an alias or a function of that name.
BASH_BUILTINS = (
    *"local return export unset read printf declare shopt complete".split(),  # noqa: SIM905, a list of words reads better so
    *"history hash break continue true false : [ test".split(),  # noqa: SIM905
)
ZSH_BUILTINS = (
    *"local return export unset read print typeset emulate".split(),  # noqa: SIM905, a list of words reads better so
    *"setopt unsetopt autoload unfunction break true false : test".split(),  # noqa: SIM905
)

BASH = {
    "PROMPT_COMMAND unset": ("unset PROMPT_COMMAND", ""),
    "PROMPT_COMMAND a string": ("PROMPT_COMMAND='seen=$?'", ""),
    "PROMPT_COMMAND a string that ends with a semicolon": ("PROMPT_COMMAND='seen=$?; '", ""),
    "PROMPT_COMMAND exported": ("export PROMPT_COMMAND='seen=$?'", ""),
    "PROMPT_COMMAND a list": ("PROMPT_COMMAND=('seen=$?' 'also=$?')", ""),
    "PROMPT_COMMAND set after us by a tool that puts itself first": (
        "",
        'PROMPT_COMMAND="seen=\\$?;$PROMPT_COMMAND"',
    ),
    "nounset, noclobber, pipefail": ("", "set -uC -o pipefail"),
    "errexit": ("", "set -e"),
    "noglob, keyword": ("", "set -fk"),
    "allexport": ("set -a", ""),
    "posix": ("", "set -o posix"),
    "IFS": ("", "IFS=/.abcdefgh"),
    "a locale of bytes": ("LC_ALL=C", ""),
    "nullglob, failglob, nocasematch": ("", "shopt -s nullglob failglob nocasematch extglob dotglob"),
    "promptvars off": ("shopt -u promptvars", ""),
    "aliases over builtins": (
        "\n".join(f"alias {name}='echo HIJACKED-{name}'" for name in BASH_BUILTINS if name not in "[:"),
        "",
    ),
    "functions over builtins": (
        "\n".join(f"{name}() {{ echo HIJACKED-{name}; }}" for name in BASH_BUILTINS if name != "["),
        "",
    ),
    "traps": ("", "trap 'caught=1' ERR; trap ': debug' DEBUG; set -ET"),
    "the hook loaded twice": ("", "{again}"),
    "a cd of the person's own": ('cd() { builtin cd "$@"; }', ""),
    "direnv before": ('eval "$(direnv hook bash)"', ""),
    "direnv after": ("", 'eval "$(direnv hook bash)"'),
    "zoxide before": ('eval "$(zoxide init bash)"', ""),
    "zoxide after": ("", 'eval "$(zoxide init bash)"'),
}
ZSH = {
    "plain": ("", ""),
    "precmd and preexec of the person's own": ("precmd() { seen=$?; }; preexec() { :; }; chpwd() { :; }", ""),
    "err_exit": ("", "setopt err_exit"),
    "nounset, noclobber, pipefail": ("", "setopt no_unset no_clobber pipe_fail"),
    "ksh options": ("", "setopt ksh_arrays sh_word_split ksh_glob sh_file_expansion posix_builtins"),
    "ksh options before": ("setopt ksh_arrays sh_word_split ksh_glob ignore_braces", ""),
    "globs": ("", "setopt null_glob csh_null_glob extended_glob glob_subst glob_assign no_case_match"),
    "prompt_subst": ("setopt prompt_subst prompt_bang", ""),
    "IFS": ("", "IFS=/.abcdefgh"),
    "a locale of bytes": ("LC_ALL=C", ""),
    "warn_create_global": ("", "setopt warn_create_global warn_nested_var"),
    "xtrace, into nowhere": ("exec 2>/dev/null; set -x", ""),
    "err_return, posix": ("", "setopt err_return posix_builtins posix_identifiers local_options"),
    "ksh": ("", "emulate ksh"),
    "aliases over builtins": (
        "\n".join(f"alias {name}='echo HIJACKED-{name}'" for name in ZSH_BUILTINS if name != ":"),
        "",
    ),
    "global aliases": (
        "alias -g trust='echo HIJACKED' prompt='echo HIJACKED' mirror='echo HIJACKED'",
        "",
    ),
    "functions over builtins": (
        "\n".join(
            f"function {name} {{ echo HIJACKED-{name} }}"
            for name in ZSH_BUILTINS
            if name not in ("typeset", "local")
        ),
        "",
    ),
    "traps": ("", "TRAPDEBUG() { :; }; TRAPZERR() { :; }"),
    "the hook loaded twice": ("", "{again}"),
    "a cd of the person's own": ('cd() { builtin cd "$@"; }', ""),
    "direnv before": ('eval "$(direnv hook zsh)"', ""),
    "direnv after": ("", 'eval "$(direnv hook zsh)"'),
    "zoxide before": ('eval "$(zoxide init zsh)"', ""),
    "zoxide after": ("", 'eval "$(zoxide init zsh)"'),
}
SETTINGS = [("bash", name, *lines) for name, lines in BASH.items()] + [
    ("zsh", name, *lines) for name, lines in ZSH.items()
]


@pytest.fixture
def home(tmp_path):
    """A home with one allowed project, p."""
    home = Home(str(tmp_path))
    forge_venv(f"{home.path}/p")
    home.set_up(SHELLS["bash"], None)
    home.allow(f"{home.path}/p")
    return home


def start(home, name, before="", after="", *, hook=True):
    """Start a shell whose start-up file has ``before``, our line, ``after``."""
    shell = SHELLS[name]
    home.set_up(shell, shipped_hook(shell))
    ours = shell.source.format(f"{home.state}/hook.{name}") if hook else ":"
    text = "\n".join((shell.plain, before, ours, after.replace("{again}", ours)))
    write(os.path.join(home.path, shell.startup), text + "\n")
    return Terminal([name, *shell.arguments], home, home.path)


def said(terminal, line):
    """Type a line; return what was shown, without its echo and the prompt's label."""
    text = ESCAPES.sub("", terminal.type(line))
    return text.replace(line, "").replace("(.venv) ", "").strip()


@pytest.mark.parametrize(
    ("name", "_", "before", "after"), SETTINGS, ids=[f"{s[0]}: {s[1]}" for s in SETTINGS]
)
def test_in_and_out_with_this_setting(home, name, _, before, after):
    terminal = start(home, name, before, after)
    venv = f"{home.path}/p/.venv"
    path = said(terminal, 'echo "P=$PATH"')
    assert path.startswith("P=/usr"), "the control: the shell answers"
    assert said(terminal, "cd p") == ""
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == f"V={venv}"
    assert said(terminal, 'echo "P=$PATH"') == path.replace("P=", f"P={venv}/bin:")
    said(terminal, "! sh -c 'exit 0' || :")
    assert said(terminal, 'if sh -c "exit 7"; then :; else echo "S=$?"; fi') == "S=7"
    assert said(terminal, "cd ..") == ""
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == "V="
    assert said(terminal, 'echo "P=$PATH"') == path
    terminal.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_the_next_line_finds_status_pipe_and_last_word(home, name):
    terminal = start(home, name)
    pipe = "${PIPESTATUS[*]}" if name == "bash" else "$pipestatus"
    for folder in (".", "p"):
        said(terminal, f"cd {folder}")
        said(terminal, "sh -c 'exit 7' last")
        assert said(terminal, 'echo "S=$? W=$_"') == "S=7 W=last"
        said(terminal, "sh -c 'exit 3' | sh -c 'exit 4'")
        assert said(terminal, f'echo "{pipe}"') == "3 4"
    terminal.leave()


@pytest.mark.parametrize(
    "form", ["PROMPT_COMMAND='{}'", "PROMPT_COMMAND=(: '{}')", "export PROMPT_COMMAND='{}'"]
)
def test_bash_what_follows_us_in_prompt_command_finds_the_status(home, form):
    terminal = start(home, "bash", form.format('echo "saw=$?"'))
    for folder in (".", "p"):
        said(terminal, f"cd {folder}")
        assert said(terminal, "sh -c 'exit 7'") == "saw=7"
    terminal.leave()


@pytest.mark.parametrize("form", ["PROMPT_COMMAND='{}'", "PROMPT_COMMAND=(: '{}')"])
def test_bash_what_follows_us_in_prompt_command_finds_the_pipe(home, form):
    terminal = start(home, "bash", form.format('echo "saw=${PIPESTATUS[*]}"'))
    assert said(terminal, "sh -c 'exit 3' | sh -c 'exit 4'") == "saw=3 4"
    terminal.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_set_x_shows_no_line_of_ours(home, name):
    terminal = start(home, name)
    terminal.type("set -x")
    lines = [
        terminal.type(line) for line in ("cd p", "deactivate", "cd ..", "cd p", "cd /", "pushd /tmp", "popd")
    ]
    traced = [line for text in lines for line in ESCAPES.sub("", text).splitlines() if line.startswith("+")]
    assert len(traced) == len(lines), traced  # the control: the person's own words are traced, each once
    assert not any("autovenv" in line.lower() for line in traced)
    terminal.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_set_x_and_more_on_one_line_shows_no_line_of_ours(home, name):
    terminal = start(home, name)
    text = ESCAPES.sub("", terminal.type("set -x; cd p; deactivate; cd ..; set +x; cd p"))
    traced = [line for line in text.splitlines() if line.startswith("+")]
    assert len(traced) == 4, traced
    assert "autovenv" not in text.lower()
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == f"V={home.path}/p/.venv"
    terminal.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_a_hook_without_those_forms_would_show_its_lines(home, name):
    hooked = "PROMPT_COMMAND='__autovenv_probe=1'" if name == "bash" else "precmd() { __autovenv_probe=1; }"
    terminal = start(home, name, hooked, hook=False)
    terminal.type("set -x")
    assert "__autovenv_probe" in terminal.type("true")
    terminal.leave()


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_direnv_that_puts_its_snapshot_of_path_back(home, name, order):
    line = f'eval "$(direnv hook {name})"'
    write(f"{home.path}/p/.envrc", "PATH_add tools\n")
    os.mkdir(f"{home.path}/p/tools")
    terminal = start(home, name, *((line, "") if order == "before" else ("", line)))
    path = said(terminal, 'echo "P=$PATH"')
    said(terminal, "direnv allow p")
    venv, tools = f"{home.path}/p/.venv", f"{home.path}/p/tools"
    said(terminal, "cd p")
    inside = said(terminal, 'echo "P=$PATH V=$VIRTUAL_ENV"')
    assert f"{venv}/bin:" in inside
    assert f"{tools}:" in inside
    assert inside.endswith(f"V={venv}")
    said(terminal, "direnv reload")
    assert f"{venv}/bin:" in said(terminal, 'echo "P=$PATH"')
    said(terminal, "cd ..")
    said(terminal, "true")
    assert said(terminal, 'echo "P=$PATH V=$VIRTUAL_ENV"') == f"{path} V="
    said(terminal, "cd p")
    said(terminal, "deactivate")
    said(terminal, "true")
    assert venv not in said(terminal, 'echo "P=$PATH V=$VIRTUAL_ENV"')
    terminal.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
def test_zoxide_jumps_switch_too(home, name):
    terminal = start(home, name, f'eval "$(zoxide init {name})"')
    said(terminal, "cd p")
    said(terminal, "cd ..")
    said(terminal, f"z {home.path}/p")
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == f"V={home.path}/p/.venv"
    terminal.leave()


@pytest.mark.parametrize(
    ("line", "active"),
    [
        ("p", True),  # AUTO_CD
        ("cd ~proj", True),
        ("cd -q p", True),
        ("pushd p", True),
        ("x=$(cd p; echo ${VIRTUAL_ENV:-none})", False),
        ("(cd p)", False),
    ],
)
def test_zsh_ways_to_change_directory(home, line, active):
    terminal = start(home, "zsh", "setopt auto_cd", f"hash -d proj={home.path}/p")
    said(terminal, line)
    expected = f"{home.path}/p/.venv" if active else ""
    assert said(terminal, 'echo "V=$VIRTUAL_ENV x=$x"') == f"V={expected} x={'none' if 'x=' in line else ''}"
    terminal.leave()


def test_zsh_options_and_arrays_are_as_before(home):
    listing = 'print -r -- "O=${(kv)options}" "A=${(k)aliases}" "T=${(k)functions[(R)*TRAP*]}"'
    bare = start(home, "zsh", hook=False)
    terminal = start(home, "zsh")
    for one in (bare, terminal):
        said(one, "cd p")
    assert sorted(said(terminal, listing).split()) == sorted(said(bare, listing).split())
    assert len(said(bare, listing)) > 1000, "the control: there is something to compare"
    for one in (bare, terminal):
        one.leave()


def test_bash_options_are_as_before(home):
    listing = 'echo "$SHELLOPTS $BASHOPTS $-"'
    bare, terminal = start(home, "bash", hook=False), start(home, "bash")
    for one in (bare, terminal):
        said(one, "cd p")
    assert said(terminal, listing) == said(bare, listing)
    assert "expand_aliases" in said(bare, listing), "the control: there is something to compare"
    for one in (bare, terminal):
        one.leave()


@pytest.mark.parametrize("others", ["PS0=", "PS0='>'", "unset PS0", "PS0='>'; set -u"])
@pytest.mark.parametrize("where", ["in the start-up file", "typed", "typed, and inside"])
def test_bash_what_ps0_does_not_tell_is_seen_all_the_same(home, others, where):
    # Our prompts sleep until PS0 counts a line: not where PS0 is somebody else's.
    terminal = start(home, "bash", "", others if where == "in the start-up file" else "")
    os.mkdir(f"{home.path}/new")
    if where == "typed, and inside":
        said(terminal, "cd p")
    for line in (":", others if where.startswith("typed") else ":", ":", "cd ../new || cd new", ":", ":"):
        said(terminal, line)
    forge = "mkdir -p .venv/bin; echo home = /usr/bin >.venv/pyvenv.cfg"
    assert "autovenv:" in terminal.type(forge) + terminal.type(":")
    said(terminal, f"cd {home.path}/p")
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"').endswith(f"V={home.path}/p/.venv")
    terminal.leave()


def pressed(terminal, key="\x14"):
    """Press a key that is bound to something, then Enter; return what was shown."""
    return ESCAPES.sub("", terminal.type(key))


@pytest.mark.parametrize(
    "line",
    [
        ":",
        "PROMPT_COMMAND+=(seen=1)",
        'PROMPT_COMMAND=(seen=1 "${PROMPT_COMMAND[@]}")',
        'PROMPT_COMMAND="seen=1;$PROMPT_COMMAND"',
        'PROMPT_COMMAND+=";seen=1"',
    ],
)
def test_bash_the_prompt_wakes_whatever_happened_to_prompt_command(home, line):
    terminal = start(home, "bash")
    os.mkdir(f"{home.path}/a")
    for one in ("cd a", "", "", line, "", ""):
        assert said(terminal, one) == ""
    assert said(terminal, 'echo "S=${seen-}"') == ("S=1" if "seen" in line else "S=")
    assert "autovenv: " in made_here(terminal)
    terminal.leave()


@pytest.mark.parametrize("others", ["", "PROMPT_COMMAND+=(':')"])
def test_bash_after_an_empty_line_nothing_of_ours_is_left_to_read(home, others):
    terminal = start(home, "bash", "", others)
    said(terminal, r"""bind -x '"\C-t": echo "<${PROMPT_COMMAND[0]}>"'""")
    assert "LOOK" in pressed(terminal), "the control: after a line it is there"
    assert "<>" in pressed(terminal)
    said(terminal, ":")
    assert "LOOK" in pressed(terminal)
    said(terminal, "cd p")
    said(terminal, "")
    assert "LOOK" in pressed(terminal), "in a project it stays"
    terminal.leave()


def test_bash_an_element_of_somebody_elses_is_never_emptied(home):
    terminal = start(home, "bash", "", 'PROMPT_COMMAND=(seen+=x "${PROMPT_COMMAND[@]}")')
    said(terminal, "seen=")
    for _ in range(3):
        said(terminal, "")
    assert said(terminal, 'echo "S=$seen"') == "S=xxxx"
    terminal.leave()


@pytest.mark.parametrize("folder", ["p", "cold"])
def test_bash_a_key_that_changes_the_folder_wakes_the_prompt(home, folder):
    forge_venv(f"{home.path}/cold")
    terminal = start(home, "bash")
    said(terminal, rf"""bind -x '"\C-t": cd {home.path}/{folder}'""")
    for _ in range(3):
        said(terminal, "")
    shown = pressed(terminal)
    assert ("autovenv: this .venv is off" in shown) == (folder == "cold")
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == (
        "V=" if folder == "cold" else f"V={home.path}/p/.venv"
    )
    terminal.leave()


@pytest.mark.parametrize("where", ["outside", "inside"])
def test_bash_where_prompts_are_not_expanded_none_shows_our_notes(home, where):
    terminal = start(home, "bash")
    if where == "inside":
        said(terminal, "cd p")
    said(terminal, "")
    terminal.type("shopt -u promptvars")
    terminal.type(":")
    shown = terminal.type(":") + terminal.type("")
    assert "AUTOVENV" not in shown
    assert ("(.venv) " in shown) == (where == "inside")
    said(terminal, "cd; cd p")
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/p/.venv"
    said(terminal, "cd")
    said(terminal, "shopt -s promptvars")
    assert "AUTOVENV" not in terminal.type(":")
    assert (
        said(terminal, '[[ $PS0 == *"$_AUTOVENV_NOTE_PS0"* && $PS1 == *"$_AUTOVENV_NOTE_PS1"* ]]; echo $?')
        == "0"
    )
    terminal.leave()


def test_bash_about_in_a_project_it_goes_by_what_it_remembers(home):
    terminal = start(home, "bash")
    os.makedirs(f"{home.path}/p/src/deep")
    marker = f"{home.state}/trust{home.path}/p/.autovenv-allow"
    for line in ("cd p", "cd src", "cd ..", "cd src/deep", "cd ../.."):
        said(terminal, line)
    os.rename(
        marker, f"{marker}.away"
    )  # what the program never does: a marker that goes while an epoch stands
    for folder in ("src", "src/deep", "."):
        said(terminal, f"cd {home.path}/p/{folder}")
        assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/p/.venv"
    home.begin_epoch()
    said(terminal, "cd src")
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == "V="
    terminal.leave()


def test_bash_deeper_in_a_project_a_strange_venv_gets_the_hint_each_way(home):
    terminal = start(home, "bash")
    for folder in ("one", "two"):
        forge_venv(f"{home.path}/p/{folder}")
    said(terminal, "cd p/one")  # the long way
    said(terminal, "cd ../two")
    said(terminal, "cd ..")
    again = start(home, "bash")
    said(again, "cd p")
    assert "autovenv: this .venv is off" in said(again, "cd one")
    said(again, "cd ../two")
    said(again, "_AUTOVENV_HINTED=:; cd ..")
    assert "autovenv: this .venv is off" in said(again, "cd one")  # remembered by now
    assert said(again, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/p/.venv"
    for one in (terminal, again):
        one.leave()


@pytest.mark.parametrize("name", ["bash", "zsh"])
@pytest.mark.parametrize("change", ["nothing", "bin", "pyvenv.cfg", "older", "gone", "refused"])
def test_what_changes_in_an_active_environment_is_seen_after_an_empty_line(home, name, change):
    terminal = start(home, name)
    venv = f"{home.path}/p/.venv"
    for line in ("cd p", "true", "", ""):
        said(terminal, line)
    if change == "refused":
        # As verify in another terminal: the twins are those of now.
        write(f"{home.state}/trust{home.path}/p/.autovenv-refused", "tracked\n")
        home.begin_epoch()
    elif change == "gone":
        os.unlink(f"{venv}/pyvenv.cfg")
    elif change == "older":
        os.utime(f"{venv}/bin", (1_000_000_000, 1_000_000_000))
    elif change != "nothing":
        os.utime(f"{venv}/{change}")
    said(terminal, "")
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == (f"V={venv}" if change == "nothing" else "V=")
    terminal.leave()


def test_bash_a_theme_that_redraws_the_prompt_keeps_it(home):
    terminal = start(home, "bash", f"PROMPT_COMMAND='PS1=\"{PROMPT}\"'")
    terminal.type("cd p")
    assert "(.venv)" not in terminal.type("true")
    assert said(terminal, 'echo "V=${VIRTUAL_ENV-}"') == f"V={home.path}/p/.venv"
    terminal.leave()


def test_bash_a_closed_stderr_does_not_keep_cd_from_its_work(home):
    terminal = start(home, "bash")
    said(terminal, "cd p 2>&-")
    assert said(terminal, "pwd") == f"{home.path}/p"
    terminal.leave()


def in_fish(home, *lines, before="", after=""):
    """Type lines into fish, which draws a prompt more than once; return what they wrote to ~/seen."""
    terminal = start(home, "fish", before, after)
    for line in lines:
        terminal.type(line)
    terminal.leave()
    with open(f"{home.path}/seen", encoding="utf-8") as file:
        return file.read().splitlines()


FISH_WORDS = "contains path math emit true printf functions count".split()  # noqa: SIM905, a list of words reads better so
FISH_STATE = 'echo "$VIRTUAL_ENV $PATH" >>~/seen'
FISH_PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.mark.parametrize(
    ("line", "active"),
    [
        ("cd p", True),
        ("begin; cd p; end", True),
        ("cd p >/dev/null", True),
        ("cd p </dev/null", True),
        ("echo p | read -l folder; cd $folder", True),
        ("echo p | while read -l folder; cd $folder; end", True),
        ("set here (cd p; pwd)", True),
        ("pushd p", True),
        ("./p/", True),
        ("prevd; cd p; cd ..; nextd; cd p", True),
        ("function f; set -lx PATH /nowhere; set -lx VIRTUAL_ENV x; cd $argv; end; f p", True),
        ("PATH=/nowhere VIRTUAL_ENV=x cd p", True),
        ("cd p; cd ..", False),
        ("fish -c 'cd p'", False),
    ],
)
def test_fish_the_first_change_of_directory_counts(home, line, active):
    seen = in_fish(home, FISH_STATE, line, FISH_STATE, f"cd {home.path}", FISH_STATE)
    venv = f"{home.path}/p/.venv"
    assert seen == [
        f" {FISH_PATH}",
        f"{venv} {venv}/bin:{FISH_PATH}" if active else f" {FISH_PATH}",
        f" {FISH_PATH}",
    ]


@pytest.mark.parametrize(
    "setting",
    [
        "cd p; cd ..",  # before the first prompt nothing is decided
        "set -U _AUTOVENV_PLAIN 1; set -U _AUTOVENV_MARKER a b c d; set -U _AUTOVENV_LINE x",
        "function cd; builtin cd $argv; end",
        *(f"function {name}; echo HIJACKED; end" for name in FISH_WORDS),
        "set -g fish_private_mode 1",
        "function look --on-variable PWD; set -g looked $VIRTUAL_ENV; end",
        "set -gx CONDA_PREFIX /opt/conda; set -gx CONDA_DEFAULT_ENV base",
    ],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_fish_in_and_out_with_this_setting(home, setting, order):
    status = "echo $status $pipestatus >>~/seen"
    round_ = ("cd p", FISH_STATE, "sh -c 'exit 3' | sh -c 'exit 4'", status, "cd ..", FISH_STATE)
    seen = in_fish(home, *round_, *round_, **{order: setting})
    venv = f"{home.path}/p/.venv"
    assert seen == [f"{venv} {venv}/bin:{FISH_PATH}", "4 3 4", f" {FISH_PATH}"] * 2


@pytest.mark.parametrize(
    ("lines", "inside", "outside"),
    [
        ([], "(.venv) ready> ", "ready> "),
        (["functions -c fish_prompt mine"], "(.venv) ready> ", "ready> "),
        (["function fish_prompt; echo -n 'new ready> '; end"], "new ready> ", "new ready> "),
        (
            ["functions -e fish_prompt; function fish_prompt; echo -n 'new ready> '; end"],
            "new ready> ",
            "new ready> ",
        ),
        (["source ~/.config/fish/config.fish"], "ready> ", "ready> "),
        (["cd .", "cd ."], "(.venv) ready> ", "ready> "),
    ],
)
def test_fish_the_prompt_is_given_back_only_if_it_is_still_ours(home, lines, inside, outside):
    show = "echo '['(fish_prompt)']' >>~/seen"
    gone = "functions -q __autovenv_old_prompt; or echo gone >>~/seen"
    seen = in_fish(home, show, "cd p", *lines, show, "cd ..", show, gone, "cd p", "cd ..", show, gone)
    assert seen == ["[ready> ]", f"[{inside}]", f"[{outside}]", "gone", f"[{outside}]", "gone"]


# ---- zsh: the prompt sleeps while there is nothing to see ----------------------------------------


def made_here(terminal):
    """Make something like a venv here, and return what the prompt after it says: it must be awake."""
    return said(terminal, "mkdir .venv; : >.venv/pyvenv.cfg")


@pytest.mark.parametrize(
    "line",
    [
        ":",
        "precmd_functions+=(mine)",
        "precmd_functions=(mine $precmd_functions)",
        "precmd_functions=(mine)",
        "precmd_functions=()",
        "unset precmd_functions",
        "autoload -Uz add-zsh-hook; add-zsh-hook precmd mine",
    ],
)
def test_zsh_the_prompt_wakes_whatever_happened_to_the_list(home, line):
    terminal = start(home, "zsh", "mine() { seen=1; }")
    os.makedirs(f"{home.path}/a/b")
    said(terminal, "cd a")
    assert said(terminal, line) == ""
    assert said(terminal, "cd b") == ""
    assert said(terminal, ":") == ""
    assert said(terminal, 'echo "S=$seen"') == ("S=1" if "mine" in line else "S=")
    assert "autovenv: " in made_here(terminal)
    terminal.leave()


def test_zsh_control_without_a_prompt_function_nothing_is_said(home):
    terminal = start(home, "zsh", "", "precmd_functions=() preexec_functions=()")
    os.mkdir(f"{home.path}/a")
    said(terminal, "cd a")
    assert made_here(terminal) == ""
    terminal.leave()


def test_zsh_loops_over_the_lists_find_no_name_that_is_no_function(home):
    terminal = start(home, "zsh")
    for folder in (".", "p", "..", "/"):
        said(terminal, f"cd {folder}")
        assert said(terminal, "for f in $precmd_functions $chpwd_functions; do $f; done") == ""
    terminal.leave()


@pytest.mark.parametrize("function", ["cd() { builtin cd $@", "chpwd() { :", "precmd() { :"])
def test_zsh_what_other_functions_activate_at_a_cd_is_noticed_at_its_prompt(home, function):
    forge_venv(f"{home.path}/q")
    write(f"{home.path}/q/.venv/bin/activate", f"export VIRTUAL_ENV={home.path}/q/.venv\n")
    terminal = start(
        home, "zsh", f"{function}; [[ ! -f .venv/bin/activate ]] || source .venv/bin/activate }}"
    )
    os.mkdir(f"{home.path}/a")
    for folder in ("a", "..", "q"):
        said(terminal, f"cd {folder}")
    assert said(terminal, 'echo "S=$_AUTOVENV_SEEN"') == f"S={home.path}/q/.venv"
    terminal.leave()


def test_zsh_a_widget_that_changes_the_folder(home):
    widgets = "in() { cd p; zle reset-prompt }; out() { cd ..; zle reset-prompt }"
    terminal = start(home, "zsh", f"{widgets}; zle -N in; zle -N out; bindkey ^G in ^T out")
    for key, expected in (("\x07", f"{home.path}/p/.venv"), ("\x14", "")):
        terminal.child.send(key)
        terminal.child.expect_exact(PROMPT)
        assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={expected}"
    terminal.leave()


FAR = "/usr/share"
"""A folder on whose way no project can be: after a cd to it, the hook is as much asleep as it can be."""


def test_zsh_a_widget_that_comes_from_afar_is_noticed_before_the_next_line(home):
    widget = f"in() {{ cd {home.path}/p; zle reset-prompt }}; zle -N in; bindkey ^G in"
    terminal = start(home, "zsh", widget)
    said(terminal, f"cd {FAR}")
    terminal.child.send("\x07")
    terminal.child.expect_exact(PROMPT)
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/p/.venv"
    assert said(terminal, "cd ..; echo V=$VIRTUAL_ENV") == "V="
    terminal.leave()


@pytest.mark.parametrize(
    "line",
    [
        "cd PROJECT && echo V=$VIRTUAL_ENV",
        "cd PROJECT/a/..; echo V=$VIRTUAL_ENV",
        "pushd PROJECT >/dev/null; echo V=$VIRTUAL_ENV",
    ],
)
@pytest.mark.parametrize("before", [f"cd {FAR}", f"cd {FAR}/", "cd /no-such-folder", f"cd {FAR}/../lib", ":"])
def test_zsh_from_afar_into_a_project_inside_one_line(home, before, line):
    os.mkdir(f"{home.path}/p/a")
    terminal = start(home, "zsh")
    for far in (before, before):
        said(terminal, far)
    shown = said(terminal, line.replace("PROJECT", f"{home.path}/p"))
    assert shown.splitlines()[0] == f"V={home.path}/p/.venv"
    terminal.leave()


@pytest.mark.parametrize("back", ["cd -", "cd PROJECT", "cd PROJECT/", "cd PROJECT/a/..", "cd ~/p", "cd"])
def test_zsh_from_afar_into_a_project_by_a_plain_cd(home, back):
    os.mkdir(f"{home.path}/p/a")
    terminal = start(home, "zsh")
    for line in ("cd p", f"cd {FAR}"):
        said(terminal, line)
    shown = terminal.type(back.replace("PROJECT", f"{home.path}/p"))
    assert ("(.venv)" in shown) == (back != "cd"), "the label is there at once"
    expected = "" if back == "cd" else f"{home.path}/p/.venv"
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={expected}"
    terminal.leave()


def test_zsh_from_afar_home_where_a_venv_is(home):
    forge_venv(home.path)
    home.allow(home.path)
    terminal = start(home, "zsh")
    for line in (f"cd {FAR}", f"cd {FAR}"):
        assert "(.venv)" not in terminal.type(line)
    assert "(.venv)" in terminal.type("cd"), "the label is there at once"
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/.venv"
    terminal.leave()


@pytest.mark.parametrize(
    "where",
    ["precmd_functions+=(mine)", "precmd_functions=(mine $precmd_functions)", "chpwd_functions+=(mine)"],
)
def test_zsh_other_functions_find_the_environment_after_a_plain_cd(home, where):
    terminal = start(home, "zsh", "", f"mine() {{ seen=$VIRTUAL_ENV; }}; {where}")
    for folder, venv in (
        ("p", f"{home.path}/p/.venv"),
        (FAR, ""),
        ("/usr/lib", ""),
        (f"{home.path}/p", f"{home.path}/p/.venv"),
    ):
        said(terminal, f"cd {folder}")
        assert said(terminal, 'echo "S=$seen"') == f"S={venv}"
    for line in (f"cd {FAR}", "cd /usr/lib", f"cd {home.path}/p"):
        said(terminal, line)
    assert said(terminal, 'echo "S=$seen"') == f"S={home.path}/p/.venv"
    terminal.leave()


def test_zsh_functions_that_come_while_the_hook_is_asleep_are_called_at_a_cd(home):
    terminal = start(
        home,
        "zsh",
        "mine() { seen+=x }; in() { chpwd_functions=($chpwd_functions mine) }; zle -N in; bindkey ^G in",
    )
    for line in (f"cd {FAR}", "cd /usr/lib"):
        said(terminal, line)
    terminal.child.send("\x07")
    for line in (f"cd {FAR}", f"cd {home.path}/p"):
        said(terminal, line)
    assert said(terminal, 'echo "S=$seen V=$VIRTUAL_ENV"') == f"S=xx V={home.path}/p/.venv"
    assert said(terminal, 'cd ..; echo "S=$seen V=$VIRTUAL_ENV"') == "S=xxx V="
    terminal.leave()


@pytest.mark.parametrize("remembers", [True, False], ids=["epochs", "no epochs"])
def test_zsh_a_marker_that_changes_in_another_terminal_shows_at_the_next_cd(home, remembers):
    marker = f"{home.state}/trust{home.path}/p/.autovenv-allow"

    def changed():
        if remembers:
            home.begin_epoch()

    if not remembers:
        end_epochs(home)
    terminal = start(home, "zsh")
    said(terminal, "cd p")
    said(terminal, "cd ..")
    os.rename(marker, f"{marker}.away")
    changed()
    said(terminal, "cd p")
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == "V="
    said(terminal, "cd ..")
    forge_venv(f"{home.path}/other")
    venv = f"{home.path}/other/.venv"
    for name in ("pyvenv.cfg", "bin"):
        os.utime(f"{venv}/{name}", (1_000_000_000, 1_000_000_000))
    write(marker, f"autovenv 1\n{home.path}/p\n{venv}\n{venv}/bin\n.venv\n")
    for twin in ("cfg-lo", "cfg-hi", "bin-lo", "bin-hi"):
        os.utime(f"{os.path.dirname(marker)}/.autovenv-{twin}", (1_000_000_000, 1_000_000_000))
    changed()
    said(terminal, "cd p")
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={venv}"
    said(terminal, "cd ..")
    assert venv not in said(terminal, 'echo "P=$PATH"')
    terminal.leave()


def end_epochs(home):
    """Leave no epoch, as while there is any .autovenv-under: no hook may remember anything."""
    for name in os.listdir(f"{home.state}/trust"):
        if name.startswith(".autovenv-epoch"):
            os.unlink(f"{home.state}/trust/{name}")


def test_zsh_looks_up_once_in_an_epoch(home):
    marker = f"{home.state}/trust{home.path}/p/.autovenv-allow"
    forge_venv(f"{home.path}/q")
    terminal = start(home, "zsh")
    os.mkdir(f"{home.path}/p/src")
    for line in ("cd p/src", "cd ..", "cd ../q", f"cd {FAR}"):
        said(terminal, line)
    # What the program never does: markers that change while an epoch stands.
    os.rename(marker, f"{marker}.away")
    os.makedirs(f"{home.state}/trust{home.path}/q")
    write(
        f"{home.state}/trust{home.path}/q/.autovenv-allow",
        f"autovenv 1\n{home.path}/q\n{home.path}/q/.venv\n{home.path}/q/.venv/bin\n.venv\n",
    )
    for folder, venv in (("p/src", f"{home.path}/p/.venv"), ("p", f"{home.path}/p/.venv"), ("q", "")):
        said(terminal, f"cd {home.path}/{folder}")
        assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={venv}"
    home.allow(f"{home.path}/q")
    for folder, venv in (("p/src", ""), ("p", ""), ("q", f"{home.path}/q/.venv")):
        said(terminal, f"cd {home.path}/{folder}")
        assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={venv}"
    terminal.leave()


def test_zsh_from_afar_into_what_has_become_a_project(home):
    os.mkdir(f"{home.path}/q")
    terminal = start(home, "zsh")
    for line in (f"cd {home.path}/q", f"cd {FAR}") * 2:
        said(terminal, line)
    forge_venv(f"{home.path}/q")
    home.allow(f"{home.path}/q")
    assert "(.venv)" in terminal.type(f"cd {home.path}/q"), "the label is there at once"
    terminal.leave()


def test_zsh_from_afar_into_a_remembered_folder_with_a_strange_venv(home):
    os.mkdir(f"{home.path}/q")
    terminal = start(home, "zsh")
    for line in (f"cd {home.path}/q", f"cd {FAR}") * 2:
        said(terminal, line)
    forge_venv(f"{home.path}/q")
    assert "this .venv is off" in said(terminal, f"cd {home.path}/q")
    terminal.leave()


def test_zsh_remembers_folders_by_their_names_and_no_more_than_500(home):
    names = ["a]b", "a[b", "a$b", "a`b", "a*b", 'a"b', "a'b", "a\\b", "a b", "a\nb", "a\udce9b", "(I)x", "-"]
    for name in names:
        os.mkdir(f"{home.path}/{name}")
    terminal = start(home, "zsh", "count() { echo N=${#_AUTOVENV_WAYS} }")
    said(terminal, "for f in *(/); do cd ./$f; cd ..; cd ./$f; cd ..; done")
    assert said(terminal, "count") == f"N={len(names) + 1}", "each of them, and the folder above"
    unknown = "for f in *(/); do [[ -n ${_AUTOVENV_WAYS[$PWD/$f]-} || $f == p ]] || echo $f; done"
    assert said(terminal, unknown) == ""
    said(terminal, "mkdir {1..480}; for f in {1..480}; do cd $f; cd ..; done")
    assert said(terminal, "count") == f"N={len(names) + 481}"
    said(terminal, "mkdir 1/{1..9}; for f in {1..9}; do cd 1/$f; cd ../..; done")
    assert said(terminal, "count") == f"N={len(names) + 490 - 500 + 1}", "a new start, and the folder above"
    terminal.leave()


def test_zsh_forgets_a_way_home_that_was_not_home_before(home):
    os.mkdir(f"{home.path}/p/src")
    terminal = start(home, "zsh")
    for line in ("cd p/src", f"cd {FAR}", f"HOME={home.path}/p", f"cd {home.path}/p/src"):
        said(terminal, line)
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == "V="
    said(terminal, "cd")
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/p/.venv"
    terminal.leave()


def test_zsh_forgets_a_way_home_that_is_home_no_more(home):
    forge_venv(home.path)
    home.allow(home.path)
    os.mkdir(f"{home.path}/q")
    terminal = start(home, "zsh")
    for line in ("cd q", f"cd {FAR}", f"HOME={FAR}", f"cd {home.path}/q"):
        said(terminal, line)
    assert said(terminal, 'echo "V=$VIRTUAL_ENV"') == f"V={home.path}/.venv"
    terminal.leave()
