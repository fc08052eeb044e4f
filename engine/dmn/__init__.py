"""Decision models: reading DMN, making decisions, saying how they were made, and finding what is wrong with them."""

from engine.dmn.check import check_model
from engine.dmn.console import evaluate_file
from engine.dmn.errors import BrokenExpression, DmnError, SeveralRulesHit, UnknownDecision, ValueNotAllowed
from engine.dmn.evaluation import Evaluation, evaluate_decision
from engine.dmn.model import Decision, Model
from engine.dmn.reader import read_dmn

__all__ = [
    "BrokenExpression",
    "Decision",
    "DmnError",
    "Evaluation",
    "Model",
    "SeveralRulesHit",
    "UnknownDecision",
    "ValueNotAllowed",
    "check_model",
    "evaluate_decision",
    "evaluate_file",
    "read_dmn",
]
