"""The pages of 90 days, as a script asks for them: spans of 15 days stay below 110,000 legs."""

from datetime import datetime, timedelta

KEY = "sandbox-acme"
FIELDS = (
    "id call_session_id call_records wav_call_records start_time connect_time duration total_duration finish_reason "
    "finish_reason_description virtual_phone_number calling_phone_number called_phone_number direction is_transfered "
    "is_operator employee_id employee_full_name employee_phone_number employee_rating scenario_id scenario_name is_coach "
    "release_cause_code release_cause_description is_failed is_talked contact_id contact_full_name contact_phone_number "
    "action_id action_name group_id group_name"
).split()


def spans():
    """First and last second of each span."""
    start = datetime(2025, 12, 1)
    while start < datetime(2026, 3, 1):
        end = min(start + timedelta(days=15), datetime(2026, 3, 1))
        yield start, end - timedelta(seconds=1)
        start = end


def body(start, end, offset):
    params = {
        "access_token": KEY,
        "date_from": str(start),
        "date_till": str(end),
        "limit": 10000,
        "offset": offset,
        "fields": FIELDS,
    }
    return {"jsonrpc": "2.0", "id": 1, "method": "get.call_legs_report", "params": params}
