"""From a fitted pipeline to a published version: PMML document, Spark plan, verification set.

Called, `pillion.export(model, data)`, the package is `pillion.api.export.export`.
"""

from pillion.callable_package import make_callable

make_callable(__name__, "pillion.api.export", "export")
