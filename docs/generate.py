"""Writes the pages of docs/reference from the code: `python docs/generate.py`. A test checks that they are current."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from alerts import payload
from alerts.sample import sample_digest
from monitor.cli import exits
from monitor.cli.root import cli
from monitor.config.schema import json_schema

FOLDER = Path(__file__).parent / "reference"
GENERATED = "<!-- Written by docs/generate.py from the code. Change the code, then run it again. -->"
Schema = Mapping[str, Any]


def pages() -> dict[str, str]:
    """The text of every page by its name."""
    return {
        "commands.md": _page(commands()),
        "config.md": _page(config()),
        "profile.md": _page(profile()),
        "webhook.md": _page(webhook()),
        "exit-codes.md": _page(exit_codes()),
    }


def _page(lines: Iterable[str]) -> str:
    return "\n".join([GENERATED, "", *lines]).rstrip() + "\n"


# commands -----------------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    """Every command with its options, from the command line itself."""
    yield "# Commands"
    yield ""
    yield "`newsbell COMMAND --help` shows the same in the terminal."
    yield ""
    yield "## newsbell"
    yield ""
    yield from _command(cli, "newsbell")
    for path, command in _below(cli, "newsbell"):
        yield f"## {path}"
        yield ""
        yield from _command(command, path)


def _below(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _below(command, f"{path} {name}")


def _command(command: click.Command, path: str) -> Iterator[str]:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    usage = [path, *(["[OPTIONS]"] if options else []), *(_argument(argument) for argument in arguments)]
    if isinstance(command, click.Group):
        usage.append("COMMAND")
    yield f"`{' '.join(usage)}`"
    yield ""
    yield from _prose(command.help or "")
    if options:
        yield "| option | does |"
        yield "|---|---|"
        yield from (f"| {_option(option)} | {_option_help(option)} |" for option in options)
        yield ""


def _argument(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    if argument.metavar is None:
        name = name if argument.required else f"[{name}]"
        name += "..." if argument.nargs == -1 else ""
    return name


def _option(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    if option.is_flag or option.count:
        return names
    if isinstance(option.type, click.Choice):
        return f"{names} {_cell(' | '.join(map(str, option.type.choices)))}"
    return f"{names} {option.metavar or option.type.name.upper()}"


def _option_help(option: click.Option) -> str:
    text = _cell(option.help or "")
    shown = option.show_default and option.default is not None
    return f"{text} Default: `{option.default}`.".strip() if shown else text


def _prose(text: str) -> Iterator[str]:
    """Help text as Markdown: what click leaves as it stands (its mark is a backspace) becomes a block of code."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            yield "```text"
            yield from inspect.cleandoc(paragraph.removeprefix("\b\n")).splitlines()
            yield "```"
        else:
            yield " ".join(paragraph.split())
        yield ""


# files --------------------------------------------------------------------------------------------------


def config() -> Iterator[str]:
    """The keys of newsbell.yaml, from its model."""
    yield "# The configuration, newsbell.yaml"
    yield ""
    yield (
        "Unknown keys are errors, with what was probably meant. Durations are `30m`, `1h30m`, `2d` or ISO 8601; sizes "
        "`10MiB`. Relative paths start from the file. `newsbell schema config` prints the JSON Schema, which an editor "
        "finds through the line `# yaml-language-server: $schema=...` at the top."
    )
    yield ""
    yield from _sections(json_schema("config"), "newsbell.yaml")


def profile() -> Iterator[str]:
    """The profile language, from its model."""
    yield "# The profile language"
    yield ""
    yield (
        "One file for each topic. [How scoring works](../explanation/scoring.md) says what becomes of it; `newsbell "
        "schema profile` prints the JSON Schema."
    )
    yield ""
    yield from _sections(json_schema("profile"), "A profile")


def _sections(schema: Schema, title: str) -> Iterator[str]:
    definitions = schema["definitions"]
    places = dict(_places(schema, definitions, ""))
    yield from _section(title, schema, definitions, places)
    for name, place in places.items():
        yield from _section(place, definitions[name], definitions, places)


def _places(schema: Schema, definitions: Schema, prefix: str) -> Iterator[tuple[str, str]]:
    """Each definition's name with the keys that lead to it, such as ``channels.NAME (type: email)``."""
    for key, value in _properties(schema).items():
        for name, step in _references(value, f"{prefix}{key}"):
            kind = _properties(definitions[name]).get("type", {}).get("const")
            yield name, f"{step} (type: {kind})" if kind else step
            yield from _places(definitions[name], definitions, f"{step}.")


def _properties(schema: Schema) -> Mapping[str, Any]:
    """The keys of a section, also of one that may be written in another way."""
    choices: Iterator[Mapping[str, Any]] = (c["properties"] for c in schema.get("anyOf", ()) if "properties" in c)
    return schema.get("properties") or next(choices, {})


def _references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in value:
        yield value["$ref"].rpartition("/")[2], path
    for choice in (*value.get("anyOf", ()), *value.get("oneOf", ())):
        yield from _references(choice, path)
    if isinstance(value.get("items"), dict):
        yield from _references(value["items"], f"{path}[]")
    for named in (value.get("additionalProperties"), *value.get("patternProperties", {}).values()):
        if isinstance(named, dict):
            yield from _references(named, f"{path}.NAME")


def _section(title: str, schema: Schema, definitions: Schema, places: Mapping[str, str]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield from _prose(schema.get("description", ""))
    yield "| key | takes | default | what |"
    yield "|---|---|---|---|"
    required = schema.get("required", ())
    for key, value in _properties(schema).items():
        default = "required" if key in required else _default(value)
        yield f"| `{key}` | {_cell(_takes(value, places))} | {default} | {_cell(_what(value, definitions))} |"
    yield ""


def _what(value: Schema, definitions: Schema) -> str:
    """What a key is for: its own words, else those of the section that it leads to."""
    named = next((name for name, _ in _references(value, "")), "")
    described: str = value.get("description") or definitions.get(named, {}).get("description", "")
    return described.partition("\n\n")[0]


def _default(value: Schema) -> str:
    if value.get("default") is None or "$ref" in value:
        return ""
    if _is_duration(value):
        return f"`{value['default']}`"
    return f"`{_cell(json.dumps(value['default'], ensure_ascii=False))}`"


def _takes(value: Schema, places: Mapping[str, str]) -> str:
    """What a key takes, in words."""
    if "$ref" in value:
        return f"see {places[value['$ref'].rpartition('/')[2]]}"
    if "const" in value:
        return json.dumps(value["const"])
    if "enum" in value:
        return " | ".join(map(str, value["enum"]))
    choices = [choice for choice in (*value.get("anyOf", ()), *value.get("oneOf", ())) if choice.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(_takes(choice, places) for choice in choices))
    return _type(value, places)


def _is_duration(value: Schema) -> bool:
    return "30m" in value.get("examples", ())


def _type(value: Schema, places: Mapping[str, str]) -> str:
    if _is_duration(value):
        return "duration"
    kind = value.get("type", "anything")
    if kind == "array":
        return f"list: {_takes(value.get('items', {}), places)}"
    if kind == "object":
        inside: Sequence[Any] = [
            item
            for item in (value.get("additionalProperties"), *value.get("patternProperties", {}).values())
            if isinstance(item, dict)
        ]
        return f"by name: {_takes(inside[0], places)}" if inside else "keys"
    if "10MiB" in value.get("examples", ()):
        return "size"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true | false"}
    named = " or ".join(words.get(name, name) for name in (kind if isinstance(kind, list) else [kind]))
    return named + _bounds(value)


def _bounds(value: Schema) -> str:
    least, most = value.get("minimum"), value.get("maximum")
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" from {least}"
    return f" above {value['exclusiveMinimum']}" if "exclusiveMinimum" in value else ""


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").replace("<", "\\<")


# the webhook --------------------------------------------------------------------------------------------


def webhook() -> Iterator[str]:
    """What a webhook receives: headers, an example, the schema."""
    yield "# The webhook"
    yield ""
    yield (
        "A POST with a JSON body, after [Standard Webhooks](https://www.standardwebhooks.com). Answer with any 2xx. "
        "Every other answer is tried again on the schedule that the specification suggests, for three days; 410 means "
        "never again: from then on nothing is posted to that address until you change its path or host, or `newsbell "
        "outbox retry` one of the dead letters, which asks again. The file channel writes the same as "
        "`.json`, without the limit of 20 kB."
    )
    yield ""
    yield "| header | holds |"
    yield "|---|---|"
    yield "| `webhook-id` | the delivery's id: the same at every try. Take a second one with the same id for a repeat |"
    yield "| `webhook-timestamp` | when this try was made, in seconds since 1970 |"
    yield "| `webhook-signature` | `v1,` and the HMAC-SHA256 of id, timestamp and body, when the channel has a secret |"
    yield ""
    yield "## Example"
    yield ""
    yield "```json"
    yield json.dumps(payload.payload(sample_digest()), indent=2, ensure_ascii=False)
    yield "```"
    yield ""
    yield "## JSON Schema"
    yield ""
    yield "```json"
    yield json.dumps(payload.schema(), indent=2, ensure_ascii=False)
    yield "```"


# exit codes ---------------------------------------------------------------------------------------------

_MEMBER = re.compile(r"^\s+([A-Z]+) = (\d+)(?:\s+# (.*))?$", re.MULTILINE)

_PLAIN = {"OK": "all is well", "USAGE": "the command was not understood", "INTERRUPTED": "stopped from the keyboard"}


def exit_codes() -> Iterator[str]:
    """The exit codes, with the words that stand beside them in the code."""
    yield "# Exit codes"
    yield ""
    yield "Cron lines, units and scripts may rely on them."
    yield ""
    yield "| code | name | means |"
    yield "|---|---|---|"
    for name, code, meaning in _MEMBER.findall(inspect.getsource(exits.Exit)):
        yield f"| {code} | {name.lower()} | {meaning or _PLAIN[name]} |"


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
