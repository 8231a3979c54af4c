"""Goals beside what was measured, as the soaks print them."""

Goal = tuple[str, str, str, bool]
"""What, what is wanted, what was measured, and whether that meets it."""


def print_goals(goals: list[Goal]) -> int:
    """Prints a line a goal in columns; returns the exit status, 1 while one is missed."""
    widths = [max(len(str(goal[column])) for goal in goals) for column in range(3)]
    for what, wanted, measured, met in goals:
        verdict = "met" if met else "missed"
        print(f"{what:<{widths[0]}}  {wanted:>{widths[1]}}  {measured:<{widths[2]}}  {verdict}")
    return 0 if all(met for *_, met in goals) else 1
