"""Tests of the maps."""

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from sim import files
from sim.report import maps, style
from tests.tiny import HORIZON, make_run


def test_coverage_by_county_sums_the_zones(tiny_run):
    state = tiny_run.states[0]
    table = maps.coverage_table(tiny_run.area, state)
    assert table["county"].tolist() == ["530101", "530102"]
    assert table["homes"].sum() == state.homes[-1].sum()
    passed = (table["ftth_homes_share"] * table["homes"]).sum()
    assert passed == pytest.approx(state.homes_passed[-1, 1].sum(), rel=1e-5)
    assert table["lte_residents_share"].between(0, 1).all()


def test_first_served_is_the_month_in_which_half_is_reached(tiny_run):
    first = maps.first_served(tiny_run.states[0], "ftth")
    wanted = 13 + np.arange(60) % 14
    assert first.tolist() == np.where(wanted < 24, wanted, -1).tolist()
    table = maps.first_served_table(tiny_run.area, tiny_run.states[0], HORIZON)
    assert table["ftth"].tolist() == [HORIZON.label(m) if m >= 0 else "" for m in first]


@pytest.mark.parametrize(("most", "length"), [(227_000, 200_000), (99, 50), (10, 10), (0, 1)])
def test_scale_bar_is_a_round_length(most, length):
    assert maps.scale_length(most) == length


def test_maps_are_north_up_with_equal_axes_and_say_what_is_modelled(tiny_run):
    with style.house_style():
        for name, (draw, table) in maps.maps(tiny_run, maps.outlines_of(tiny_run.area.counties)).items():
            figure = draw()
            figure.canvas.draw()
            text = figure.get_supxlabel()
            assert "odelled" in text, name
            assert "OpenStreetMap" in text, name
            assert len(table)
            panels = [axes for axes in figure.axes if axes.get_title(loc="left")]
            assert len(panels) == 2
            for axes in panels:
                assert axes.get_aspect() == 1.0
                assert not axes.yaxis_inverted()


def test_an_area_with_one_zone_and_one_county_draws():
    run = make_run(1)
    with style.house_style():
        for draw, _ in maps.maps(run, maps.outlines_of(run.area.counties)).values():
            draw().canvas.draw()


def test_holes_and_islands_are_drawn_as_such():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    figure = Figure(figsize=(2.2, 1.0), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 22), ylim=(0, 10))
    axes.set_axis_off()
    path = maps._outline(shapely.union_all([ring, shapely.box(20, 0, 22, 2)]))
    axes.add_collection(PathCollection([path], facecolors="black"))
    canvas.draw()
    dark = np.asarray(canvas.buffer_rgba())[::-1, :, 0] < 128
    assert dark[10, 10]
    assert not dark[50, 50]
    assert dark[10, 210]
    assert not dark[50, 150]


def test_every_prefecture_of_the_census_has_a_name_that_can_be_drawn():
    rows = files.read_csv_rows(files.shipped("geodata") / "census.csv", ("prefecture",))
    names = {row["prefecture"] for _, row in rows}
    assert [name for name in sorted(names) if not style.drawable(style.english(name))] == []
    assert style.english("Atlantis") == "Atlantis"
