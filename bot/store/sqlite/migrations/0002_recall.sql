BEGIN IMMEDIATE;

-- What recall weighs a passage by, beside its words and its vector. `said_at` is when it was said;
-- `speaker` is who said it ('' for a memory); `traits` are the bits of
-- `bot.ports.Trait`. `seat` is a message's place in its conversation: conversation_no << 24 | number, where
-- the next message of anybody there has the next number, and a pause skips some (`writes.py`).
ALTER TABLE passage ADD COLUMN said_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE passage ADD COLUMN speaker TEXT NOT NULL DEFAULT '';
ALTER TABLE passage ADD COLUMN traits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE passage ADD COLUMN seat INTEGER;
ALTER TABLE passage DROP COLUMN length;
ALTER TABLE conversation ADD COLUMN seats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN seated_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX passage_by_seat ON passage (seat) WHERE seat IS NOT NULL;

UPDATE passage SET said_at = memory.said_at FROM memory
WHERE passage.id & 1 AND memory.id = passage.id >> 1;
UPDATE passage SET said_at = placed.sent_at, speaker = placed.speaker, seat = placed.seat
FROM (
    SELECT id, sent_at, speaker, conversation_no << 24 | sum(step) OVER (
            PARTITION BY conversation_no ORDER BY sent_at, id) AS seat
    FROM (
        SELECT *, CASE WHEN sent_at - lag(sent_at, 1, sent_at) OVER (
                PARTITION BY conversation_no ORDER BY sent_at, id) > 21600 THEN 3 ELSE 1 END AS step
        FROM message WHERE role = 'person')
) AS placed
WHERE NOT passage.id & 1 AND placed.id = passage.id >> 1;
UPDATE conversation SET seats = placed.last & 0xFFFFFF, seated_at = placed.at FROM (
    SELECT message.conversation_no, max(seat) AS last, max(sent_at) AS at
    FROM passage JOIN message ON message.id = passage.id >> 1
    WHERE seat IS NOT NULL GROUP BY message.conversation_no) AS placed
WHERE placed.conversation_no = conversation.conversation_no;

-- Why an item was in a prompt: the parts of its score, as JSON numbers by name; no text.
ALTER TABLE turn_memory ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';
ALTER TABLE turn_message ADD COLUMN parts TEXT NOT NULL DEFAULT '{}';

PRAGMA user_version = 2;
COMMIT;
