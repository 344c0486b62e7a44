"""Tests of rules that hold in every file, and proof that each rule can fail."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.support.parsed_module import Module, Rule, all_modules

Example: TypeAlias = tuple[Rule, str, str]
"""A rule, and the path and source of a file that breaks or keeps it."""


def rule_tests(
    rules: tuple[Rule, ...], broken: tuple[Example, ...], sound: tuple[Example, ...]
) -> tuple[Callable[..., None], ...]:
    """Return the four tests of some rules; a module of tests gives them these names.

    Args:
        rules: hold in every file of the program.
        broken: files that break a rule, at least one for each.
        sound: files that keep a rule and look as if they broke it.
    """

    @pytest.mark.parametrize("rule", rules, ids=lambda rule: rule.__name__)
    def test_rule_holds_in_every_file(rule: Rule) -> None:
        violations = [line for module in all_modules() for line in rule(module)]
        assert not violations, f"{rule.__doc__}\n" + "\n".join(violations)

    @pytest.mark.parametrize(("rule", "path", "source"), broken)
    def test_rule_finds_a_violation(rule: Rule, path: str, source: str) -> None:
        assert rule(Module(path, source)), source

    @pytest.mark.parametrize(("rule", "path", "source"), sound)
    def test_rule_passes_a_file_that_keeps_it(rule: Rule, path: str, source: str) -> None:
        violations = rule(Module(path, source))
        assert not violations, "\n".join(violations)

    def test_every_rule_has_a_violation_to_find() -> None:
        without_example = set(rules) - {rule for rule, _, _ in broken}
        assert not without_example, without_example

    return (
        test_rule_holds_in_every_file,
        test_rule_finds_a_violation,
        test_rule_passes_a_file_that_keeps_it,
        test_every_rule_has_a_violation_to_find,
    )
