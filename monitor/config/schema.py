"""JSON Schemas of the files, for editors: what the models say, in the draft that YAML language servers know."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from inspect import getdoc
from typing import Any, Literal

DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schema(which: Literal["config", "profile"]) -> dict[str, Any]:
    """The JSON Schema (draft 7) of ``newsbell.yaml`` or of a watch profile."""
    from pydantic.json_schema import GenerateJsonSchema

    from monitor.config.model import Config
    from monitor.config.values import format_duration
    from monitor.profiles.model import Profile
    from monitor.yamldoc.adapter import adapter
    from monitor.yamldoc.section import Section

    class AsWritten(GenerateJsonSchema):
        """Sections in their own words, defaults as a user would write them."""

        def encode_default(self, dft: Any) -> Any:
            """ISO 8601 has years, which no loader takes: 730d."""
            return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

        def dataclass_schema(self, schema: Any) -> Any:
            """With the section's own words, which pydantic before 2.13 leaves out."""
            return {"description": getdoc(schema["cls"]), **super().dataclass_schema(schema)}

    model: type[Section] = Config if which == "config" else Profile
    made = adapter(model).json_schema(by_alias=True, ref_template="#/definitions/{model}", schema_generator=AsWritten)
    definitions = made.pop("$defs", {})
    return {"$schema": DRAFT, **_without_titles(made), "definitions": _without_titles(definitions)}


@cache
def schema_text(which: Literal["config", "profile"]) -> str:
    """The schema as a file."""
    return json.dumps(json_schema(which), indent=2, ensure_ascii=False) + "\n"


def _without_titles(schema: Any) -> Any:
    """``schema`` without the titles that pydantic makes of names: an editor would show them in place of the text."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _without_titles(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)
    }
