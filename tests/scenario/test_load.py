from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.files import shipped
from sim.geo.options import SyntheticOptions
from sim.scenario.load import load_scenario, model_of
from sim.scenario.resolved import resolved_text
from sim.technologies import TECHNOLOGIES

NO_TECHNOLOGY = ", ".join(f"{name}: null" for name in TECHNOLOGIES)
SHIPPED = sorted(path.stem for path in shipped("scenarios").glob("*.yaml") if not model_of(path))
MONTHS = {
    "shandong-2015": ("Shandong", "2014-01", "2015-12"),
    "yunnan-2017": ("Yunnan", "2014-01", "2017-12"),
    "sichuan-2020": ("Sichuan", "2018-01", "2020-12"),
    "hunan-2015": ("Hunan", "2014-01", "2015-12"),
    "hunan-2020": ("Hunan", "2014-01", "2020-12"),
}


def shipped_scenario(name):
    return shipped("scenarios") / f"{name}.yaml"


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_hold_in_every_variant(name):
    loaded = load_scenario(shipped_scenario(name))
    assert loaded.scenario.name == name
    questions = {"sample", "universal-service", "operators", "fast-traffic"}
    assert set(loaded.scenario.variants) - questions == {"tight", "base", "ample"}
    for variant, scale in (("tight", 0.5), ("base", 1.0), ("ample", 2.0)):
        changed = load_scenario(shipped_scenario(name), variant=variant)
        assert changed.scenario.budget.scale == scale
        assert changed.origins["budget.scale"].startswith(f"variant {variant}: base.yaml:")


@pytest.mark.parametrize("name", MONTHS)
def test_a_sample_is_three_counties_under_the_same_rules(name):
    whole = load_scenario(shipped_scenario(name)).scenario
    sample = load_scenario(shipped_scenario(name), variant="sample").scenario
    assert len(sample.geodata.counties) == 3
    assert sample.budget == whole.budget, "the study gives the counties their part"


@pytest.mark.parametrize("name", MONTHS)
def test_shipped_scenarios_ask_what_they_say(name):
    scenario = load_scenario(shipped_scenario(name)).scenario
    province, first, last = MONTHS[name]
    assert (scenario.province, scenario.clock.first, scenario.clock.last) == (province, first, last)
    assert len(scenario.question) > 100
    assert "assumption" in scenario.sources
    assert (
        shipped_scenario(name)
        .read_text()
        .startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    )


@pytest.mark.parametrize("name", MONTHS)
def test_no_shipped_scenario_knows_what_came_after_its_start(name):
    loaded = load_scenario(shipped_scenario(name))
    assert loaded.scenario.policy_inputs == ()
    for row in loaded.parameters_used:
        assert not row.known_from or row.known_from <= loaded.scenario.horizon.first, row.name


def test_later_layers_win_and_every_value_tells_its_origin(write):
    write("seed: 1\nreplications: 2\nmoney: {price_year: 2014}\n", "below.yaml")
    path = write("seed: 2\nvariants:\n  mine: {seed: 3}\n", extends="below.yaml")
    loaded = load_scenario(path)
    assert (loaded.scenario.seed, loaded.scenario.replications) == (2, 2)
    assert loaded.scenario.money.price_year == 2014
    assert loaded.scenario.money.currency == "CNY"
    assert loaded.origins["seed"] == "my.yaml:2"
    assert loaded.origins["replications"] == "below.yaml:3"
    assert loaded.origins["money.currency"].startswith("shipped/base.yaml:")
    assert loaded.origins["geodata.bundle"] == "default"
    varied = load_scenario(path, variant="mine")
    assert (varied.scenario.seed, varied.origins["seed"]) == (3, "variant mine: my.yaml:4")
    overridden = load_scenario(path, [("seed", "4")], "mine")
    assert (overridden.scenario.seed, overridden.origins["seed"]) == (4, "--set")
    assert set(overridden.scenario.variants) == {"tight", "base", "ample", "mine"}


def test_no_path_of_this_machine_reaches_the_outputs(write, tmp_path):
    loaded = load_scenario(write("seed: 2\n").resolve())
    assert str(tmp_path) not in loaded.resolved_yaml
    assert str(shipped("scenarios")) not in loaded.resolved_yaml
    assert not any("/" in name and name.startswith("/") for name in loaded.inputs)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_resolved_scenario_can_be_run_again(name, tmp_path):
    loaded = load_scenario(shipped_scenario(name), [("title", '"odd: #title, NO \\"quotes\\""')], "tight")
    path = tmp_path / "scenario.resolved.yaml"
    path.write_text(loaded.resolved_yaml, encoding="utf-8")
    again = load_scenario(path)
    assert again.resolved == loaded.resolved
    assert again.scenario.model_dump(exclude={"targets"}) == loaded.scenario.model_dump(exclude={"targets"})
    assert again.lookup.used == loaded.lookup.used


def test_resolved_text_shows_numbers_behind_names():
    text = resolved_text(
        {"a": {"b": "row", "c": [1, "NO"]}, "d": "true", "e": {}}, {"a.b": "x.yaml:3"}, {"row": 1.5}
    )
    assert text.splitlines()[2:] == [
        "a:",
        "  b: row  # = 1.5; x.yaml:3",
        "  c: [1, NO]",
        'd: "true"',
        "e: {}",
    ]


def test_null_drops_a_technology(write):
    every = list(load_scenario(write("seed: 1\n")).scenario.technologies.chosen())
    loaded = load_scenario(write("technologies: {satellite: null}\n"))
    assert list(loaded.scenario.technologies.chosen()) == [name for name in every if name != "satellite"]


def test_set_reaches_lists_and_new_names(write):
    path = write("geodata: {counties: ['530102', '530103']}\n")
    frost = "{months: [1], productivity: 0.5, above_m: 100}"
    loaded = load_scenario(path, [("geodata.counties.1", "'530111'"), ("rollout.seasons.frost", frost)])
    assert loaded.scenario.geodata.counties == ("530102", "530111")
    assert set(loaded.scenario.rollout.seasons) == {"rain", "winter", "frost"}


def test_row_names_become_numbers_in_the_price_year(write):
    low = load_scenario(write("demand: {fixed_price: fixed_broadband_arpu@low}\n"))
    row = low.lookup.rows["fixed_broadband_arpu"]
    assert low.scenario.demand.fixed_price == pytest.approx(
        low.lookup.money.to_price_year(row.low, row.unit, row.first_year)
    )
    assert "fixed_broadband_arpu@low" in low.lookup.used
    assert low.resolved["demand"]["fixed_price"] == "fixed_broadband_arpu@low"


def test_own_price_sheets_and_values_replace_rows(write, tmp_path):
    head = "name,value,unit,low,high,year,scope,source,confidence\n"
    (tmp_path / "mine.csv").write_text(head + "ont_price,99,yuan/unit,,,2015,here,my own contract,high\n")
    loaded = load_scenario(write("parameters: {sheets: [mine.csv]}\n"))
    assert loaded.scenario.technologies.ftth.terminal_price == 99
    assert loaded.inputs["mine.csv"] == tmp_path / "mine.csv"
    valued = load_scenario(write("parameters: {values: {drop_price: 321}}\n"))
    row = valued.lookup.rows["drop_price"]
    wanted = valued.lookup.money.to_price_year(321, row.unit, row.first_year)
    assert valued.scenario.technologies.ftth.drop_price == pytest.approx(wanted)


def test_mistakes_of_a_price_sheet_are_mistakes_of_the_scenario(write, tmp_path, mistakes):
    (tmp_path / "mine.csv").write_text("name,value\nx,1\n")
    found = mistakes(write("seed: -1\nparameters: {sheets: [mine.csv, none.csv]}\n"))
    text = "\n".join(map(str, found))
    assert "mine.csv:1: lacks the column(s) unit" in text
    assert "none.csv: there is no such file" in text
    assert "my.yaml:2:7: seed: -1 does not fit; it must be at least 0" in text


def test_all_mistakes_are_told_at_once_each_in_its_place(write, mistakes):
    path = write(
        "horizn: {first: 2014-01}\nprovince: Yunan\nseed: -1\n"
        "demand:\n  fixed_price: 10 yuan\n  wanted_rat: 3\n"
        "money: {price_year: 1950, discount_rate: wacc_nominl}\n"
        "technologies: {lte: {beamwidth: antenna_height_macro_rural}}\n"
        "budget: {annual_investment: -5}\n"
        "parameters: {values: {ont_prize: 3}}\n"
        "variants: {odd: {seed: x, extends: y}}\n"
    )
    lines = [
        str(problem).removeprefix(f"{path}:") for problem in mistakes(path, ("a.b", "["), ("mony.x", "1"))
    ]
    expected = [
        "2:1: horizn: there is no such key; allowed here: name,",
        "3:11: province: 'Yunan' is not allowed; allowed: 'Yunnan'",
        "4:7: seed: -1 does not fit; it must be at least 0",
        "6:16: demand.fixed_price: '10 yuan' is not a number; write the number alone, in yuan/month",
        "7:3: demand.wanted_rat: there is no such key; allowed here:",
        "8:21: money.price_year: there is no price index of 1950; allowed:",
        "8:42: money.discount_rate: 'wacc_nominl' is no row of the parameter table; did you mean 'wacc_nomi",
        "9:33: technologies.lte.beamwidth: row 'antenna_height_macro_rural' is in m, but degree is wanted",
        "10:29: budget.annual_investment: -5 does not fit; it must be at least 0 [yuan/yr]",
        "11:23: parameters.values.ont_prize: 'ont_prize' is no row of the parameter table; did you mean",
        "12:24: seed: 'x' does not fit; a whole number is wanted",
        "12:27: variants.odd.extends: 'extends' can only stand in a file",
        "--set a.b=[: is not YAML",
        "--set mony.x=1: mony: there is no such key; allowed here:",
    ]
    for begin in expected:
        assert any(line.startswith(begin) for line in lines), (begin, lines)
    assert len(lines) == len(expected)
    assert lines[0].endswith("did you mean 'horizon'?")
    assert lines[4].endswith("did you mean 'wanted_rate'?")


def test_a_misspelt_key_is_not_also_reported_missing(write, mistakes):
    keys = [name for name in SyntheticOptions.model_fields if name != "counties"]
    path = write(
        "geodata: {synthetic: {countys: 2, " + ", ".join(f"{key}: 1" for key in keys) + ", zones: 20}}\n"
    )
    path.write_text(path.read_text().replace("zones: 1, ", "", 1))
    found = mistakes(path)
    assert [problem.key for problem in found] == ["geodata.synthetic.countys"]
    assert found[0].message.endswith("did you mean 'counties'?")


def test_a_key_in_the_wrong_section_is_shown_its_home(write, mistakes):
    found = mistakes(write("annual_investment: 3\n"))
    assert found[0].message.endswith("did you mean 'budget.annual_investment'?")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("horizon: {first: 2014-01, last: 2013-12}", "the last month 2013-12 lies before the first"),
        ("horizon: {first: 2014-1}", "'2014-1' is not a month; write it as YYYY-MM"),
        ("horizon: {first: 2014}", "text is wanted"),
        ("horizon: {last: 2099-01}", "more than the 600 months"),
        ("horizon: 2014", "a mapping with the keys first, last is wanted"),
        ("budget: {scale: -1}", "it must be at least 0"),
        ("budget: {pots: {villages: {share: 1.5}}}", "it must be at most 1"),
        ("budget: {pots: {villages: {technologies: [ftht]}}}", "wlan, transport; did you mean 'ftth'"),
        (f"technologies: {{{NO_TECHNOLOGY}}}", "no technology is chosen"),
        ("province: synthetic", "needs the section geodata.synthetic"),
        ("seed: true.", "a whole number is wanted"),
        ("technologies: {lte: {indoor_village: maybe}}", "true or false is wanted"),
        ("demand: {tiers: 3}", "a list is wanted"),
        ("policy_inputs: [dou_mobile_2021]", "no row of the parameter table; did you mean 'dou_mobile_20"),
        ("demand: {mobile_traffic: mobile_traffic_2013@mid}", "after @ stands low or high"),
        ("name: ../x", "text of the form"),
        ("variants: {a: 3}", "a variant is a mapping"),
        ("variants: {a: {seed.x.: 3}}", "is no dotted key"),
        ("money: {discount_rate: 1.e400}", "too large a number"),
    ],
)  # fmt: skip
def test_wrong_values_are_said_in_plain_words(write, mistakes, text, message):
    found = mistakes(write(text + "\n"))
    assert any(message in problem.message for problem in found), found
    assert all(problem.line is not None for problem in found)


def test_an_outcome_known_only_later_is_refused_unless_declared(write, mistakes):
    later = "demand: {mobile_traffic: dou_mobile_2020}\n"
    found = mistakes(write(later))
    assert len(found) == 1
    assert "known only from 2021-02, after the first month" in found[0].message
    declared = load_scenario(write(later + "policy_inputs: [dou_mobile_2020]\n"))
    assert declared.scenario.demand.mobile_traffic == pytest.approx(11.92)
    assert any("it is used as a declared input" in notice.message for notice in declared.notices)
    shifted = load_scenario(write(later + "horizon: {first: 2021-03, last: 2021-12}\n"))
    assert shifted.scenario.policy_inputs == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("budget: {scale: 0}", "there is no money: nothing is built"),
        (
            "horizon: {first: 2014-01, last: 2015-12}",
            "nr is available from 2019-06, after the last month 2015-12",
        ),
        ("horizon: {first: 2014-02, last: 2014-02}", "no pot releases money within the horizon"),
        ("horizon: {first: 2014-01, last: 2033-12}", "-fold from the first month to the last"),
        ("parameters: {values: {ont_price: 4000}}", "lies outside the range 150 to 350 of its source"),
        ("parameters: {values: {dou_mobile_2014: 4}}", "gets a value but no key uses it"),
    ],
)
def test_consequences_are_stated(write, text, message):
    loaded = load_scenario(write(text + "\n"))
    assert any(message in notice.message for notice in loaded.notices), loaded.notices


def test_extends_stays_near_and_ends(write, mistakes, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    for name, text, words in (
        ("a.yaml", "extends: a.yaml\n", "extends itself"),
        ("b.yaml", "extends: /etc/base.yaml\n", "is no relative path of a .yaml file"),
        ("c.yaml", "extends: ../../../etc/passwd\n", "is no relative path of a .yaml file"),
        ("d.yaml", "extends: https://example.org/base.yaml\n", "is no relative path of a .yaml file"),
        ("e.yaml", "extends: basee.yaml\n", "there is no file 'basee.yaml'; did you mean 'base.yaml'?"),
        ("f.yaml", "extends: [base.yaml]\n", "takes the name of one scenario file"),
    ):
        path = inner / name
        path.write_text(text)
        assert words in str(mistakes(path)[0]), name
    far = tmp_path.parent / "far.yaml"
    far.write_text("seed: 1\n")
    (inner / "g.yaml").write_text("extends: ../../far.yaml\n")
    assert "lies outside" in str(mistakes(inner / "g.yaml")[0])
    (tmp_path / "sibling.yaml").write_text("extends: base.yaml\nseed: 9\n")
    (inner / "h.yaml").write_text("extends: ../sibling.yaml\n")
    assert load_scenario(inner / "h.yaml").origins["seed"] == "../sibling.yaml:2"


def test_a_link_out_of_the_folder_is_not_followed(write, mistakes, tmp_path):
    inner = tmp_path / "one" / "two"
    inner.mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("seed: 1\n")
    (inner / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (inner / "my.yaml").write_text("extends: link.yaml\n")
    assert "lies outside" in str(mistakes(inner / "my.yaml")[0])


@pytest.mark.parametrize("path", ["nowhere.yaml", ".", "/dev/null", "a\0b.yaml"])
def test_files_that_are_none(path, mistakes):
    found = mistakes(path)
    assert len(found) == 1
    assert found[0].line in (None, 1)


def test_paths_are_beside_the_file_that_names_them(write, tmp_path):
    (tmp_path / "plant.csv").write_text("zone_id\n")
    loaded = load_scenario(write("standing: {coverage: plant.csv}\ngeodata: {bundle: data}\n"))
    assert loaded.scenario.standing.coverage == str(tmp_path / "plant.csv")
    assert loaded.scenario.geodata.bundle == str(tmp_path / "data")
    assert loaded.resolved["standing"]["coverage"] == "plant.csv"
    assert loaded.scenario.targets.table == str(shipped("scenarios") / "library/targets.csv")
    assert loaded.inputs["plant.csv"] == tmp_path / "plant.csv"


def test_an_unknown_variant_names_the_known_ones(write):
    with pytest.raises(ScenarioError, match="known: tight, base, ample; did you mean 'tight'"):
        load_scenario(write(), variant="tigth")
