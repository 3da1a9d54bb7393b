"""Kinds of KPIs, one per file of this package; a new kind is a new file.

A block `[[kpi]]` of `config/kpis.toml` names its kind and is then read by that kind's class.
"""

from importlib import import_module
from pkgutil import iter_modules

from streamproc.measure.kinds.base import KINDS, KpiBlock, KpiFile, WindowKind
from streamproc.measure.kinds.counted import CountedKpi

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

__all__ = ["KINDS", "CountedKpi", "KpiBlock", "KpiFile", "WindowKind"]
