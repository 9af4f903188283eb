#!/usr/bin/env python3
"""The same rules over the same log, with PM4Py and with Liuhen: answers first, then speed.

PM4Py (AGPL-3.0) is an outside program here: whoever wants to compare installs it; nothing of Liuhen needs it.

    python bench/pm4py/side_by_side.py LIUHEN LOG PACK [--runs 5] [--stream 60000]

The rules are those of PACK/rules.toml, each taken for what PM4Py calls it:

    response, bound of hours      ltl.eventually_follows with a limit of time, one call a rule
    response without (10y)        DECLARE response
    precedence                    DECLARE precedence
    precedence with `within`      temporal profile (batch and streaming): mean = zeta * deviation = limit / 2
    distinct_persons              ltl.four_eyes_principle

Compared are the cases in which a rule is broken. A difference is explained only where two events of the case that the rule
names have the same time (PM4Py goes by the order in the file) or where nobody is named (Liuhen says "not checkable"); any
other ends the comparison with 1. Parsing is measured apart. Liuhen runs all rules of the pack on one thread each time, at
once for the batch figures and event by event, in the order of time, for the streaming ones. PM4Py's streaming check is given
ready events of the first so many rows in the order of time.

PM4Py's time is that of the processor, Liuhen's that of the wall, the shortest of several runs: on a busy machine that can
only count against Liuhen.
"""

import argparse
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import warnings
from collections import defaultdict
from pathlib import Path

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
import pm4py  # noqa: E402
from pm4py.algo.conformance.declare import algorithm as declare  # noqa: E402
from pm4py.algo.conformance.temporal_profile import algorithm as temporal  # noqa: E402
from pm4py.algo.filtering.pandas.ltl import ltl_checker as ltl  # noqa: E402
from pm4py.streaming.algo.conformance.temporal import algorithm as streaming  # noqa: E402

CASE, ACTIVITY, TIME = "case:concept:name", "concept:name", "time:timestamp"


def hours(limit):
    return int(limit[:-1]) if limit.endswith("h") else None


def best(runs, work):
    """Shortest time of so many runs, and what the work gave."""
    times = []
    for _ in range(runs):
        begun = time.process_time()
        out = work()
        times.append(time.process_time() - begun)
    return min(times), out


def kinds(rules):
    out = defaultdict(list)
    for rule in rules:
        template, on = rule["template"], rule["on"][0]
        if template == "response":
            limit = hours(rule["bound"])
            kind = "within" if limit else "declare"
            out[kind].append((rule["id"], "response", on, rule["expect"][0], limit))
        elif template == "precedence":
            need = rule["needs"][0]
            limit = hours(need["within"]) if "within" in need else None
            kind = "temporal" if limit else "declare"
            out[kind].append((rule["id"], "precedence", need["any"][0], on, limit))
        else:
            out["persons"].append((rule["id"], "persons", rule["against"][0], on, None))
    return out


def of_pm4py(frame, rules, resource, runs, stream):
    """Cases in which each rule is broken, and seconds for each kind of check."""
    broken, seconds = {}, {}
    cases = list(frame[CASE].unique())
    with_activity = {a: set(frame.loc[frame[ACTIVITY] == a, CASE]) for a in frame[ACTIVITY].unique()}

    model = defaultdict(dict)
    for _, kind, a, b, _ in rules["declare"]:
        model[kind][(a, b)] = {"support": 1.0, "confidence": 1.0}
    seconds["DECLARE, batch"], told = best(runs, lambda: declare.apply(frame, dict(model)))
    for rule, kind, a, b, _ in rules["declare"]:
        broken[rule] = {c for c, t in zip(cases, told) if any(d == [kind, (a, b)] for d in t["deviations"])}

    def within():
        out = {}
        for rule, _, a, b, limit in rules["within"]:
            bounds = {ltl.Parameters.TIMESTAMP_DIFF_BOUNDARIES: [(0, 3600 * limit)]}
            kept = ltl.eventually_follows(frame, [a, b], parameters=bounds)
            out[rule] = with_activity[a] - set(kept[CASE].unique())
        return out

    seconds["response within T, batch"], out = best(runs, within)
    broken |= out

    def persons():
        out = {}
        for rule, _, a, b, _ in rules["persons"]:
            wanted = {ltl.Parameters.POSITIVE: False, ltl.Parameters.RESOURCE_KEY: resource}
            out[rule] = set(ltl.four_eyes_principle(frame, a, b, parameters=wanted)[CASE].unique())
        return out

    seconds["four eyes, batch"], out = best(runs, persons)
    broken |= out

    profile = {(a, b): (1800 * limit, 1800 * limit) for _, _, a, b, limit in rules["temporal"]}
    zeta = {"zeta": 1}
    # One run: it joins every event with every later one of its case.
    seconds["temporal profile, batch"], told = best(1, lambda: temporal.apply(frame, profile, parameters=zeta))
    found = defaultdict(set)
    for case, deviations in zip(cases, told):
        for deviation in deviations:
            found[deviation[0], deviation[1]].add(case)
    for rule, _, a, b, _ in rules["temporal"]:
        broken[rule] = found[a, b]

    ordered = frame.sort_values(TIME, kind="stable").head(stream)
    events = ordered[[CASE, ACTIVITY, TIME]].to_dict("records")

    def streamed():
        check = streaming.apply(profile, parameters=zeta)
        for event in events:
            check.receive(event)
        return check.get()

    seconds["temporal, streaming"], told = best(1, streamed)
    found = defaultdict(set)
    for case, deviations in told.items():
        for deviation in deviations:
            found[deviation[1], deviation[2]].add(case)
    if len(events) == len(frame):
        for rule, _, a, b, _ in rules["temporal"]:
            if found[a, b] != broken[rule]:
                print(f"  PM4Py: {rule} batch {len(broken[rule])} cases, streaming {len(found[a, b])}")
    return broken, seconds, len(events)


def of_liuhen(liuhen, log, pack, resource, runs):
    # Judged when every limit is over, so that nothing is pending.
    run = [liuhen, "--json", "check", log, "--pack", pack, "--actor", resource, "--now", "2100-01-01"]
    run += ["--threads", "1", "--timings"]
    all_times = []
    # Each run is short: more of them, so that one is undisturbed.
    for _ in range(4 * runs):
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1, 3, 4):
            sys.exit(done.stderr)
        lines = [l for l in done.stderr.splitlines() if l.startswith('{"events"')]
        all_times.append(json.loads(lines[0]))
    report = json.loads(done.stdout)
    broken, unsure = defaultdict(set), defaultdict(set)
    for finding in report["findings"]:
        if finding["outcome"] == "breached":
            broken[finding["rule"]].add(finding["object"][1])
    for finding in report["not_checkable"]:
        unsure[finding["rule"]].add(finding["object"][1])
    seconds = {k: min(t[k] for t in all_times) for k in ("read_seconds", "rules_seconds", "one_by_one_seconds")}
    return broken, unsure, seconds, all_times[0]


def part(pack, folder, wanted):
    """The pack with some of its rules only."""
    shutil.copytree(pack, folder)
    head, *rules = Path(pack, "rules.toml").read_text().split("[[rule]]\n")
    kept = [r for r in rules if r.split('id = "', 1)[1].split('"', 1)[0] in wanted]
    Path(folder, "rules.toml").write_text(head + "".join("[[rule]]\n" + r for r in kept))


def tied(frame, a, b):
    """Cases in which an event of the one and one of the other have the same time."""
    pair = [frame.loc[frame[ACTIVITY] == x, [CASE, TIME]].drop_duplicates() for x in (a, b)]
    return set(pair[0].merge(pair[1], on=[CASE, TIME])[CASE])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("liuhen")
    parser.add_argument("log")
    parser.add_argument("pack")
    parser.add_argument("--resource", default="org:resource")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--stream", type=int, default=60_000)
    args = parser.parse_args()
    rules = kinds(tomllib.loads(Path(args.pack, "rules.toml").read_text())["rule"])
    begun = time.process_time()
    frame = pm4py.read_xes(args.log)
    parsed = time.process_time() - begun
    frame[CASE] = frame[CASE].astype(str)
    frame = frame.sort_values([CASE, TIME], kind="stable").reset_index(drop=True)
    count = len(frame)
    here, seconds, streamed = of_pm4py(frame, rules, args.resource, args.runs, args.stream)
    there, unsure, ours, told = of_liuhen(args.liuhen, args.log, args.pack, args.resource, args.runs)

    print(f"{Path(args.log).name}: {count} events, {frame[CASE].nunique()} cases; PM4Py {pm4py.__version__}")
    print(f"\n| rule | | PM4Py: cases broken | Liuhen | not checkable | difference |\n|---|---|---|---|---|---|")
    unexplained = 0
    for kind, rows in rules.items():
        for rule, what, a, b, limit in rows:
            differ = here[rule] ^ there[rule]
            equal_times = differ & tied(frame, a, b)
            nobody = (differ - equal_times) & unsure[rule]
            left = len(differ) - len(equal_times) - len(nobody)
            unexplained += left
            words = []
            if equal_times:
                words.append(f"{len(equal_times)} by equal times")
            if nobody:
                words.append(f"{len(nobody)} without a person")
            if left:
                words.append(f"{left} UNEXPLAINED, e.g. {sorted(differ - equal_times - nobody)[:3]}")
            name = f"{what}: {a} → {b}" + (f", {limit} h" if limit else "")
            print(f"| {rule} | {name} | {len(here[rule])} | {len(there[rule])} | {len(unsure[rule])} | {'; '.join(words) or '–'} |")
    every = sum(map(len, rules.values()))
    print(f"\n| PM4Py | rules | events/s | Liuhen, the same rules | times | Liuhen, all {every} rules | times |")
    print("|---|---|---|---|---|---|---|")
    batch, single = count / ours["rules_seconds"], count / ours["one_by_one_seconds"]
    amount = {
        "DECLARE, batch": "declare",
        "response within T, batch": "within",
        "four eyes, batch": "persons",
        "temporal profile, batch": "temporal",
        "temporal, streaming": "temporal",
    }
    for what, took in seconds.items():
        stream = "streaming" in what
        rate = (streamed if stream else count) / took
        same = rules[amount[what]]
        with tempfile.TemporaryDirectory() as folder:
            some = f"{folder}/{Path(args.pack).name}"
            part(args.pack, some, {r[0] for r in same})
            *_, own, _ = of_liuhen(args.liuhen, args.log, some, args.resource, args.runs)
        own = count / own["one_by_one_seconds" if stream else "rules_seconds"]
        full = single if stream else batch
        mode = "one by one" if stream else "at once"
        print(f"| {what} | {len(same)} | {rate:,.0f} | {mode}: {own:,.0f} | {own / rate:,.1f} | {full:,.0f} | {full / rate:,.1f} |")
    everything = sum(took for what, took in seconds.items() if "batch" in what)
    rate, read = count / everything, count / ours["read_seconds"]
    print(f"| all of it, batch | {every} | {rate:,.0f} | at once: {batch:,.0f} | {batch / rate:,.1f} | {batch:,.0f} | {batch / rate:,.1f} |")
    print(f"| parsing, apart | | {count / parsed:,.0f} | {read:,.0f} | {read * parsed / count:,.1f} | | |")
    print(f"\nbest of {args.runs} runs; {told['broken']} breaches, the same one by one")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
