"""Block Kit's rules: which blocks there are, how long and how many."""

from collections.abc import Iterator

from tests.servers.slack.ground import Json, Wire
from tests.servers.slack.surfaces import elements

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN = 12_000
IN_MESSAGES = frozenset(
    [
        "actions",
        "context",
        "divider",
        "file",
        "header",
        "image",
        "markdown",
        "rich_text",
        "section",
        "video",
        "input",
        "table",
        "context_actions",
        "task_card",
        "plan",
        "alert",
        "card",
    ]
)
IN_VIEWS = frozenset(
    ["actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"]
)
MENUS = frozenset(
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "users", "conversations", "channels", "external")
)
INPUTS = frozenset(
    {"plain_text_input", "checkboxes", "radio_buttons", "datepicker", "timepicker"}
    | {"email_text_input", "url_text_input", "number_input", "datetimepicker", "rich_text_input"}
    | {"file_input"}
)
IN_ACTIONS = MENUS | {"button", "overflow", "checkboxes", "radio_buttons", "datepicker"}
IN_ACTIONS |= {"timepicker", "datetimepicker", "workflow_button"}
IN_SECTION = IN_ACTIONS | {"image"}

KEYS: dict[str, frozenset[str]] = {
    name: frozenset((keys + " type block_id").split())
    for name, keys in {
        "actions": "elements",
        "context": "elements",
        "divider": "",
        "header": "text level",
        "image": "image_url slack_file alt_text title",
        "markdown": "text",
        "section": "text fields accessory expand",
        "input": "label element dispatch_action hint optional",
    }.items()
}
ELEMENT_KEYS: dict[str, frozenset[str]] = {
    name: frozenset((keys + " type action_id").split())
    for name, keys in {
        "button": "text url value style confirm accessibility_label",
        "overflow": "options confirm",
        "static_select": "options option_groups initial_option confirm focus_on_load placeholder",
        "multi_static_select": "options option_groups initial_options confirm max_selected_items "
        "focus_on_load placeholder",
        "external_select": "initial_option min_query_length confirm focus_on_load placeholder",
        "plain_text_input": "initial_value multiline min_length max_length dispatch_action_config "
        "focus_on_load placeholder",
        "checkboxes": "options initial_options confirm focus_on_load",
        "radio_buttons": "options initial_option confirm focus_on_load",
    }.items()
}


def problems(blocks: Wire, *, most: int, allowed: frozenset[str] = IN_MESSAGES) -> list[str]:
    """What is wrong with the blocks, in Slack's manner; empty where nothing is."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks must be an array of objects"]
    found = (
        [] if len(blocks) <= most else [f"no more than {most} items allowed [json-pointer:/blocks]"]
    )
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    found += [f"duplicate block_id {id_!r}" for id_ in _twice(ids)]
    actions = [e["action_id"] for block in blocks for e in elements(block)]
    found += [f"duplicate action_id {id_!r}" for id_ in _twice(actions)]
    for number, block in enumerate(blocks):
        where = f"[json-pointer:/blocks/{number}]"
        kind = block.get("type")
        if kind not in allowed:
            found.append(f"unsupported type: {kind} {where}")
        else:
            found += [f"{what} {where}" for what in _block(block)]
    markdown = sum(len(b.get("text", "")) for b in blocks if b.get("type") == "markdown")
    if markdown > MARKDOWN:
        found.append(f"markdown blocks together have {markdown} characters of {MARKDOWN}")
    return found


def _twice(ids: list[str]) -> list[str]:
    return sorted({id_ for id_ in ids if ids.count(id_) > 1})


def _block(block: Json) -> Iterator[str]:
    kind = block["type"]
    if kind in KEYS:
        yield from (f"unknown field {name}" for name in sorted(block.keys() - KEYS[kind]))
    yield from _sized(block.get("block_id", "x"), 255, "block_id")
    match kind:
        case "section":
            if not block.get("text") and not block.get("fields"):
                yield "missing required field: text or fields"
            if "text" in block:
                yield from text_object(block["text"], 3000)
            if len(block.get("fields", [])) > 10:
                yield "no more than 10 fields"
            for one in block.get("fields", []):
                yield from text_object(one, 2000)
            if "accessory" in block:
                yield from _element(block["accessory"], IN_SECTION)
        case "header":
            yield from text_object(block.get("text"), 150, plain=True)
        case "markdown":
            if not isinstance(block.get("text"), str) or not block["text"]:
                yield "missing required field: text"
        case "context":
            yield from _context(block.get("elements"))
        case "actions":
            held = block.get("elements")
            if not isinstance(held, list) or not held:
                yield "missing required field: elements"
                return
            if len(held) > 25:
                yield "no more than 25 elements"
            for one in held:
                yield from _element(one, IN_ACTIONS)
        case "input":
            yield from text_object(block.get("label"), 2000, plain=True)
            yield from _element(block.get("element"), INPUTS | MENUS)
            if "hint" in block:
                yield from text_object(block["hint"], 2000, plain=True)
        case "image":
            if not block.get("alt_text"):
                yield "missing required field: alt_text"
            yield from _sized(block.get("image_url", "x"), 3000, "image_url")


def _context(held: Wire) -> Iterator[str]:
    if not isinstance(held, list) or not held:
        yield "missing required field: elements"
        return
    if len(held) > 10:
        yield "no more than 10 elements"
    for one in held:
        if one.get("type") != "image":
            yield from text_object(one, 3000)


def text_object(value: Wire, most: int, *, plain: bool = False) -> Iterator[str]:
    """What is wrong with a text object."""
    if not isinstance(value, dict):
        yield "missing required field: text"
        return
    if value.get("type") not in (["plain_text"] if plain else ["plain_text", "mrkdwn"]):
        yield f"unsupported text type {value.get('type')}"
    text = value.get("text")
    if not isinstance(text, str) or not text:
        yield "must be more than 0 characters"
    else:
        yield from _sized(text, most, "text")
    unknown = value.keys() - {"type", "text", "emoji", "verbatim"}
    yield from (f"unknown field {name}" for name in sorted(unknown))


def _sized(value: Wire, most: int, name: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name} must be a string"
    elif len(value) > most:
        yield f"{name}: must be less than {most + 1} characters"


def _element(element: Wire, allowed: frozenset[str]) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") not in allowed:
        kind = element.get("type") if isinstance(element, dict) else element
        yield f"unsupported element type: {kind}"
        return
    kind = element["type"]
    if kind in ELEMENT_KEYS:
        unknown = element.keys() - ELEMENT_KEYS[kind]
        yield from (f"unknown field {name}" for name in sorted(unknown))
    yield from _sized(element.get("action_id", "x"), 255, "action_id")
    if kind == "button":
        yield from text_object(element.get("text"), 75, plain=True)
        yield from _sized(element.get("value", "x"), 2000, "value")
        yield from _sized(element.get("url", "x"), 3000, "url")
        if element.get("style", "primary") not in ("primary", "danger"):
            yield "style must be primary or danger"
    if kind in {"static_select", "multi_static_select", "overflow", "checkboxes", "radio_buttons"}:
        yield from _options(element)
    if "placeholder" in element:
        yield from text_object(element["placeholder"], 150, plain=True)
    if "confirm" in element:
        yield from _confirm(element["confirm"])
    if kind == "plain_text_input":
        most = element.get("max_length", 3000)
        if not 0 < most <= 3000:
            yield "max_length must be 1 to 3000"
        yield from _sized(element.get("initial_value", "x"), most, "initial_value")


OPTIONS = {"static_select": 100, "multi_static_select": 100, "overflow": 5}


def _options(element: Json) -> Iterator[str]:
    most = OPTIONS.get(element["type"], 10)
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(o for g in groups for o in g.get("options", []))]
    if not options:
        yield "missing required field: options"
    if len(groups) > 100 or any(
        len(held) > most for held in [element.get("options", []), *(g["options"] for g in groups)]
    ):
        yield f"no more than {most} options"
    plain = element["type"] not in ("checkboxes", "radio_buttons")
    for option in options:
        unknown = option.keys() - {"text", "value", "description", "url"}
        yield from (f"unknown field {name}" for name in sorted(unknown))
        yield from text_object(option.get("text"), 75, plain=plain)
        yield from _sized(option.get("value"), 150, "value")
        if "description" in option:
            yield from text_object(option["description"], 75, plain=plain)
    first = element.get("initial_option")
    chosen = [*element.get("initial_options", []), *([first] if first else [])]
    if any(one not in options for one in chosen):
        yield "an initial option must be one of the options"


def _confirm(value: Json) -> Iterator[str]:
    sizes = {"title": 100, "text": 300, "confirm": 30, "deny": 30}
    yield from (f"missing required field: confirm.{n}" for n in sizes.keys() - value.keys())
    unknown = value.keys() - sizes.keys() - {"style"}
    yield from (f"unknown field confirm.{name}" for name in sorted(unknown))
    for name in sizes.keys() & value.keys():
        yield from text_object(value[name], sizes[name], plain=name != "text")
