"""Opens files with PM4Py and prints what it finds, a line of JSON each. Arguments: KIND PATH, KIND PATH ..."""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

import pandas  # noqa: E402
import pm4py  # noqa: E402


def filled(frame, without):
    columns = [c for c in frame.columns if c not in without]
    return int(frame[columns].notna().sum().sum())


def xes(path):
    log = pm4py.read_xes(path, return_legacy_log_object=True)
    return {
        "events": sum(len(trace) for trace in log),
        "objects": len(log),
        "event attributes": sum(len(event) for trace in log for event in trace),
        "object attributes": sum(len(trace.attributes) for trace in log),
    }


def ocel(log):
    base = ["ocel:eid", "ocel:activity", "ocel:timestamp"]
    changes = log.object_changes if log.object_changes is not None else pandas.DataFrame()
    return {
        "events": len(log.events),
        "objects": len(log.objects),
        "event attributes": filled(log.events, base),
        "object attributes": filled(log.objects, ["ocel:oid", "ocel:type"]),
        "changes": len(changes),
        "links": len(log.relations),
        "relations": len(log.o2o),
    }


def flat(path):
    frame = pandas.read_csv(path, keep_default_na=False, na_values=[""], dtype=str)
    frame = pm4py.format_dataframe(frame, timest_format="ISO8601")
    log = pm4py.convert_to_event_log(frame)
    return {"events": sum(len(trace) for trace in log), "objects": len(log)}


def table(path):
    frame = pm4py.read_xes(path)
    return {"events": len(frame), "objects": int(frame["case:concept:name"].nunique())}


readers = {
    "xes": xes,
    "xes-table": table,
    "ocel-json": lambda path: ocel(pm4py.read_ocel2_json(path)),
    "ocel-xml": lambda path: ocel(pm4py.read_ocel2_xml(path)),
    "ocel-sqlite": lambda path: ocel(pm4py.read_ocel2_sqlite(path)),
    "csv-flat": flat,
    "csv-ocel": lambda path: {
        key: value for key, value in ocel(pm4py.read_ocel_csv(path)).items() if key in ("events", "links")
    },
}


def main():
    arguments = sys.argv[1:]
    for kind, path in zip(arguments[::2], arguments[1::2]):
        try:
            found = readers[kind](path)
        except Exception as e:  # The test shows it.
            found = {"error": f"{type(e).__name__}: {e}"}
        print("FOUND " + json.dumps(found), flush=True)


# PM4Py starts processes that import this file again.
if __name__ == "__main__":
    main()
