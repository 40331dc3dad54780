"""Calls and their service level from a Parquet file of legs, as a script with pandas computes them; prints seconds."""

import sys
import time

import pandas as pd

COLUMNS = (
    "account id call_session_id start_time connect_time duration total_duration finish_reason direction is_operator "
    "is_transfered is_coach is_talked"
).split()
KEY = ["account", "call_session_id"]


def service_level(path):
    legs = pd.read_parquet(path, columns=COLUMNS).sort_values(["start_time", "id"])
    talked = legs["is_talked"].astype("boolean").fillna(legs["duration"] > 0).astype(bool)
    operator, coach = legs["is_operator"].fillna(False).astype(bool), legs["is_coach"].fillna(False).astype(bool)
    ring = operator & ~coach
    offer = ring & ~legs["is_transfered"].fillna(False).astype(bool)
    legs["end"] = legs["start_time"] + pd.to_timedelta(legs["total_duration"], unit="s")
    legs["offer"] = legs["start_time"].where(offer)
    legs["answer"] = legs["connect_time"].where(ring & talked)
    legs["reason"] = legs["finish_reason"].where(~operator & ~coach).fillna("")
    legs["outside"] = ~operator
    calls = legs.groupby(KEY, sort=False).agg(
        starts_outside=("outside", "first"),
        direction=("direction", "first"),
        end=("end", "max"),
        offer=("offer", "min"),
        answer=("answer", "min"),
        reason=("reason", "max"),
    )
    inbound = calls[calls["starts_outside"] & (calls["direction"] == "in")]
    answered = inbound["answer"].notna()
    offered = inbound["offer"].notna() | answered
    left = offered & ~answered & inbound["reason"].isin(["subscriber_disconnects", "caller_disconnects"])
    short = left & ((inbound["end"] - inbound["offer"]).dt.total_seconds() < 5)
    in_time = answered & ((inbound["answer"] - inbound["offer"]).dt.total_seconds() <= 20)
    return int((offered & ~short).sum()), int(answered.sum()), int(short.sum()), int(in_time.sum())


started = time.perf_counter()
counts = service_level(sys.argv[1])
print(time.perf_counter() - started, *counts)
