"""All results of a Parquet file of legs, as a script with pandas computes them; prints seconds, and then the results."""

import json
import sys
import time

import numpy as np
import pandas as pd

COLUMNS = (
    "account id call_session_id start_time connect_time duration total_duration finish_reason direction is_operator "
    "is_transfered is_coach is_talked contact_phone_number scenario_name employee_id employee_full_name employee_rating "
    "group_name call_records"
).split()
KEY = ["account", "call_session_id"]
LEFT = ["subscriber_disconnects", "caller_disconnects"]
WITHIN, SHORT, WINDOW = 20, 5, 86400


def quotient(a, b, places=1):
    """Halves go up, as on paper."""
    k = 10**places
    return None if not b else float((2 * k * int(a) + int(b)) // (2 * int(b)) / k)


def quotients(a, b, places=1):
    k = 10**places
    return (2 * k * a + b) // (2 * b) / k


def read(path):
    legs = pd.read_parquet(path, columns=COLUMNS)
    epoch = pd.Timestamp(0)
    seconds = lambda column: (column - epoch) // pd.Timedelta(seconds=1)
    legs["t0"], legs["t1"] = seconds(legs["start_time"]), seconds(legs["connect_time"])
    legs["t2"] = legs["t0"] + legs["total_duration"].fillna(0).astype("int64")
    legs["picked_up"] = legs["connect_time"].notna()
    for name in ("is_operator", "is_transfered", "is_coach"):
        legs[name] = legs[name].fillna(False).astype(bool)
    legs["talked"] = legs["is_talked"].astype("boolean").fillna(legs["duration"] > 0).fillna(False).astype(bool)
    legs["ring"] = legs["is_operator"] & ~legs["is_coach"]
    legs["offer"] = legs["ring"] & ~legs["is_transfered"]
    legs["outside"] = ~legs["is_operator"] & ~legs["is_coach"]
    return legs


def sessions(legs):
    legs = legs.sort_values(["t0", "id"])
    answer = legs["ring"] & legs["picked_up"] & legs["talked"]
    frame = legs[KEY].assign(
        start=legs["start_time"],
        t_start=legs["t0"],
        t_end=legs["t2"],
        with_caller=~legs["is_operator"] & (legs["direction"] == "in"),
        external=~legs["is_operator"],
        contact=legs["contact_phone_number"],
        scenario=legs["scenario_name"],
        t_offer=legs["t0"].where(legs["offer"]),
        t_answer=legs["t1"].where(answer),
        t_reached=legs["t1"].where(legs["outside"] & legs["talked"]),
        talk_s=legs["duration"].where(legs["ring"] & legs["talked"]),
        rings=legs["ring"],
        reason=legs["finish_reason"].where(legs["outside"]),
    )
    # Strings have no quick maximum: the values of a call hardly differ.
    s = frame.groupby(KEY, sort=False).agg(
        start=("start", "first"),
        t_start=("t_start", "first"),
        t_end=("t_end", "max"),
        with_caller=("with_caller", "first"),
        external=("external", "any"),
        contact=("contact", "first"),
        scenario=("scenario", "first"),
        t_offer=("t_offer", "min"),
        t_answer=("t_answer", "min"),
        t_reached=("t_reached", "min"),
        rings=("rings", "sum"),
        reason=("reason", "last"),
    )
    s["talk_s"] = frame.groupby(KEY, sort=False)["talk_s"].sum(min_count=1)
    s = s.reset_index()
    s["dir"] = np.select([~s["external"], s["with_caller"]], ["internal", "in"], "out")
    answered, offered = s["t_answer"].notna(), s["t_offer"].notna()
    s["outcome"] = np.select(
        [s["dir"] == "internal", (s["dir"] == "out") & s["t_reached"].notna(), s["dir"] == "out", answered, ~offered,
         s["reason"].isin(LEFT)],
        ["internal", "answered", "not_reached", "answered", "ivr_only", "abandoned"],
        "no_answer",
    )
    s["wait_s"] = s["t_answer"] - s["t_start"]
    s["queue_s"] = s["t_answer"] - s["t_offer"]
    s["abandon_s"] = (s["t_end"] - s["t_offer"]).where(~answered)
    s["short"] = (s["outcome"] == "abandoned") & (s["abandon_s"].fillna(0) < SHORT)
    inbound = s["dir"] == "in"
    s["missed"] = inbound & s["outcome"].isin(["abandoned", "no_answer"]) & ~s["short"]
    s["offered"] = s["missed"] | (inbound & (s["outcome"] == "answered"))
    s["in_time"] = s["offered"] & (s["queue_s"] <= WITHIN)
    s["day"], s["weekday"], s["hour"] = s["start"].dt.date, s["start"].dt.day_of_week + 1, s["start"].dt.hour
    return s


def of_calls(s):
    inbound, offered = s[s["dir"] == "in"], s[s["offered"]]
    answered = inbound[inbound["outcome"] == "answered"]
    n, in_time, short, missed = len(offered), offered["in_time"].sum(), s["short"].sum(), offered["missed"].sum()
    yield "service_level", [[n, len(answered), short, in_time, quotient(100 * in_time, n), quotient(100 * in_time, n + short)]]
    lost = offered.loc[offered["missed"], "outcome"].value_counts()
    yield "abandonment", [[lost.get("abandoned", 0), lost.get("no_answer", 0), missed, quotient(100 * missed, n)]]
    queue, wait = answered["queue_s"].dropna(), answered["wait_s"]
    yield "asa", [[quotient(queue.sum(), len(queue)), queue.quantile(0.5), round(queue.quantile(0.9), 1), queue.max(),
                   quotient(wait.sum(), len(wait))]]
    talk = answered["talk_s"].dropna()
    yield "talk", [[quotient(talk.sum(), len(talk)), talk.sum(), quotient(answered["rings"].sum(), len(answered), 2)]]
    days = pd.Series(pd.date_range(s["day"].min(), s["day"].max()).day_of_week + 1).value_counts()
    heat = offered.groupby(["weekday", "hour"]).agg(offered=("missed", "size"), missed=("missed", "sum")).reset_index()
    heat["per_day"] = quotients(heat["offered"], heat["weekday"].map(days))
    heat["missed_pct"] = quotients(100 * heat["missed"], heat["offered"])
    yield "heatmap", heat[["weekday", "hour", "offered", "per_day", "missed", "missed_pct"]].values.tolist()
    by_day = offered.groupby("day").agg(offered=("missed", "size"), missed=("missed", "sum"), in_time=("in_time", "sum"))
    by_day["answered"] = by_day["offered"] - by_day["missed"]
    by_day["level"] = quotients(100 * by_day["in_time"], by_day["offered"])
    by_day = by_day.reset_index().astype({"day": str})
    yield "by_day", by_day[["day", "offered", "answered", "missed", "level"]].values.tolist()
    profile = s[s["offered"] | s["short"]]
    # Calls without a first ring have no wait, and come last.
    wait = (profile["queue_s"].fillna(profile["abandon_s"]) // 5 * 5).fillna(np.inf)
    profile = pd.crosstab(wait, profile["outcome"]).reindex(columns=["answered", "abandoned", "no_answer"], fill_value=0)
    yield "call_profile", profile.reset_index().replace(np.inf, None).values.tolist()
    named = inbound.assign(scenario=inbound["scenario"].fillna("(none)"), queue_s=inbound["queue_s"].where(inbound["outcome"] == "answered"))
    table = named.groupby("scenario").agg(
        inbound=("missed", "size"), short=("short", "sum"), missed=("missed", "sum"), queue=("queue_s", "sum"),
        queued=("queue_s", "count"))
    kinds = pd.crosstab(named["scenario"], named["outcome"]).reindex(columns=["answered", "ivr_only"], fill_value=0)
    table = table.join(kinds)
    table["asa"] = quotients(table["queue"], table["queued"])
    table = table.reset_index().sort_values(["inbound", "scenario"], ascending=[False, True])
    yield "scenarios", table[["scenario", "inbound", "answered", "ivr_only", "short", "missed", "asa"]].values.tolist()
    days = s["day"].nunique()
    hours = offered.groupby("hour").agg(calls=("missed", "size"), talk=("talk_s", "sum"), talks=("talk_s", "count")).reset_index()
    hours["per_hour"] = quotients(hours["calls"], days, 2)
    hours["avg"] = quotients(hours["talk"], hours["talks"])
    hours["erlangs"] = quotients(hours["calls"] * hours["talk"], days * 3600 * hours["talks"], 2)
    yield "staffing_input", hours[["hour", "per_hour", "avg", "erlangs"]].values.tolist()


def of_contacts(s):
    known = s[s["contact"].notna()].sort_values(["account", "contact", "t_start", "call_session_id"])
    inbound = known[known["dir"] == "in"]
    repeats = (inbound.groupby(["account", "contact"])["t_start"].diff() <= WINDOW).sum()
    yield "repeat_callers", [[len(inbound), repeats, quotient(100 * repeats, len(inbound))]]
    missed = known.loc[known["missed"], ["account", "contact", "t_end"]].sort_values("t_end")
    talks = known.loc[known["outcome"] == "answered", ["account", "contact", "t_start", "dir"]].sort_values("t_start")
    after = dict(left_on="t_end", right_on="t_start", by=["account", "contact"], direction="forward",
                 allow_exact_matches=False, tolerance=WINDOW)
    fixed = pd.merge_asof(missed, talks, **after)
    back = pd.merge_asof(missed, talks[talks["dir"] == "out"], **after)["t_start"] == fixed["t_start"]
    delay, lost = fixed["t_start"] - fixed["t_end"], fixed["t_start"].isna()
    yield "not_called_back", [[len(missed), back.sum(), (~lost & ~back).sum(), lost.sum(), fixed.loc[lost, "contact"].nunique(),
                               quotient(delay.sum(), 60 * delay.count()), (back & (delay <= 900)).sum()]]
    both = known[known["dir"].isin(["in", "out"])]
    talk = both["t_answer"].where(both["dir"] == "in", both["t_reached"]).where(both["outcome"] == "answered")
    people = both.assign(talk=talk).groupby(["account", "contact"]).agg(first=("t_start", "min"), talk=("talk", "min"))
    response = (people["talk"] - people["first"]).dropna()
    yield "first_response", [[len(people), len(response), int(np.floor(response.median() + 0.5))]]


def of_rings(legs):
    rings = legs[legs["ring"]]
    unanswered = rings[~rings["picked_up"] & (rings["finish_reason"] != "another_operator_answer")]
    reasons = unanswered["finish_reason"].value_counts().rename_axis("reason").reset_index(name="legs")
    reasons = reasons.sort_values(["legs", "reason"], ascending=[False, True])
    share = quotients(100 * reasons["legs"].cumsum(), reasons["legs"].sum())
    yield "pareto", [[reason, legs, part] for reason, legs, part in zip(reasons["reason"], reasons["legs"], share)]
    theirs = rings[rings["employee_id"].notna() & (rings["direction"] == "out")]
    offer, up = theirs["offer"], theirs["picked_up"]
    faster = offer & ~up & (theirs["finish_reason"] == "another_operator_answer")
    left = offer & ~up & theirs["finish_reason"].isin(LEFT)
    people = theirs[["employee_id", "employee_full_name"]].assign(
        rung=offer, answered=offer & up, faster=faster, left=left, ring_s=(theirs["t1"] - theirs["t0"]).where(offer & up),
        talk=theirs["duration"].where(theirs["talked"]), rating=(theirs["employee_rating"] * 100).round())
    people = people.groupby("employee_id").agg(
        name=("employee_full_name", "max"), rung=("rung", "sum"), answered=("answered", "sum"), faster=("faster", "sum"),
        left=("left", "sum"), ring_s=("ring_s", "sum"), talk=("talk", "sum"), rating=("rating", "sum"),
        rated=("rating", "count")).reset_index()
    people["rate"] = quotients(100 * people["answered"], people["rung"] - people["faster"] - people["left"])
    people["ring"] = quotients(people["ring_s"], people["answered"])
    people["rating"] = quotients(people["rating"], 100 * people["rated"], 2)
    people = people.sort_values(["answered", "employee_id"], ascending=[False, True])
    shown = ["employee_id", "name", "rung", "answered", "faster", "left", "rate", "ring", "talk", "rating", "rated"]
    yield "employees", people[shown].values.tolist()
    table = rings[rings["offer"] & (rings["direction"] == "out")]
    talked = table["picked_up"] & table["talked"]
    table = table[KEY].assign(group=table["group_name"].fillna("(none)"), talked=talked,
                              ring_s=(table["t1"] - table["t0"]).where(table["picked_up"]))
    calls = table.groupby(["group", *KEY], sort=False)["talked"].any().groupby("group").agg(["size", "sum"])
    groups = table.groupby("group").agg(rings=("talked", "size"), answered=("talked", "sum"), ring_s=("ring_s", "sum"),
                                        rung=("ring_s", "count")).join(calls).reset_index()
    groups["ring"] = quotients(groups["ring_s"], groups["rung"])
    groups = groups.sort_values(["rings", "group"], ascending=[False, True])
    yield "groups", groups[["group", "rings", "answered", "size", "sum", "ring"]].values.tolist()
    talks = rings[rings["offer"] & rings["talked"]]
    rated = (talks["employee_rating"] * 100).round().dropna()
    yield "quality", [[len(talks), quotient(100 * (talks["call_records"].str.len() > 0).sum(), len(talks)),
                       quotient(100 * len(rated), len(talks)), quotient(rated.sum(), 100 * len(rated), 2)]]
    seen = rings[rings["employee_id"].notna() & (rings["picked_up"] | (rings["finish_reason"] != "sip_offline"))]
    seen = seen[["employee_id", "t0", "t2", "id"]].assign(day=seen["start_time"].dt.floor("D"))
    seen = seen.sort_values(["employee_id", "day", "t0", "id"])
    by_day = seen.groupby(["employee_id", "day"])
    before = by_day["t2"].cummax().groupby([seen["employee_id"], seen["day"]]).shift()
    seen["busy"] = (seen["t2"] - np.maximum(seen["t0"], before.fillna(seen["t0"]))).clip(lower=0)
    days = seen.groupby(["employee_id", "day"]).agg(busy=("busy", "sum"), first=("t0", "min"), last=("t2", "max"))
    days["presence"] = days["last"] - days["first"]
    people = days.groupby("employee_id")[["busy", "presence"]].sum().reset_index()
    people["share"] = quotients(100 * people["busy"], people["presence"])
    people["hours"] = quotients(people["presence"], 3600)
    people = people.sort_values(["share", "employee_id"], ascending=[False, True])
    yield "occupancy", people[["employee_id", "share", "hours"]].values.tolist()
    up = rings[rings["picked_up"]].sort_values([*KEY, "t1", "id"])
    up["before"] = up.groupby(KEY)["employee_full_name"].shift()
    pairs = up[~up["offer"] & up["before"].notna()].groupby(["before", "employee_full_name"]).size().reset_index(name="count")
    pairs = pairs.sort_values(["count", "before", "employee_full_name"], ascending=[False, True, True])
    yield "transfers", pairs.head(20).values.tolist()


def of_lines(legs):
    legs = legs[~legs["is_coach"] & (legs["total_duration"] > 0)]
    changes = pd.concat([pd.Series(1, legs["t0"]), pd.Series(-1, legs["t2"])]).groupby(level=0).sum()
    after = changes.cumsum()
    before = after - changes
    hour = after.index // 3600 * 3600
    peak = after.where(after.index == hour, np.maximum(after, before)).groupby(hour).max()
    peak = peak.rename_axis("hour").reset_index(name="peak").sort_values(["peak", "hour"], ascending=[False, True])
    yield "concurrency", peak.head(5).values.tolist()


def results(path):
    legs = read(path)
    calls = sessions(legs)
    return {name: rows for part in (of_calls(calls), of_contacts(calls), of_rings(legs), of_lines(legs)) for name, rows in part}


def plain(value):
    return value.item() if hasattr(value, "item") else str(value)


started = time.perf_counter()
found = results(sys.argv[1])
print(time.perf_counter() - started, len(found))
print(json.dumps(found, default=plain))
