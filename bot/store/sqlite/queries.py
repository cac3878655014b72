"""The long queries of `search`: the law stands in every WHERE."""

from bot.store.sqlite.channels import SAID_THERE, told_there

_ONLY = "(:places IS NULL OR {id} IN (SELECT id FROM told))"
_AMONG = "(:among IS NULL OR id IN (SELECT value FROM json_each(:among)))"

SURVEY = f"""
    WITH told (id) AS MATERIALIZED (
        SELECT id * 2 FROM message
        WHERE :places IS NOT NULL AND id BETWEEN :low >> 1 AND :high >> 1 AND {SAID_THERE}
        UNION ALL SELECT id * 2 + 1 FROM memory
        WHERE :places IS NOT NULL AND id BETWEEN :low >> 1 AND :high >> 1
            AND {told_there("memory")}),
    heard AS MATERIALIZED (
        SELECT passage.* FROM conversation CROSS JOIN passage
        WHERE conversation.platform = :platform AND conversation.space = :space
            AND conversation.key = :key
            AND seat BETWEEN conversation_no << :seat_bits
                AND (conversation_no + 1 << :seat_bits) - 1
            AND NOT passage.id BETWEEN :low AND :high
            AND (audience = 'space' OR (:reader <> 'private' AND audience = :reader))
        ORDER BY seat DESC LIMIT :heard),
    common (low, high) AS (
        SELECT scope_no << :scope_bits + 1, (scope_no + 1 << :scope_bits + 1) - 1 FROM scope
        WHERE :shared AND platform = :of_platform AND space = :of_space AND user = '')
    SELECT 'all' AS found, NULL AS term, 1 AS own, json_array(
        json_group_array(id), json_group_array(coalesce(seat, 0)),
        json_group_array(CASE WHEN id & 1
            THEN (SELECT valid_from FROM memory WHERE memory.id = passage.id >> 1)
            ELSE said_at END),
        json_group_array(traits), json_group_array(speaker)) AS held
    FROM passage
    WHERE id BETWEEN :low AND :high
        AND (:reader = 'private' OR audience IN ('space', :reader))
        AND {_ONLY.format(id="passage.id")}
    UNION ALL
    SELECT 'all', NULL, 0, json_array(
        json_group_array(id), json_group_array(seat), json_group_array(said_at),
        json_group_array(traits), json_group_array(speaker))
    FROM heard
    UNION ALL
    SELECT 'all', NULL, 1, json_array(
        json_group_array(id), json_group_array(0), json_group_array(said_at),
        json_group_array(traits), json_group_array(speaker))
    FROM common CROSS JOIN passage
    WHERE id BETWEEN low AND high AND audience = 'space'
    UNION ALL
    SELECT 'words', term.key, 1, json_group_array(passage_fts.rowid)
    FROM common CROSS JOIN json_each(:matches) AS term CROSS JOIN passage_fts
    WHERE passage_fts MATCH term.value
        AND passage_fts.rowid BETWEEN low AND high
        AND EXISTS (SELECT 1 FROM passage WHERE passage.id = passage_fts.rowid
            AND audience = 'space')
    GROUP BY term.key
    UNION ALL
    SELECT 'words', term.key, 1, json_group_array(passage_fts.rowid)
    FROM json_each(:matches) AS term CROSS JOIN passage_fts
    WHERE passage_fts MATCH term.value
        AND passage_fts.rowid BETWEEN :low AND :high
        AND (:reader = 'private' OR EXISTS (
            SELECT 1 FROM passage WHERE passage.id = passage_fts.rowid
                AND audience IN ('space', :reader)))
        AND {_ONLY.format(id="passage_fts.rowid")}
    GROUP BY term.key
    UNION ALL
    SELECT 'words', term.key, 0, json_group_array(heard.id)
    FROM json_each(:terms) AS term JOIN heard ON EXISTS (
        SELECT 1 FROM json_each(term.value) AS form
        WHERE instr(' ' || heard.terms || ' ', ' ' || form.value || ' '))
    GROUP BY term.key
    UNION ALL
    SELECT 'entities', NULL, 1,
        json_array(json_group_array(id * 2 + 1), json_group_array(entity_id))
    FROM memory
    WHERE entity_id BETWEEN :low >> 1 AND :high >> 1
        AND (:reader = 'private' OR audience IN ('space', :reader))
        AND {_ONLY.format(id="memory.id * 2 + 1")}
    UNION ALL
    SELECT 'named', NULL, 1, json_group_array(entity_name.entity_id) FROM entity_name
    JOIN memory AS namer ON namer.id = entity_name.memory_id
        AND (:reader = 'private' OR namer.audience IN ('space', :reader))
        AND {_ONLY.format(id="namer.id * 2 + 1")}
    WHERE EXISTS (SELECT 1 FROM entity WHERE id BETWEEN :low >> 1 AND :high >> 1)
        AND entity_name.folded IN (SELECT value FROM json_each(:names))
        AND entity_name.entity_id BETWEEN :low >> 1 AND :high >> 1
    """  # noqa: S608 (of constants)
ALL = f"""
    SELECT json_array(json_group_array(id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM passage_vector
    WHERE id BETWEEN :low AND :high AND model_no = :model AND {_AMONG}
        AND (:reader = 'private' OR EXISTS (
            SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                AND audience IN ('space', :reader)))
    UNION ALL
    SELECT json_array(json_group_array(passage_vector.id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM scope CROSS JOIN passage_vector JOIN passage ON passage.id = passage_vector.id
    WHERE :shared AND platform = :of_platform AND space = :of_space AND user = ''
        AND passage_vector.id BETWEEN scope_no << :scope_bits + 1
            AND (scope_no + 1 << :scope_bits + 1) - 1
        AND passage_vector.model_no = :model AND audience = 'space'
    """  # noqa: S608 (of constants)
FILTERED = f"""
    SELECT json_array(
        json_group_array(id), json_group_array(CAST(1e6 * distance AS INTEGER))) AS held FROM (
        SELECT id, vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS distance
        FROM (SELECT id, embedding FROM passage_vector
              WHERE id BETWEEN :low AND :high AND model_no = :model AND {_AMONG}
                  AND (:reader = 'private' OR EXISTS (
                      SELECT 1 FROM passage WHERE passage.id = passage_vector.id
                          AND audience IN ('space', :reader)))
              ORDER BY vec_distance_hamming(vec_bit(bits), vec_bit(:bits))
              LIMIT :candidates)
        ORDER BY distance LIMIT :limit)
    UNION ALL
    SELECT json_array(json_group_array(passage_vector.id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM scope CROSS JOIN passage_vector JOIN passage ON passage.id = passage_vector.id
    WHERE :shared AND platform = :of_platform AND space = :of_space AND user = ''
        AND passage_vector.id BETWEEN scope_no << :scope_bits + 1
            AND (scope_no + 1 << :scope_bits + 1) - 1
        AND passage_vector.model_no = :model AND audience = 'space'
    """  # noqa: S608 (of constants)
NEAR_HEARD = """
    SELECT json_array(json_group_array(passage_vector.id), json_group_array(CAST(
        1e6 * vec_distance_cosine(vec_int8(embedding), vec_int8(:vector)) AS INTEGER))) AS held
    FROM passage_vector JOIN passage ON passage.id = passage_vector.id
    WHERE passage.id IN (SELECT value FROM json_each(:heard)) AND passage_vector.model_no = :model
        AND (audience = 'space' OR (:reader <> 'private' AND audience = :reader))
    """
