#!/usr/bin/python3
"""Explores the model: every scenario keeps what must hold, and every mutation of the protocol is found in the scenario
that is named for it. `check.py NAME [MUTATION]` explores one scenario and shows the steps to what is wrong."""

import sys

from explore import explore
from protocol import MUTATIONS
from scenarios import CATCHES, SCENARIOS

MOST_STATES = 200_000


def run(scenario, mutation=None):
    """Returns what is wrong, as a list of steps, or None."""
    count, fault = explore(scenario, scenario.protocol(mutation), MOST_STATES)
    print(
        f"{scenario.name}{' with ' + mutation if mutation else ''}: {count} states, {fault[-1] if fault else 'right'}"
    )
    return fault


def main():
    named = {scenario.name: scenario for scenario in SCENARIOS}
    if len(sys.argv) > 1:
        fault = run(named[sys.argv[1]], sys.argv[2] if len(sys.argv) > 2 else None)
        print("\n".join(fault or ()))
        return 1 if fault else 0
    wrong = 0
    for scenario in SCENARIOS:
        fault = run(scenario)
        print("\n".join(f"    {step}" for step in fault or ()))
        wrong += fault is not None
    for mutation in MUTATIONS:
        if run(named[CATCHES[mutation]], mutation) is None:
            print(f"    nobody notices the mutation {mutation}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
