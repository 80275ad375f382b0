"""The same day solved by OR-tools' routing model; imported only where the extra ``stats`` is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from models.analysis.draws.clock import Clock, Plan

SECOND = 60
"""OR-tools counts in whole numbers: seconds for time, metres for length."""
PENALTY_M = 10_000_000
"""Cost of leaving a stop out: longer than any day's route."""


def solve(clock: Clock, possible: Sequence[int]) -> Plan:
    """A tour over as many of the possible stops as fit, short; greedy descent, so that it ends by itself."""
    nodes = [0, *possible]
    if len(nodes) == 1:
        return []
    manager = pywrapcp.RoutingIndexManager(len(nodes), 1, 0)
    routing = pywrapcp.RoutingModel(manager)

    def metres(a: int, b: int) -> int:
        return round(float(clock.metres[nodes[manager.IndexToNode(a)], nodes[manager.IndexToNode(b)]]))

    def seconds(a: int, b: int) -> int:
        here, there = nodes[manager.IndexToNode(a)], nodes[manager.IndexToNode(b)]
        return round(SECOND * float(clock.minutes[here, there] + clock.service[here])) + 1

    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(metres))
    day = round(SECOND * (clock.ends - clock.starts))
    routing.AddDimension(routing.RegisterTransitCallback(seconds), day, day, True, "time")
    _windows(clock, nodes, manager, routing)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    solution = routing.SolveWithParameters(parameters)
    if solution is None:
        return []
    tour, index = [], solution.Value(routing.NextVar(routing.Start(0)))
    while not routing.IsEnd(index):
        tour.append(nodes[manager.IndexToNode(index)])
        index = solution.Value(routing.NextVar(index))
    return tour if clock.fits(tour) else []


def _windows(clock: Clock, nodes: Sequence[int], manager: Any, routing: Any) -> None:
    time = routing.GetDimensionOrDie("time")
    end = round(SECOND * (clock.ends - clock.starts))
    for position, k in enumerate(nodes[1:], start=1):
        index = manager.NodeToIndex(position)
        opens = max(0, round(SECOND * (clock.opens[k] - clock.starts)))
        closes = min(end, round(SECOND * (clock.closes[k] - clock.starts)))
        time.CumulVar(index).SetRange(min(opens, closes), closes)
        routing.AddDisjunction([index], PENALTY_M)
