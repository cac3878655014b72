BEGIN IMMEDIATE;

-- A round is a model call that ended in tool calls; `calls` counts the others.
ALTER TABLE usage ADD COLUMN tool_rounds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN tool_calls INTEGER NOT NULL DEFAULT 0;

PRAGMA user_version = 5;
COMMIT;
