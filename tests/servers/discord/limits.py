"""The lengths and counts at which Discord refuses a message or a modal."""

from collections.abc import Mapping

from tests.servers.discord import permissions as may
from tests.servers.discord.errors import ApiError, invalid, too_long
from tests.servers.discord.ground import Json
from tests.servers.discord.messages import walk

CONTENT, NONCE, FILES, FILE_BYTES, REQUEST_BYTES = 2000, 25, 10, 10 * 2**20, 25 * 2**20
EMBEDS, EMBED_SUM, EMBED_FIELDS = 10, 6000, 25
COMPONENTS, ROWS, V2_TEXT, CUSTOM_ID = 40, 5, 4000, 100
SELECTS = (3, 5, 6, 7, 8)
V2_TYPES = (9, 10, 11, 12, 13, 14, 17)
BUTTON_LABEL, PLACEHOLDER, OPTION_TEXT, MODAL_TEXT = 80, 150, 100, 45


def check_message(body: Json, flags: int) -> None:
    """Raise ApiError where Discord refuses this message (`flags`: those it will have)."""
    content, embeds = body.get("content") or "", body.get("embeds") or []
    if len(content) > CONTENT:
        raise too_long("content", CONTENT)
    nonce = body.get("nonce")
    if isinstance(nonce, str) and len(nonce) > NONCE:
        raise too_long("nonce", NONCE)
    if body.get("enforce_nonce") and nonce is None:
        raise invalid("nonce", "A nonce is required when enforce_nonce is set.")
    _check_allowed(body.get("allowed_mentions") or {})
    _check_embeds(embeds)
    components = body.get("components") or []
    if flags & may.COMPONENTS_V2 and (content or embeds or body.get("poll")):
        name = "content" if content else "embeds" if embeds else "poll"
        why = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        raise invalid(name, why, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")
    _check_components(components, flags)


def _check_allowed(given: Json) -> None:
    for name in ("users", "roles"):
        if name in given.get("parse", []) and given.get(name):
            why = f"parse:[{name!r}] and {name}: [ids...] are mutually exclusive."
            raise invalid("allowed_mentions", why, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE")
        if len(given.get(name, [])) > 100:
            raise too_long(f"allowed_mentions.{name}", 100)


def _check_embeds(embeds: list[Json]) -> None:
    if len(embeds) > EMBEDS:
        raise too_long("embeds", EMBEDS)
    total = 0
    for number, embed in enumerate(embeds):
        here = f"embeds.{number}"
        total += _bounded(embed, here, {"title": 256, "description": 4096})
        total += _bounded(embed.get("footer") or {}, f"{here}.footer", {"text": 2048})
        total += _bounded(embed.get("author") or {}, f"{here}.author", {"name": 256})
        fields = embed.get("fields") or []
        if len(fields) > EMBED_FIELDS:
            raise too_long(f"{here}.fields", EMBED_FIELDS)
        for place, each in enumerate(fields):
            path = f"{here}.fields.{place}"
            for name in ("name", "value"):
                if not each.get(name):
                    raise invalid(f"{path}.{name}", "This field is required", "BASE_TYPE_REQUIRED")
            total += _bounded(each, path, {"name": 256, "value": 1024})
    if total > EMBED_SUM:
        why = f"Embed size exceeds maximum size of {EMBED_SUM}"
        raise invalid("embeds", why, "MAX_EMBED_SIZE_EXCEEDED")


def _bounded(holder: Json, path: str, most: Mapping[str, int]) -> int:
    """The summed length of these texts, each checked against its own bound."""
    total = 0
    for name, bound in most.items():
        length = len(holder.get(name) or "")
        if length > bound:
            raise too_long(f"{path}.{name}", bound)
        total += length
    return total


def _check_components(components: list[Json], flags: int) -> None:
    everything = walk(components)
    if flags & may.COMPONENTS_V2:
        if len(everything) > COMPONENTS:
            raise too_long("components", COMPONENTS)
        if sum(len(c.get("content", "")) for c in everything if c["type"] == 10) > V2_TEXT:
            raise too_long("components", V2_TEXT)
    elif len(components) > ROWS:
        raise too_long("components", ROWS)
    ids = [c["custom_id"] for c in everything if "custom_id" in c]
    if len(ids) != len(set(ids)):
        why = "Component custom id cannot be duplicated"
        raise invalid("components", why, "COMPONENT_CUSTOM_ID_DUPLICATED")
    for number, component in enumerate(components):
        here, kind = f"components.{number}", component["type"]
        if kind != 1 and not (flags & may.COMPONENTS_V2 and kind in V2_TYPES):
            raise invalid(f"{here}.type", "Value must be one of {1}.", "UNION_TYPE_CHOICES")
    for component in everything:
        _check_component(component)


def _check_component(component: Json) -> None:
    kind, path = component["type"], "components"
    if "custom_id" in component and not 1 <= len(component["custom_id"]) <= CUSTOM_ID:
        raise too_long(f"{path}.custom_id", CUSTOM_ID)
    if kind == 1:
        inner = component["components"]
        most = 1 if any(c["type"] in (*SELECTS, 4) for c in inner) else 5
        if not 1 <= len(inner) <= most:
            raise invalid(f"{path}.components", f"Must be between 1 and {most} in length.")
    elif kind == 2:
        _check_button(component, path)
    elif kind in (*SELECTS, 21, 22):
        _check_options(component, path)
    elif kind == 9 and not 1 <= len(component["components"]) <= 3:
        raise invalid(f"{path}.components", "Must be between 1 and 3 in length.")
    elif kind == 10 and not component.get("content"):
        raise invalid(f"{path}.content", "This field is required", "BASE_TYPE_REQUIRED")
    elif kind == 12 and not 1 <= len(component["items"]) <= 10:
        raise invalid(f"{path}.items", "Must be between 1 and 10 in length.")


def _check_button(button: Json, path: str) -> None:
    if len(button.get("label") or "") > BUTTON_LABEL:
        raise too_long(f"{path}.label", BUTTON_LABEL)
    if not (button.get("label") or button.get("emoji") or button.get("sku_id")):
        raise invalid(f"{path}.label", "A button needs a label or an emoji.")
    leads_out = button["style"] == 5
    if leads_out != ("url" in button) or (button["style"] < 5) != ("custom_id" in button):
        raise invalid(path, "A custom id or url is required, not both.")
    if len(button.get("url") or "") > 512:
        raise too_long(f"{path}.url", 512)


def _check_options(select: Json, path: str) -> None:
    options = select.get("options") or []
    if len(options) > 25 or (select["type"] == 3 and not options):
        raise invalid(f"{path}.options", "Must be between 1 and 25 in length.")
    if len({option["value"] for option in options}) != len(options):
        why = "The specified option value is already used"
        raise invalid(f"{path}.options", why, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED")
    for option in options:
        texts = {"label": OPTION_TEXT, "value": OPTION_TEXT, "description": OPTION_TEXT}
        _bounded(option, f"{path}.options", texts)
        if not option.get("label"):
            raise invalid(f"{path}.options.label", "This field is required", "BASE_TYPE_REQUIRED")
    if len(select.get("placeholder") or "") > PLACEHOLDER:
        raise too_long(f"{path}.placeholder", PLACEHOLDER)
    if select.get("min_values", 1) > select.get("max_values", 1):
        raise invalid(f"{path}.min_values", "min_values is greater than max_values.")


def check_modal(modal: Json) -> None:
    """Raise ApiError where Discord refuses to open this modal."""
    if not 1 <= len(modal.get("custom_id") or "") <= CUSTOM_ID:
        raise too_long("data.custom_id", CUSTOM_ID)
    if not 1 <= len(modal.get("title") or "") <= MODAL_TEXT:
        raise too_long("data.title", MODAL_TEXT)
    components = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        raise invalid("data.components", "Must be between 1 and 5 in length.")
    for component in components:
        if component["type"] not in (1, 10, 18):
            raise invalid("data.components.type", "Value must be one of {1, 10, 18}.")
        if component["type"] == 18:
            _bounded(component, "data.components", {"label": MODAL_TEXT, "description": 100})
            _required(component, "label")
    for component in walk(components):
        _check_component(component)
        if component["type"] == 4:
            _check_text_input(component)


def _required(component: Json, name: str) -> None:
    if not component.get(name):
        path = f"data.components.{name}"
        raise invalid(path, "This field is required", "BASE_TYPE_REQUIRED")


def _check_text_input(field: Json) -> None:
    most = {"label": MODAL_TEXT, "value": 4000, "placeholder": 100}
    _bounded(field, "data.components", most)
    least, greatest = field.get("min_length") or 0, field.get("max_length") or 4000
    if not 0 <= least <= greatest <= 4000:
        raise invalid("data.components.max_length", "Must be between 1 and 4000.")
    value = field.get("value") or ""
    if value and not least <= len(value) <= greatest:
        raise too_long("data.components.value", greatest)


def check_files(sizes: list[int], attachments: int) -> None:
    """`attachments`: how many the message would have."""
    if any(size > FILE_BYTES for size in sizes) or sum(sizes) > REQUEST_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
    if attachments > FILES:
        raise too_long("attachments", FILES)
