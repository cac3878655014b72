"""The button under a reply that is being given: it stops it."""

from typing import Any

from bot.types import TurnId

ACTION = "stop"


def stop_button(turn: TurnId) -> dict[str, Any]:
    """The block with the button; its value names the turn and nothing else."""
    return {
        "type": "actions",
        "block_id": "ellie-stop",
        "elements": [
            {
                "type": "button",
                "action_id": ACTION,
                "text": {"type": "plain_text", "text": "Stop"},
                "value": str(turn),
            }
        ],
    }
