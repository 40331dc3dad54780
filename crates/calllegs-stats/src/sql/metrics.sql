-- name: service_level
-- D2. How many inbound calls were answered in time.
WITH n AS (
  SELECT
    count(*) FILTER (WHERE is_offered) AS offered,
    count(*) FILTER (WHERE is_offered AND outcome = 'answered') AS answered,
    count(*) FILTER (WHERE is_short_abandon) AS short_abandons,
    count(*) FILTER (WHERE is_offered AND queue_wait_s <= $answer_within) AS answered_in_time
  FROM v_session WHERE dir = 'in'
)
SELECT offered, answered, short_abandons, answered_in_time,
  $PERCENT(answered_in_time, offered) AS service_level_pct,
  $PERCENT(answered_in_time, offered + short_abandons) AS service_level_strict_pct
FROM n
-- name: abandonment
-- D3. Who gave up: the caller or the exchange.
WITH n AS (
  SELECT count(*) AS offered,
    count(*) FILTER (WHERE is_missed AND outcome = 'abandoned') AS abandoned,
    count(*) FILTER (WHERE is_missed AND outcome = 'no_answer') AS dropped_by_system,
    count(*) FILTER (WHERE is_missed) AS missed
  FROM v_session WHERE is_offered
)
SELECT abandoned, dropped_by_system, missed,
  $PERCENT(missed, offered) AS missed_pct
FROM n
-- name: asa
-- D4. Speed of answer of answered inbound calls, from the first ring of an employee.
WITH w AS (
  SELECT wait_s, queue_wait_s FROM v_session WHERE dir = 'in' AND outcome = 'answered'
), p AS ( -- waits in their order, with their places from 0
  SELECT queue_wait_s, $INTEGER(row_number() OVER (ORDER BY queue_wait_s)) - 1 AS place,
    $INTEGER(count(*) OVER ()) - 1 AS last_place
  FROM w WHERE queue_wait_s IS NOT NULL
), q AS ( -- a percentile lies between two neighbours, each weighed in tenths by how near it is
  SELECT sum(queue_wait_s * $GREATEST(0, 10 - abs(10 * place - 5 * last_place))) AS p50_tenths,
    sum(queue_wait_s * $GREATEST(0, 10 - abs(10 * place - 9 * last_place))) AS p90_tenths
  FROM p
), n AS (
  SELECT sum(queue_wait_s) AS queue_s, count(queue_wait_s) AS queued, max(queue_wait_s) AS longest_s,
    sum(wait_s) AS waits_s, count(wait_s) AS waits
  FROM w
)
SELECT $QUOTIENT(queue_s, queued, 1) AS asa_s,
  $QUOTIENT(p50_tenths, 10, 1) AS p50_s,
  $QUOTIENT(p90_tenths, 10, 1) AS p90_s,
  longest_s,
  $QUOTIENT(waits_s, waits, 1) AS avg_wait_with_menu_s
FROM n CROSS JOIN q
-- name: talk
-- D5. Talk time of answered inbound calls.
WITH n AS (
  SELECT count(*) AS calls, sum(talk_s) AS spoken_s, count(talk_s) AS talks, sum(rings) AS rung
  FROM v_session WHERE dir = 'in' AND outcome = 'answered'
)
SELECT $QUOTIENT(spoken_s, talks, 1) AS att_s,
  spoken_s AS talk_total_s,
  $QUOTIENT(rung, calls, 2) AS rings_per_call
FROM n
-- name: heatmap
-- D6. Offered calls by weekday and hour, by how many such weekdays the calendar has.
WITH c AS ( -- the first and the last day, as days since 1970
  $calendar
), h AS (
  SELECT weekday, hour, count(*) AS offered, count(*) FILTER (WHERE is_missed) AS missed
  FROM v_session WHERE is_offered GROUP BY weekday, hour
), d AS ( -- 1970 began with a Thursday
  SELECT h.weekday, h.hour, h.offered, h.missed,
    $FLOOR(c.last_day + 4 - h.weekday, 7) - $FLOOR(c.first_day + 3 - h.weekday, 7) AS days
  FROM h CROSS JOIN c
)
SELECT weekday, hour, offered,
  $QUOTIENT(offered, days, 1) AS per_day,
  missed,
  $PERCENT(missed, offered) AS missed_pct
FROM d ORDER BY weekday, hour
-- name: pareto
-- D7. Why rings of employees were not answered, without those that a colleague answered.
WITH n AS (
  SELECT finish_reason, count(*) AS legs FROM v_leg
  WHERE in_period AND leg_role IN ('operator', 'transfer') AND NOT picked_up
    AND finish_reason <> 'another_operator_answer'
  GROUP BY finish_reason
), s AS (
  SELECT finish_reason, legs, sum(legs) OVER (ORDER BY legs DESC, $WORDS(finish_reason)) AS so_far,
    sum(legs) OVER () AS total
  FROM n
)
SELECT finish_reason, legs, $PERCENT(so_far, total) AS cumulative_pct
FROM s ORDER BY legs DESC, $WORDS(finish_reason)
-- name: employees
-- D8. People: rings that the platform made to them for callers.
WITH n AS (
  SELECT employee_id, max($WORDS(employee_full_name)) AS employee,
    count(*) FILTER (WHERE leg_role = 'operator') AS rung,
    count(*) FILTER (WHERE leg_role = 'operator' AND picked_up) AS answered,
    count(*) FILTER (WHERE leg_role = 'operator' AND NOT picked_up
      AND finish_reason = 'another_operator_answer') AS colleague_was_faster,
    count(*) FILTER (WHERE leg_role = 'operator' AND NOT picked_up
      AND finish_reason IN ('subscriber_disconnects', 'caller_disconnects')) AS caller_left,
    count(*) FILTER (WHERE leg_role = 'operator' AND (picked_up OR finish_reason NOT IN
      ('another_operator_answer', 'subscriber_disconnects', 'caller_disconnects'))) AS theirs,
    $SUM(ring_s, leg_role = 'operator' AND picked_up) AS rung_s,
    $SUM(duration, talked) AS spoken_s,
    sum($HUNDREDTHS(employee_rating)) AS rating_hundredths, count(employee_rating) AS rated
  FROM v_leg
  WHERE in_period AND employee_id IS NOT NULL AND leg_role IN ('operator', 'transfer') AND direction = 'out'
  GROUP BY employee_id
)
SELECT employee_id, employee, rung, answered, colleague_was_faster, caller_left,
  $PERCENT(answered, theirs) AS answer_rate_pct,
  $QUOTIENT(rung_s, answered, 1) AS avg_ring_s,
  spoken_s AS talk_s,
  $QUOTIENT(rating_hundredths, 100 * rated, 2) AS rating,
  rated
FROM n ORDER BY answered DESC, employee_id
-- name: concurrency
-- D10. Lines in use at the peak of an hour of the wall clock, the five highest.
WITH l AS (
  SELECT t0, t2, wall0 FROM v_leg WHERE in_period AND leg_role <> 'coach' AND total_duration > 0
), e AS (
  SELECT t0 AS t, wall0 AS wall, 1 AS change FROM l
  UNION ALL
  SELECT t2 AS t, wall0 + (t2 - t0) AS wall, -1 AS change FROM l
), s AS (
  SELECT t, wall, sum(change) AS change FROM e GROUP BY t, wall
), r AS ( -- legs that are there after a moment and before it
  SELECT wall, $INTEGER($FLOOR(wall, 3600) * 3600) AS hour_epoch,
    sum(change) OVER (ORDER BY t) AS legs_after,
    sum(change) OVER (ORDER BY t) - sum(change) OVER (PARTITION BY t) AS legs_before
  FROM s
)
SELECT hour_epoch, -- what was there at the begin of the hour counts from its first change on
  max(CASE WHEN wall > hour_epoch THEN $GREATEST(legs_after, legs_before) ELSE legs_after END) AS peak_legs
FROM r GROUP BY hour_epoch ORDER BY peak_legs DESC, hour_epoch LIMIT 5
-- name: occupancy
-- D11. Estimated share of their presence (each day from the first to the last leg) that people were busy.
WITH iv AS ( -- a leg that ends before it begins takes no time
  SELECT employee_id, $DAY(start_time) AS day, t0, $GREATEST(t0, t2) AS t2,
    max($GREATEST(t0, t2)) OVER (PARTITION BY employee_id, $DAY(start_time) ORDER BY t0, id
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS prev_end
  FROM v_leg
  WHERE in_period AND employee_id IS NOT NULL AND leg_role IN ('operator', 'transfer')
    AND (picked_up OR finish_reason <> 'sip_offline')
), u AS ( -- what overlaps counts once
  SELECT employee_id, day, max(t2) - min(t0) AS presence_s,
    sum($GREATEST(0, t2 - $GREATEST(t0, coalesce(prev_end, t0)))) AS busy_s
  FROM iv GROUP BY employee_id, day
), n AS (
  SELECT employee_id, sum(busy_s) AS busy_s, sum(presence_s) AS presence_s FROM u GROUP BY employee_id
), q AS (
  SELECT employee_id, $PERCENT(busy_s, presence_s) AS occupancy_est_pct,
    $QUOTIENT(presence_s, 3600, 1) AS presence_est_h
  FROM n
)
SELECT employee_id, occupancy_est_pct, presence_est_h
FROM q ORDER BY coalesce(occupancy_est_pct, -1) DESC, employee_id
-- name: transfers
-- D12. The twenty most frequent transfers from person to person, by the order in which people picked up.
WITH l AS (
  SELECT l.account AS account, l.call_session_id AS call_session_id, l.id AS id, l.t1 AS t1,
    l.employee_full_name AS who, l.leg_role AS leg_role
  FROM v_leg l JOIN v_session s ON s.account = l.account AND s.call_session_id = l.call_session_id
  WHERE l.leg_role IN ('operator', 'transfer') AND l.picked_up
), seq AS (
  SELECT who AS to_who, leg_role,
    $LAG(who) OVER (PARTITION BY account, call_session_id ORDER BY t1, id) AS from_who
  FROM l
)
SELECT from_who, to_who, count(*) AS transfers
FROM seq WHERE leg_role = 'transfer' AND from_who IS NOT NULL
GROUP BY from_who, to_who
ORDER BY transfers DESC, $WORDS(from_who), CASE WHEN to_who IS NULL THEN 1 ELSE 0 END, $WORDS(to_who) LIMIT 20
-- name: repeat_callers
-- D13. Inbound calls of a known contact, and those soon after the one before.
WITH c AS (
  SELECT t_start, $LAG(t_start) OVER (PARTITION BY account, contact ORDER BY t_start, call_session_id) AS prev_t
  FROM v_session WHERE dir = 'in' AND contact IS NOT NULL
), n AS (
  SELECT count(*) AS inbound, count(*) FILTER (WHERE t_start - prev_t <= $repeat_window) AS repeats FROM c
)
SELECT inbound, repeats, $PERCENT(repeats, inbound) AS repeats_pct
FROM n
-- name: not_called_back
-- D13. What became of missed calls of a known contact. Those that are still open are among the lost.
WITH h AS ( -- until when calls are known
  SELECT $horizon AS known FROM v_session
), m AS ( -- calls that deserve a call back, and whether there is time left for it
  SELECT s.account AS account, s.contact AS contact, s.call_session_id AS call_session_id, s.t_end AS t_missed,
    $EPOCH(s.session_start) + s.t_end - s.t_start + $callback_window > h.known AS is_open
  FROM v_session s CROSS JOIN h WHERE s.is_missed AND s.contact IS NOT NULL
), f AS ( -- the first conversation after each, in either direction
  SELECT m.contact AS contact, m.t_missed AS t_missed, m.is_open AS is_open,
    min(s.t_start) AS t_fixed,
    $MIN(s.t_start, s.dir = 'out') AS t_called_back
  FROM m LEFT JOIN v_session s ON s.account = m.account AND s.contact = m.contact AND s.outcome = 'answered'
    AND s.t_start > m.t_missed AND s.t_start <= m.t_missed + $callback_window
  GROUP BY m.account, m.contact, m.call_session_id, m.t_missed, m.is_open
), n AS (
  SELECT count(*) AS missed,
    count(*) FILTER (WHERE t_called_back = t_fixed) AS called_back,
    count(*) FILTER (WHERE t_fixed IS NOT NULL
      AND (t_called_back IS NULL OR t_called_back > t_fixed)) AS caller_tried_again,
    count(*) FILTER (WHERE t_fixed IS NULL) AS lost,
    count(DISTINCT CASE WHEN t_fixed IS NULL THEN contact END) AS lost_people,
    sum(t_fixed - t_missed) AS to_fix_s, count(t_fixed) AS fixed,
    count(*) FILTER (WHERE t_called_back = t_fixed AND t_fixed - t_missed <= 900) AS called_back_in_15_min,
    count(*) FILTER (WHERE t_fixed IS NULL AND is_open) AS still_open
  FROM f
)
SELECT missed, called_back, caller_tried_again, lost, lost_people,
  $QUOTIENT(to_fix_s, 60 * fixed, 1) AS avg_minutes_to_fix,
  called_back_in_15_min,
  still_open
FROM n
-- name: first_response
-- D14. From the first attempt to the first conversation of a contact.
WITH x AS (
  SELECT account, contact, min(t_start) AS t_attempt,
    $MIN(CASE WHEN dir = 'in' THEN t_answer ELSE t_reached END, outcome = 'answered') AS t_talk
  FROM v_session WHERE dir IN ('in', 'out') AND contact IS NOT NULL GROUP BY account, contact
), p AS (
  SELECT t_talk - t_attempt AS response_s,
    $INTEGER(row_number() OVER (ORDER BY t_talk - t_attempt)) - 1 AS place,
    $INTEGER(count(*) OVER ()) - 1 AS last_place
  FROM x WHERE t_talk IS NOT NULL
), q AS ( -- the median is the one in the middle twice, or those beside the middle once each
  SELECT sum(response_s * $GREATEST(0, 2 - abs(2 * place - last_place))) AS median_halves FROM p
), n AS (
  SELECT count(*) AS people, count(t_talk) AS reached FROM x
)
SELECT people, reached, $INTEGER($QUOTIENT(median_halves, 2, 0)) AS median_first_response_s
FROM n CROSS JOIN q
-- name: quality
-- D14. Talked legs of employees with a recording and with a rating.
WITH n AS (
  SELECT count(*) AS talked_legs, count(*) FILTER (WHERE $ITEMS(call_records) > 0) AS recorded,
    count(employee_rating) AS rated, sum($HUNDREDTHS(employee_rating)) AS rating_hundredths
  FROM v_leg WHERE in_period AND leg_role = 'operator' AND talked
)
SELECT talked_legs,
  $PERCENT(recorded, talked_legs) AS recorded_pct,
  $PERCENT(rated, talked_legs) AS rated_pct,
  $QUOTIENT(rating_hundredths, 100 * rated, 2) AS rating
FROM n
-- name: by_day
-- D1. Offered calls by the day that the call began.
WITH n AS (
  SELECT day, count(*) AS offered,
    count(*) FILTER (WHERE outcome = 'answered') AS answered,
    count(*) FILTER (WHERE is_missed) AS missed,
    count(*) FILTER (WHERE queue_wait_s <= $answer_within) AS answered_in_time
  FROM v_session WHERE is_offered GROUP BY day
)
SELECT day, offered, answered, missed, answered_in_time,
  $PERCENT(answered_in_time, offered) AS service_level_pct
FROM n ORDER BY day
-- name: call_profile
-- D4. Waits from the first ring in steps of five seconds, by what became of the call.
WITH w AS (
  SELECT outcome, coalesce(queue_wait_s, abandon_s) AS waited_s FROM v_session WHERE is_offered OR is_short_abandon
), n AS (
  SELECT outcome, $INTEGER($FLOOR(waited_s, 5) * 5) AS wait_from_s FROM w
)
SELECT wait_from_s, -- none where a transfer alone answered
  count(*) FILTER (WHERE outcome = 'answered') AS answered,
  count(*) FILTER (WHERE outcome = 'abandoned') AS caller_left,
  count(*) FILTER (WHERE outcome = 'no_answer') AS dropped_by_system
FROM n GROUP BY wait_from_s ORDER BY CASE WHEN wait_from_s IS NULL THEN 1 ELSE 0 END, wait_from_s
-- name: scenarios
-- D9. Inbound calls by scenario.
WITH s AS (
  SELECT coalesce(scenario_name, '(none)') AS scenario, outcome, is_short_abandon, is_missed, queue_wait_s
  FROM v_session WHERE dir = 'in'
), n AS (
  SELECT scenario, count(*) AS inbound,
    count(*) FILTER (WHERE outcome = 'answered') AS answered,
    count(*) FILTER (WHERE outcome = 'ivr_only') AS left_in_menu,
    count(*) FILTER (WHERE is_short_abandon) AS short_abandons,
    count(*) FILTER (WHERE is_missed) AS missed,
    sum(queue_wait_s) AS queue_s, count(queue_wait_s) AS queued -- only answered calls have this wait
  FROM s GROUP BY scenario
)
SELECT scenario, inbound, answered, left_in_menu, short_abandons, missed,
  $QUOTIENT(queue_s, queued, 1) AS asa_s
FROM n ORDER BY inbound DESC, $WORDS(scenario)
-- name: groups
-- D9. Rings of employees by group. A call may ring two groups.
WITH l AS (
  SELECT coalesce(l.group_name, '(none)') AS team, l.in_period AS is_ring, s.call_session_id AS call_id,
    l.picked_up AS picked_up, l.picked_up AND l.talked AS answered, l.ring_s AS ring_s
  FROM v_leg l LEFT JOIN v_session s ON s.account = l.account AND s.call_session_id = l.call_session_id
  WHERE l.leg_role = 'operator' AND l.direction = 'out' AND (l.in_period OR s.call_session_id IS NOT NULL)
), n AS (
  SELECT team,
    count(*) FILTER (WHERE is_ring) AS rings,
    count(*) FILTER (WHERE is_ring AND answered) AS answered_legs,
    count(DISTINCT call_id) AS calls_rung,
    count(DISTINCT CASE WHEN answered THEN call_id END) AS calls_answered,
    $SUM(ring_s, is_ring AND picked_up) AS rung_s,
    count(*) FILTER (WHERE is_ring AND picked_up) AS pickups
  FROM l GROUP BY team
)
SELECT team AS group_name, rings, answered_legs, calls_rung, calls_answered,
  $QUOTIENT(rung_s, pickups, 1) AS avg_ring_s
FROM n ORDER BY rings DESC, $WORDS(team)
-- name: staffing_input
-- D11. Offered calls and talk by hour of the day, over the days that had a call.
WITH d AS (
  SELECT count(DISTINCT day) AS days FROM v_session
), h AS (
  SELECT hour, count(*) AS calls, sum(talk_s) AS spoken_s, count(talk_s) AS talks
  FROM v_session WHERE is_offered GROUP BY hour
)
SELECT hour,
  $QUOTIENT(calls, days, 2) AS calls_per_hour,
  $QUOTIENT(spoken_s, talks, 1) AS avg_talk_s,
  $QUOTIENT(calls * spoken_s, 3600 * days * talks, 2) AS erlangs
FROM h CROSS JOIN d ORDER BY hour
