"""Single typos, seeded: each must be reported on its own line with the right suggestion."""

from __future__ import annotations

import random

import pytest

from sim.errors import ScenarioError
from sim.files import shipped
from sim.scenario.load import load_scenario

COUNT = 200
WANTED_SHARE = 0.95
NAMED = ("yunnan-2017", "sichuan-2020")


def misspell(word: str, rng: random.Random) -> str:
    """Swap, drop, double or replace one letter that is not the first."""
    place = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "drop", "double", "replace"))
    letters = list(word)
    if kind == "swap":
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    elif kind == "drop":
        del letters[place]
    elif kind == "double":
        letters.insert(place, letters[place])
    else:
        letters[place] = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def words_of(lines: list[str]) -> list[tuple[int, int, str]]:
    """Return line, position and text of the keys, rows and provinces that can be misspelt."""
    found = []
    inside_text = False
    for number, line in enumerate(lines):
        key, colon, value = line.strip().partition(":")
        inside_text = inside_text and line.startswith("  ")
        if inside_text or not colon or key.startswith("#") or len(key) < 4 or "variants" in line:
            continue
        inside_text = value.strip() == ">-"
        if "{" in line or key in ("fixed", "mobile", "villages", "rain", "winter"):
            continue  # names that the author chooses
        found.append((number, line.index(key), key))
        if ("_" in value and "/" not in value) or key == "province":
            found.append((number, line.rindex(value.strip()), value.strip()))
    return found


@pytest.mark.parametrize("seed", [20140101])
def test_single_typos_are_found_and_mended(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311 - repeatable mistakes, no secret
    base = (shipped("scenarios") / "base.yaml").read_text(encoding="utf-8").splitlines()
    right = 0
    failures = []
    for number in range(COUNT):
        row, start, word = rng.choice(words_of(base))
        wrong = misspell(word, rng)
        while wrong == word:
            wrong = misspell(word, rng)
        lines = list(base)
        lines[row] = lines[row][:start] + wrong + lines[row][start + len(word) :]
        path = tmp_path / f"typo-{number}.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        try:
            load_scenario(path)
            problems = []
        except ScenarioError as error:
            problems = list(error.problems)
        hits = [one for one in problems if one.line == row + 1 and f"did you mean '{word}'" in one.message]
        right += bool(hits)
        if not hits:
            failures.append((wrong, word, [str(one) for one in problems][:2]))
    assert right >= WANTED_SHARE * COUNT, failures


@pytest.mark.parametrize("name", NAMED)
def test_a_typo_in_a_shipped_scenario_gives_one_problem(tmp_path, name):
    text = (shipped("scenarios") / f"{name}.yaml").read_text(encoding="utf-8")
    path = tmp_path / f"{name}.yaml"
    path.write_text(text.replace("province_share:", "provinse_share:"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].message.endswith("did you mean 'province_share'?")
