#!/usr/bin/env python3
"""Drafted rules of a log, counted again with PM4Py and plain Python.

For each log: drafts a pack with `liuhen pack draft`, runs `liuhen check --json` with it, reads log and rules by other means
(PM4Py or pandas, tomllib) and counts for each rule how often it was activated and broken. Exits with 1 where a figure
differs.

    python bench/pm4py/drafted.py LIUHEN LOG...
"""

import ast
import bisect
import gzip
import json
import re
import sqlite3
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

warnings.filterwarnings("ignore")
import pandas as pd  # noqa: E402
import pm4py  # noqa: E402

ZONE = "Asia/Shanghai"
PEOPLE = ["org:resource", "resource", "Resource", "actor"]


def without_zone(path):
    """Whether the times of a XES log name no zone, judged by the first. PM4Py takes such times for UTC."""
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as file:
        found = re.search(rb'<date key="time:timestamp" value="([^"]+)"', file.read(1 << 20))
    return not re.search(rb"(Z|[+-]\d\d:?\d\d)$", found.group(1))


def xes(path):
    """Rows: event number, time, activity, person, [(type, object)]."""
    frame = pm4py.read_xes(path)
    if not isinstance(frame, pd.DataFrame):
        frame = pm4py.convert_to_dataframe(frame)
    times = frame["time:timestamp"]
    if without_zone(path):
        times = times.dt.tz_localize(None).dt.tz_localize(ZONE)
    people = next((p for p in PEOPLE if p in frame), None)
    person = frame[people] if people else [None] * len(frame)
    rows = zip(times, frame["concept:name"], person, frame["case:concept:name"])
    return [(t, a, None if pd.isna(p) else str(p), [("case", str(c))]) for t, a, p, c in rows]


def csv(path):
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    if "ocel:eid" in frame:
        types = [c for c in frame if c.startswith("ocel:type:")]
        rows = []
        for _, row in frame.iterrows():
            objects = [(t[10:], o) for t in types if row[t].strip() for o in ast.literal_eval(row[t])]
            rows.append((pd.Timestamp(row["ocel:timestamp"]), row["ocel:activity"], None, objects))
        return rows
    people = next((p for p in PEOPLE if p in frame), None)
    times = pd.to_datetime(frame["time:timestamp"], utc=True, format="mixed")
    person = frame[people] if people else [""] * len(frame)
    rows = zip(times, frame["concept:name"], person, frame["case:concept:name"])
    return [(t, a, p or None, [("case", c)]) for t, a, p, c in rows]


def stamp(text):
    time = pd.Timestamp(text)
    return time.tz_localize(ZONE) if time.tz is None else time


def ocel(path):
    if path.endswith(".sqlite"):
        return sqlite(path)
    if path.endswith(".xmlocel"):
        return ocel_xml(path)
    data = json.loads(Path(path).read_text())
    if "ocel:events" in data:
        types = {k: v["ocel:type"] for k, v in data["ocel:objects"].items()}
        events = data["ocel:events"].values()
        person = lambda e: next((str(e["ocel:vmap"][p]) for p in PEOPLE if e["ocel:vmap"].get(p)), None)  # noqa: E731
        return [
            (stamp(e["ocel:timestamp"]), e["ocel:activity"], person(e), [(types[o], o) for o in e["ocel:omap"] if o in types])
            for e in events
        ]
    types = {o["id"]: o["type"] for o in data["objects"]}
    rows = []
    for e in data["events"]:
        values = {a["name"]: a["value"] for a in e.get("attributes", [])}
        person = next((str(values[p]) for p in PEOPLE if values.get(p)), None)
        objects = [(types[r["objectId"]], r["objectId"]) for r in e.get("relationships", []) if r["objectId"] in types]
        rows.append((stamp(e["time"]), e["type"], person, objects))
    return rows


def ocel_xml(path):
    root = ElementTree.parse(path).getroot()
    types = {o.get("id"): o.get("type") for o in root.iter("object") if o.get("type")}
    rows = []
    for e in root.find("events"):
        values = {a.get("name"): a.text for a in e.iter("attribute")}
        person = next((values[p] for p in PEOPLE if values.get(p)), None)
        links = {r.get("object-id") for r in e.iter("relationship")} | {
            r.get("object-id") for r in e.iter("object") if r.get("object-id")
        }
        rows.append((stamp(e.get("time")), e.get("type"), person, [(types[o], o) for o in links if o in types]))
    return rows


def sqlite(path):
    db = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    types = dict(db.execute("select ocel_id, ocel_type from object"))
    links = defaultdict(set)
    for event, object_ in db.execute("select ocel_event_id, ocel_object_id from event_object"):
        links[event].add(object_)
    tables = dict(db.execute("select ocel_type, ocel_type_map from event_map_type"))
    rows = []
    for event, type_ in db.execute("select ocel_id, ocel_type from event"):
        table = f'event_{tables[type_]}'
        cursor = db.execute(f'select * from "{table}" where ocel_id = ?', (event,))
        values = dict(zip([c[0] for c in cursor.description], cursor.fetchone()))
        person = next((values[p] for p in PEOPLE if values.get(p)), None)
        rows.append((stamp(values["ocel_time"]), type_, person, [(types[o], o) for o in links[event] if o in types]))
    return rows


def read(path):
    if ".xes" in path:
        return xes(path)
    return csv(path) if path.endswith(".csv") else ocel(path)


def due(start, limit):
    """The last instant that is in time: so many hours later, or the end of the local day so many days later."""
    n, unit = int(limit[:-1]), limit[-1]
    if unit == "h":
        return start + timedelta(hours=n)
    day = start.tz_convert(ZONE).normalize().tz_localize(None) + timedelta(days=n + 1)
    return day.tz_localize(ZONE) - timedelta(microseconds=1)


def judge(rule, trace, now):
    """Activations and breaches of a rule in one trace: (time, activity, person) in order of time."""
    on = rule["on"][0]
    active = [e for e in trace if e[1] == on]
    if rule["template"] == "count":
        return len(active), max(0, len(active) - rule["max"])
    times = defaultdict(list)
    for event in trace:
        times[event[1]].append(event[0])
    broken = 0
    for event in active:
        time = event[0]
        if rule["template"] == "precedence":
            before = times[rule["needs"][0]["any"][0]]
            broken += not (before and before[0] <= time)
        elif rule["template"] == "response":
            after = times[rule["expect"][0]]
            last, at = due(time, rule["bound"]), bisect.bisect_left(after, time)
            met = at < len(after) and after[at] <= last
            broken += not met and now > last
        elif rule["template"] == "absence":
            after = times[rule["after"][0]]
            earlier = after[: bisect.bisect_left(after, time)]
            if "gap" in rule:
                # A stretch of days is over when its last day is.
                broken += any(time < due(t, rule["gap"]) for t in earlier[-3:])
            else:
                broken += bool(earlier)
        elif rule["template"] == "distinct_persons":
            people = {e[2] for e in trace if e[1] == rule["against"][0] and e[0] <= time and e[2]}
            broken += event[2] is not None and event[2] in people
    return len(active), broken


def main():
    liuhen, logs = sys.argv[1], sys.argv[2:]
    wrong = 0
    for log in logs:
        with tempfile.TemporaryDirectory() as folder:
            pack = f"{folder}/drafted"
            subprocess.run([liuhen, "pack", "draft", log, "--out", pack], check=True, capture_output=True)
            run = [liuhen, "check", log, "--pack", pack, "--json"]
            done = subprocess.run(run, capture_output=True, text=True, check=False)
            if done.returncode not in (0, 1, 3, 4):
                sys.exit(f"{log}: {done.stderr}")
            report = json.loads(done.stdout)
            rules = tomllib.loads(Path(pack, "rules.toml").read_text()).get("rule", [])
        told = {r["rule"]: (r["activations"], r["broken"]) for r in report["rules"]}
        rows = read(log)
        traces = defaultdict(list)
        for time, activity, person, objects in rows:
            for object_ in set(objects):
                traces[object_].append((time, activity, person))
        for trace in traces.values():
            trace.sort(key=lambda e: e[0])
        now = max(r[0] for r in rows)
        differ = []
        activated = broken = 0
        for rule in rules:
            counted = [judge(rule, t, now) for (type_, _), t in traces.items() if type_ == rule["object"]]
            counted = (sum(c[0] for c in counted), sum(c[1] for c in counted))
            activated, broken = activated + counted[0], broken + counted[1]
            if counted != told[rule["id"]]:
                differ.append(f"    {rule['id']} {rule['template']}: counted {counted}, liuhen {told[rule['id']]}")
        events = report["events"]
        name = Path(log).name
        print(
            f"{name:42} events {len(rows):7} / {events['read']:7}  rules {len(rules):3}  activations {activated:8}"
            f"  broken {broken:7}  differing rules {len(differ)}",
            flush=True,
        )
        print("\n".join(differ), end="\n" if differ else "")
        wrong += len(differ) + (len(rows) + events["rejected"] != events["read"])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
