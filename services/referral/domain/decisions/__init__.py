"""Decision tables with DMN's meaning, read strictly from CSV or XLSX and decided fast.

>>> tables = load_folder("services/referral/pathways/community")
>>> tables["priority"].evaluate({"need": "GBV.RAPE", "elapsed": "le_24h"})
"""

from services.referral.domain.decisions.definition import Column, Row
from services.referral.domain.decisions.errors import DecisionError, Problem, TableErrors
from services.referral.domain.decisions.explanation import Explanation, FailedCell
from services.referral.domain.decisions.folder import load_file, load_folder, load_texts, load_workbook
from services.referral.domain.decisions.policies import HitPolicy
from services.referral.domain.decisions.table import DecisionTable
from services.referral.domain.decisions.values import Range, Type, Value
from services.referral.domain.decisions.writing import columns_csv, to_csv, to_xlsx

__all__ = [
    "Column",
    "DecisionError",
    "DecisionTable",
    "Explanation",
    "FailedCell",
    "HitPolicy",
    "Problem",
    "Range",
    "Row",
    "TableErrors",
    "Type",
    "Value",
    "columns_csv",
    "load_file",
    "load_folder",
    "load_texts",
    "load_workbook",
    "to_csv",
    "to_xlsx",
]
