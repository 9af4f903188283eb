#!/usr/bin/env python3
"""The rules of packs/examples/road-traffic-fines, counted again with PM4Py and pandas alone.

Knows nothing of how Liuhen works: reads the log with PM4Py, takes each rule by its words, and compares the fines that it
finds with those of `liuhen check --json`. Local days throughout: "within N days" means that the later day is at most the
earlier day plus N.

    python bench/pm4py/road_traffic.py LIUHEN LOG...        # LIUHEN: the program; needs pm4py
"""

import json
import subprocess
import sys
import warnings
from datetime import date

warnings.filterwarnings("ignore")
import pandas as pd  # noqa: E402
import pm4py  # noqa: E402

ZONE = "Europe/Rome"
PACK = "packs/examples/road-traffic-fines"

CREATE, SEND, NOTIFY = "Create Fine", "Send Fine", "Insert Fine Notification"
PENALTY, PAY, COLLECT = "Add penalty", "Payment", "Send for Credit Collection"
APPEAL, FORWARD = "Insert Date Appeal to Prefecture", "Send Appeal to Prefecture"
RESULT, TOLD = "Receive Result Appeal from Prefecture", "Notify Result Appeal to Offender"
JUDGE = "Appeal to Judge"


def read(path):
    """One row per event in the order of the file: fine, activity, local day, attributes."""
    frame = pm4py.read_xes(path)
    if not isinstance(frame, pd.DataFrame):
        frame = pm4py.convert_to_dataframe(frame)
    # PM4Py takes a time without zone for UTC; such a log shows midnights there, and its days are as written.
    midnight = (frame["time:timestamp"].dt.hour == 0).mean() > 0.99
    local = frame["time:timestamp"].dt.tz_convert("UTC" if midnight else ZONE)
    frame["day"] = local.dt.date
    frame["at"] = range(len(frame))
    return frame.sort_values(["case:concept:name", "day", "at"], kind="stable")


def days(later, earlier):
    return (later - earlier).days


def plus_years(day, n):
    try:
        return day.replace(year=day.year + n)
    except ValueError:
        return day.replace(year=day.year + n, day=28)


def respond(fine, now, on, expect, until, limit):
    """Activations of `on` that nothing of `expect` follows within the limit, unless `until` lifts them in time; those whose
    limit has not passed are open."""
    for start in [e for e in fine if e[0] == on]:
        # Of two events of one day the log does not say which came first: either counts.
        in_time = [e for e in fine if e[2] != start[2] and e[1] >= start[1] and days(e[1], start[1]) <= limit(start[1])]
        if any(e[0] in expect or e[0] in until for e in in_time):
            continue
        if days(now, start[1]) > limit(start[1]):
            yield start


def precede(fine, on, needed, within=None):
    """Activations of `on` without any of `needed` before, or on that day, at most `within` days back."""
    for late in [e for e in fine if e[0] == on]:
        before = [e for e in fine if e[0] in needed and e[2] != late[2] and e[1] <= late[1]]
        if within is not None:
            before = [e for e in before if days(late[1], e[1]) <= within(late[1])]
        if not before:
            yield late


def value(rows, upto, key):
    """The newest value of an attribute up to an event."""
    if key not in rows:
        return None
    seen = rows[(rows["day"] < upto[1]) | ((rows["day"] == upto[1]) & (rows["at"] <= upto[2]))][key].dropna()
    return seen.iloc[-1] if len(seen) else None


def rules(rows, now):
    """Rule and fine, once for each breach."""
    fine = list(zip(rows["concept:name"], rows["day"], rows["at"]))
    lifted = {PAY, APPEAL, JUDGE}
    old = date(2010, 8, 13)
    legal = lambda offence: 150 if offence < old else 90  # noqa: E731
    found = []
    add = lambda rule, events: found.extend((rule, e) for e in events)  # noqa: E731
    add("RTF-01", respond(fine, now, CREATE, {SEND, NOTIFY}, lifted, legal))
    add("RTF-02", respond(fine, now, CREATE, {NOTIFY}, lifted, legal))
    add("RTF-19", respond(fine, now, CREATE, {NOTIFY}, lifted, lambda _: 90))
    add("RTF-03", precede(fine, NOTIFY, {SEND}))
    add("RTF-04", precede(fine, PENALTY, {NOTIFY}))
    notified = [e for e in fine if e[0] == NOTIFY]
    penalties = [e for e in fine if e[0] == PENALTY]
    early = [p for p in penalties if any(n[1] <= p[1] and days(p[1], n[1]) < 60 for n in notified)]
    add("RTF-05", early)
    add("RTF-06", respond(fine, now, NOTIFY, {PENALTY}, lifted, lambda _: 61))
    add("RTF-07", penalties[1:])
    add("RTF-08", precede(fine, APPEAL, {NOTIFY, CREATE}, lambda _: 60))
    judge = lambda day: 60 if day < date(2011, 10, 6) else 30  # noqa: E731
    add("RTF-09", precede(fine, JUDGE, {NOTIFY, CREATE, TOLD}, judge))
    since = [e for e in fine if e[1] >= date(2003, 8, 13)]
    later = lambda on, expect, limit: [  # noqa: E731
        e for e in respond(fine, now, on, expect, set(), lambda _: limit) if e in since
    ]
    add("RTF-10", later(APPEAL, {FORWARD}, 60))
    add("RTF-11", later(FORWARD, {RESULT}, 120))
    add("RTF-12", later(RESULT, {TOLD}, 150))
    collected = [e for e in fine if e[0] == COLLECT]
    missing = {e for e in precede(fine, COLLECT, {NOTIFY})} | {e for e in precede(fine, COLLECT, {PENALTY})}
    add("RTF-13", missing)
    for event in collected:
        sent = [e for e in fine if e[0] == FORWARD and e[1] < event[1]]
        back = [e for e in fine if e[0] == RESULT and e[1] <= event[1]]
        # Open is what was sent after the last decision; a decision on the day of the sending answers it.
        if sent and (not back or max(e[1] for e in back) < max(e[1] for e in sent)):
            found.append(("RTF-14", event))
        paid, owed = value(rows, event, "totalPaymentAmount"), value(rows, event, "amount")
        if paid is not None and owed is not None and paid >= owed:
            found.append(("RTF-15", event))
    for start in [e for e in fine if e[0] == CREATE]:
        code = rows[rows["at"] == start[2]]["dismissal"].iloc[0] if "dismissal" in rows else None
        if code is None or pd.isna(code) or code == "NIL":
            due = plus_years(start[1], 5)
            for e in fine:
                if e[0] == NOTIFY and start[1] <= e[1] <= due:
                    due = plus_years(e[1], 5)
            ends = [e for e in fine if e[0] in {PAY, COLLECT, APPEAL, JUDGE} and start[1] <= e[1] <= due]
            if not ends and now > due:
                found.append(("RTF-16", start))
        if value(rows[rows["at"] == start[2]], start, "amount") is None:
            found.append(("RTF-17", start))
    return found


def ours(liuhen, log):
    run = [liuhen, "check", log, "--pack", PACK, "--zone", ZONE, "--json"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3, 4):
        sys.exit(f"{' '.join(run)}\n{done.stderr}")
    report = json.loads(done.stdout)
    broken = [f for f in report["findings"] if f["outcome"] == "breached"]
    return report, sorted((f["rule"], f["object"][1]) for f in broken)


def main():
    liuhen, logs = sys.argv[1], sys.argv[2:]
    wrong = 0
    for log in logs:
        report, told = ours(liuhen, log)
        frame = read(log)
        now = frame["day"].max()
        counted = []
        for name, rows in frame.groupby("case:concept:name"):
            counted.extend((rule, name) for rule, _ in rules(rows, now))
        counted.sort()
        events = report["events"]
        print(f"\n{log}: {len(frame)} events, {frame['case:concept:name'].nunique()} fines; liuhen: {events['read']} events")
        print(f"  {'rule':8} {'pandas':>7} {'liuhen':>7}")
        for rule in sorted({r["rule"] for r in report["rules"]}):
            a = [c for c in counted if c[0] == rule]
            b = [c for c in told if c[0] == rule]
            same = a == b
            wrong += not same
            print(f"  {rule:8} {len(a):7} {len(b):7} {'' if same else '  DIFFERS'}")
            if not same:
                print("    only pandas:", [c for c in a if c not in b][:10])
                print("    only liuhen:", [c for c in b if c not in a][:10])
        wrong += events["read"] != len(frame)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
