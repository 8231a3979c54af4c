"""Answers computed ahead: when they pay."""

from pillion.batch.planner import Constraint, Figure, Plan, plan
from pillion.batch.workload import Workload

__all__ = ["Constraint", "Figure", "Plan", "Workload", "plan"]
