"""CloudFormation's template language: parameters, conditions and intrinsic functions, evaluated as they are needed.

A Ref or GetAtt to a resource creates that resource first, so the order of the template does not matter and a circular
dependency is found, as CloudFormation finds it. A function that is not implemented is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from localcloud.interfaces import Json

NO_VALUE = object()
"""AWS::NoValue: whatever it is the value of is left out."""

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(Exception):
    """The template is wrong, or asks for something that is not implemented."""


class Evaluator:
    """Values of one template. `make(logical_id)` must create a resource and return (physical id, attributes)."""

    def __init__(
        self, template: Json, values: dict[str, Any], make: Callable[[str, Json], tuple[str, dict[str, str]]]
    ) -> None:
        self._template, self._values, self._make = template, values, make
        self.ids: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self._busy: list[str] = []

    def condition(self, name: str | None) -> bool:
        if name is None:
            return True
        conditions = self._template.get("Conditions", {})
        if name not in conditions:
            raise TemplateError(f"no condition {name}")
        return bool(self.value(conditions[name]))

    def ensure(self, logical: str) -> None:
        """Create a resource unless it exists or its condition is false."""
        if logical in self.ids:
            return
        resource = self._template["Resources"].get(logical)
        if resource is None:
            raise TemplateError(f"no parameter or resource {logical}")
        if not self.condition(resource.get("Condition")):
            return
        if logical in self._busy:
            raise TemplateError(f"circular dependency: {' -> '.join([*self._busy, logical])}")
        self._busy.append(logical)
        depends = resource.get("DependsOn", [])
        for other in [depends] if isinstance(depends, str) else depends:
            self.ensure(other)
        properties = self.value(resource.get("Properties", {}))
        self.ids[logical], self.attributes[logical] = self._make(logical, properties)
        self._busy.pop()

    def ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        self.ensure(name)
        if name not in self.ids:
            raise TemplateError(f"Ref {name}: its condition is false")
        return self.ids[name]

    def attribute(self, logical: str, name: str) -> str:
        self.ensure(logical)
        found = self.attributes.get(logical, {})
        if name not in found:
            kind = self._template["Resources"][logical]["Type"]
            raise TemplateError(f"{logical} ({kind}) has no attribute {name} here; it has {sorted(found)}")
        return found[name]

    def value(self, node: Any) -> Any:
        """A node of the template with every function in it evaluated."""
        if isinstance(node, list):
            return [v for v in map(self.value, node) if v is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), *_ = node.items()
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._call(name, argument)
        pairs = ((key, self.value(inner)) for key, inner in node.items())
        return {key: inner for key, inner in pairs if inner is not NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self.ref(argument)
        if name == "Condition":
            return self.condition(argument)
        function = getattr(self, "_fn_" + name.removeprefix("Fn::").lower(), None)
        if function is None:
            raise TemplateError(f"{name} is not implemented")
        return function(argument)

    def _fn_getatt(self, argument: Any) -> str:
        logical, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.attribute(logical, name)

    def _fn_sub(self, argument: Any) -> str:
        text, extra = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))

        def fill(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return "${" + name + "}"
            if name in extra:
                return str(extra[name])
            return str(self.attribute(*name.split(".", 1)) if "." in name else self.ref(name))

        return _SUB.sub(fill, text)

    def _fn_join(self, argument: Any) -> str:
        separator, parts = argument
        if not isinstance(separator, str):
            raise TemplateError("Fn::Join: the separator must be a string, not a function")
        return separator.join(str(part) for part in self.value(parts))

    def _fn_if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self.value(yes if self.condition(condition) else no)

    def _fn_equals(self, argument: Any) -> bool:
        left, right = (self.value(side) for side in argument)
        return str(left) == str(right)

    def _fn_not(self, argument: Any) -> bool:
        return not self.value(argument[0])

    def _fn_and(self, argument: Any) -> bool:
        return all(self.value(part) for part in argument)

    def _fn_or(self, argument: Any) -> bool:
        return any(self.value(part) for part in argument)

    def _fn_select(self, argument: Any) -> Any:
        index, items = (self.value(part) for part in argument)
        return items[int(index)]

    def _fn_split(self, argument: Any) -> list[str]:
        separator, text = (self.value(part) for part in argument)
        return list(str(text).split(separator))

    def _fn_findinmap(self, argument: Any) -> Any:
        name, first, second = (self.value(part) for part in argument)
        return self._template["Mappings"][name][first][second]
