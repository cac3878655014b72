"""The form in which a memory is corrected."""

from adapters.slack.answers import plain_text
from adapters.slack.render import Block
from adapters.wording.lengths import units

LONGEST_INPUT = 3000
CALLBACK = "form:edit"
FIELD = "text"


def too_long_to_edit(text: str) -> bool:
    """Whether a text does not fit into the form."""
    return units(text) > LONGEST_INPUT


def correction(name: str, text: str, metadata: str) -> Block:
    """A form that shows what a memory says. `metadata` names the memory."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata,
        "title": plain_text(f"Edit {name}", 24),
        "submit": plain_text("Save", 24),
        "close": plain_text("Cancel", 24),
        "blocks": [
            {
                "type": "input",
                "block_id": FIELD,
                "label": plain_text("What it should say", 2000),
                "element": {
                    "type": "plain_text_input",
                    "action_id": FIELD,
                    "multiline": True,
                    "max_length": LONGEST_INPUT,
                    "initial_value": text,
                },
            }
        ],
    }
