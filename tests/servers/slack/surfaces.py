"""What carries blocks, as a reader sees it: messages, modals, the Home tab."""

from tests.servers.slack.ground import Json, Wire


class Shown:
    """`text` stands for the blocks where there are none."""

    __slots__ = ()
    text: str
    blocks: list[Json]

    @property
    def said(self) -> str:
        """All the text a reader sees: of the blocks where there are any, else `text`."""
        if not self.blocks or all(block["type"] == "rich_text" for block in self.blocks):
            return self.text
        return "\n".join(text for block in self.blocks for text in texts(block))

    @property
    def actions(self) -> list[str]:
        """The action_ids of all buttons, menus and inputs, in order."""
        return [e["action_id"] for block in self.blocks for e in elements(block)]

    def action(self, action_id: str) -> Json:
        """The interactive element with this action_id; AssertionError where there is none."""
        return self.found(action_id)[1]

    def found(self, action_id: str) -> tuple[Json, Json]:
        """The block and the element of it."""
        for block in self.blocks:
            for element in elements(block):
                if element["action_id"] == action_id:
                    return block, element
        raise AssertionError(f"{action_id} is not among {self.actions}")

    def labelled(self, label: str) -> str:
        """The action_id of the first button or input with this text on it."""
        for block in self.blocks:
            for element in elements(block):
                shown = element.get("text") or block.get("label") or {}
                if shown.get("text") == label:
                    return str(element["action_id"])
        raise AssertionError(f"nothing is labelled {label!r}: {self.said}")


def elements(block: Json) -> list[Json]:
    """The interactive elements of a block."""
    held: list[Wire] = [
        *block.get("elements", []),
        *([block["accessory"]] if "accessory" in block else []),
        *([block["element"]] if "element" in block else []),
    ]
    return [e for e in held if isinstance(e, dict) and "action_id" in e]


def texts(block: Json) -> list[str]:
    """What a reader sees of a block, without its buttons."""
    held: list[Wire] = [block.get("text"), block.get("label"), *block.get("fields", [])]
    if block["type"] == "context":
        held += block.get("elements", [])
    found = [one.get("text") if isinstance(one, dict) else one for one in held]
    return [text for text in found if isinstance(text, str)]
