"""What was said in one channel and its threads: the law where guests read along."""


def told_there(memory: str) -> str:
    """The clause that a memory's sources were all said in `:places`, to whoever reads now.

    `memory` names its row. `:places`: numbers of conversations, as JSON; NULL: anywhere. Of what
    has no source, or has lost one, it is not known where it was told.
    """
    return f"""(:places IS NULL OR (NOT {memory}.uprooted
        AND EXISTS (SELECT 1 FROM memory_source WHERE memory_id = {memory}.id)
        AND NOT EXISTS (
            SELECT 1 FROM memory_source JOIN message AS told ON told.id = message_id
            WHERE memory_id = {memory}.id AND (
                told.conversation_no NOT IN (SELECT value FROM json_each(:places))
                OR NOT (:reader = 'private' OR told.audience IN ('space', :reader))))))"""  # noqa: S608 (a column's own name)


SAID_THERE = "(:places IS NULL OR conversation_no IN (SELECT value FROM json_each(:places)))"
"""The clause that a message was said in `:places`."""

PLACES = """
    SELECT json_group_array(conversation_no) AS places FROM conversation
    WHERE platform = :platform AND space = :space
        AND (key = :channel OR substr(key, 1, length(:channel) + 1) = :channel || '/')
    """
"""The conversations in a channel and its threads."""
