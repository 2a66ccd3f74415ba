"""The command line with streams of any encoding, width and state leaves with a documented code."""

import os
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.app import options

RUNS = max(20, settings().max_examples // 10)
COMMANDS = {
    ("--version",): options.DONE,
    ("--help",): options.DONE,
    ("list",): options.DONE,
    ("list", "landers", "--json"): options.DONE,
    ("list", "moons"): options.BAD_INPUT,
    ("show", "athena"): options.DONE,
    ("show", "athena", "--fault", "nothing"): options.BAD_INPUT,
    ("inspect", "/nowhere/map.tif"): options.BAD_INPUT,
    ("fly", "nobody", "--json"): options.BAD_INPUT,
    ("fly", "--sed", "1"): options.BAD_INPUT,
    ("check", "athena", "--set", "lander.engine.lag=1e6 s"): options.BAD_INPUT,
    ("launch",): options.BAD_INPUT,
}
ENCODINGS = ("utf-8", "ascii", "ascii:strict", "latin-1", "cp1252", "koi8-r", "utf-16", "shift_jis")
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)
words = st.one_of(
    st.sampled_from(sorted(COMMANDS)),
    st.builds(lambda text: ("show", "athena", "--set", text), texts),
    st.builds(lambda text: ("show", text), texts),
)
environments = st.fixed_dictionaries(
    {
        "PYTHONIOENCODING": st.sampled_from(ENCODINGS),
        "COLUMNS": st.sampled_from(("1", "20", "80", "0", "-3", "many", "100000")),
        "LC_ALL": st.sampled_from(("C", "C.UTF-8", "POSIX", "xx_YY")),
        "TERM": st.sampled_from(("dumb", "xterm", "")),
        "PYTHONUTF8": st.sampled_from(("0", "1")),
    }
)
STATES = {"pipe": "", "closed": "{}>&-", "full": "{}>/dev/full", "gone": "{}> >(true)"}


def redirected(out, err, inward):
    said = [STATES[out].format(""), STATES[err].format("2"), "<&-" if inward == "closed" else ""]
    return f'exec "$0" -m perilune "$@" {" ".join(said)}'


@settings(max_examples=RUNS)
@given(
    asked=words,
    environment=environments,
    out=st.sampled_from(("pipe", "pipe", "closed", "full", "gone")),
    err=st.sampled_from(("pipe", "pipe", "closed", "full")),
    inward=st.sampled_from(("open", "closed")),
)
def test_streams_of_any_kind_end_in_a_documented_code(asked, environment, out, err, inward):
    done = subprocess.run(
        ["bash", "-c", redirected(out, err, inward), sys.executable, *asked],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )
    shown = (asked, done)
    allowed = {options.DONE, options.BAD_INPUT}
    if asked in COMMANDS and out in ("pipe", "closed"):
        allowed = {COMMANDS[asked]}
    elif out == "gone":
        allowed |= {options.NO_READER}
    elif out == "full" and asked in COMMANDS:
        allowed = {options.BAD_INPUT}
    assert done.returncode in allowed, shown
    assert b"Traceback" not in done.stdout + done.stderr, shown
    assert b"Exception ignored" not in done.stderr, shown
    if done.returncode == options.BAD_INPUT and err == "pipe":
        assert done.stderr.strip(), shown
