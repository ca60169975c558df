"""The best of every choice that a small problem allows: every set, every order that matters, every way."""

from functools import cache
from itertools import combinations

from sim.planning.problem import worth_of_rows


def best_choice(problem):
    """Return the worth of the best set that can be paid in some order and way [millionths]."""
    rows = [row for row in range(problem.count) if not problem.shut[row] and problem.may[:, row].any()]
    sets = (set(chosen) for size in range(len(rows), -1, -1) for chosen in combinations(rows, size))
    closed = [chosen for chosen in sets if all(_above(problem, row) <= chosen for row in chosen)]
    closed.sort(key=lambda chosen: -worth_of_rows(problem, sorted(chosen)))
    for chosen in closed:
        if payable(problem, frozenset(chosen)):
            return worth_of_rows(problem, sorted(chosen))
    return 0


def _above(problem, row):
    parent = int(problem.links.parent[row])
    return {parent} if parent >= 0 else set()


def payable(problem, chosen):
    """Whether some order and some ways of paying pay for a set: every way to go on is tried."""
    bought = frozenset(k for k in range(len(problem.asset_fen)) if problem.bought[k])
    everything = sum(int(problem.own_fen[row]) for row in chosen)
    needed = {a for row in chosen for a in problem.links.assets.of_row(row).tolist()} - bought
    everything += sum(int(problem.asset_fen[a]) for a in needed)
    if everything > int(problem.funds.sum()):
        return False

    def price(row, had):
        new = [a for a in problem.links.assets.of_row(row).tolist() if a not in had]
        return int(problem.own_fen[row]) + sum(int(problem.asset_fen[a]) for a in new), new

    @cache
    def go_on(left, had, funds):
        """Whether those left can be paid with what is left."""
        if not left:
            return True
        ready = [row for row in sorted(left) if not _above(problem, row) & left]
        # whoever buys nothing new for himself or others may come first: nobody gains by his waiting
        alone = [row for row in ready if not _shared(problem, row, left, had)]
        for row in alone[:1] or ready:
            fen, new = price(row, had)
            for number, way in enumerate(problem.ways):
                part = way.matched(fen, int(problem.opex_fen[row]))
                rest = list(funds)
                rest[way.pot] -= fen - part
                if part:
                    rest[way.matching] -= part
                can = problem.may[number, row] and min(rest) >= 0
                if can and go_on(left - {row}, had | frozenset(new), tuple(rest)):
                    return True
        return False

    return go_on(chosen, bought, tuple(problem.funds.tolist()))


def _shared(problem, row, left, had):
    """Whether anybody else among those left needs an asset that this one needs and nobody has bought."""
    mine = set(problem.links.assets.of_row(row).tolist()) - had
    return any(mine & set(problem.links.assets.of_row(other).tolist()) for other in left if other != row)
