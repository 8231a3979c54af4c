"""The Spark plan of a fitted pipeline: what PMML has no place for, so that an engine can return Spark's own bits.

A plan lists the pipeline's stages in order with their parameters as Spark has them, names the columns between them, and
says how Spark computed. It is built from the pipeline alone; the document around it has a model where the converter
makes one. Stages that no output needs are left out. `docs/adr/0005` has the reasons, `docs/engine.md` the form.
"""

from pillion.export.plan.build import walk
from pillion.export.plan.document_outputs import document_outputs
from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.embed import embed
from pillion.export.plan.fitted import flat_stages, stage_problems
from pillion.export.plan.walked import SPELLED_TYPES, Plan, Walked

__all__ = [
    "SPELLED_TYPES",
    "Plan",
    "UnsupportedPlan",
    "Walked",
    "document_outputs",
    "embed",
    "flat_stages",
    "stage_problems",
    "walk",
]
