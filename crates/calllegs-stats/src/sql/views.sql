-- name: v_leg
-- One row per leg, with what it was in its call. Times t0, t1 and t2 are seconds since 1970.
SELECT l.*,
  l.connect_time IS NOT NULL AS picked_up,
  coalesce(l.is_talked, l.duration > 0, false) AS talked,
  $INSTANT(l.start_at) AS t0, -- it begins to ring
  $INSTANT(l.connect_at) AS t1, -- somebody picks it up
  $INSTANT(l.start_at) + coalesce(l.total_duration, 0) AS t2, -- it ends
  $EPOCH(l.start_time) AS wall0, -- t0 as the clock of the account shows it
  $INSTANT(l.connect_at) - $INSTANT(l.start_at) AS ring_s, -- until it is picked up
  CASE WHEN coalesce(l.is_coach, false) THEN 'coach'
       WHEN NOT coalesce(l.is_operator, false) THEN 'subscriber'
       WHEN coalesce(l.is_transfered, false) THEN 'transfer'
       ELSE 'operator' END AS leg_role,
  $leg_within AS in_period -- legs beside the period complete calls at its ends
FROM $legs l$filter
-- name: v_session
-- One row per call: where it came from, what became of it, how long people waited and talked.
WITH o AS ( -- legs of a call by their start
  SELECT l.*, row_number() OVER (PARTITION BY account, call_session_id ORDER BY t0, id) AS n FROM v_leg l
), a AS (
  SELECT account, call_session_id,
    min(CASE WHEN n = 1 THEN start_time END) AS session_start,
    min(t0) AS t_start,
    max(t2) AS t_end,
    max(CASE WHEN n = 1 AND NOT is_operator AND direction = 'in' THEN 1 ELSE 0 END) = 1 AS starts_with_caller,
    coalesce(min(CASE WHEN is_operator THEN 1 WHEN NOT is_operator THEN 0 END), 0) = 1 AS is_internal,
    max($WORDS(nullif(contact_phone_number, ''))) AS contact, -- withheld numbers are nobody's
    max($WORDS(virtual_phone_number)) AS virtual_number,
    max($WORDS(scenario_name)) AS scenario_name,
    $MIN(t0, leg_role = 'operator') AS t_offer, -- the first ring of an employee
    $MIN(t1, leg_role IN ('operator', 'transfer') AND picked_up AND talked) AS t_answer,
    $MIN(t1, leg_role = 'subscriber' AND talked) AS t_reached,
    $SUM(duration, leg_role IN ('operator', 'transfer') AND talked) AS talk_s,
    count(*) FILTER (WHERE leg_role IN ('operator', 'transfer')) AS rings,
    count(*) FILTER (WHERE leg_role = 'transfer' AND picked_up) AS transfers,
    count(*) FILTER (WHERE leg_role = 'coach') AS coach_legs,
    $MAX($WORDS(finish_reason), leg_role = 'subscriber') AS caller_reason
  FROM o GROUP BY account, call_session_id
), b AS (
  SELECT a.*,
    $DAY(session_start) AS day,
    $WEEKDAY(session_start) AS weekday, -- 1 is Monday
    $HOUR(session_start) AS hour,
    CASE WHEN is_internal THEN 'internal' WHEN starts_with_caller THEN 'in' ELSE 'out' END AS dir,
    CASE WHEN is_internal THEN 'internal'
         WHEN NOT starts_with_caller THEN CASE WHEN t_reached IS NOT NULL THEN 'answered' ELSE 'not_reached' END
         WHEN t_answer IS NOT NULL THEN 'answered'
         WHEN t_offer IS NULL THEN 'ivr_only'
         WHEN caller_reason IN ('subscriber_disconnects', 'caller_disconnects') THEN 'abandoned'
         ELSE 'no_answer' END AS outcome,
    t_answer - t_start AS wait_s, -- what the caller lived through, the menu included
    t_answer - t_offer AS queue_wait_s, -- from the first ring to a human voice
    CASE WHEN t_answer IS NULL THEN t_end - t_offer END AS abandon_s
  FROM a
), c AS (
  SELECT b.*, outcome = 'abandoned' AND coalesce(abandon_s, 0) < $short_abandon AS is_short_abandon
  FROM b
)
SELECT c.*,
  dir = 'in' AND outcome IN ('answered', 'abandoned', 'no_answer') AND NOT is_short_abandon AS is_offered,
  dir = 'in' AND outcome IN ('abandoned', 'no_answer') AND NOT is_short_abandon AS is_missed
FROM c$call_within
