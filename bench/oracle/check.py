"""Counts what four rules find in a log, in SQL, and compares it with what `watch` found.

    check.py EVENTS.csv FOUND.csv NOW

EVENTS: position, case, activity, microseconds since 1970 UTC, persons separated by `;`; recorded as they happen.
FOUND: rule, position of the activation; what is broken only, at the moment NOW (microseconds since 1970 UTC).

DuckDB where it is installed, else SQLite: both read the same SQL. A test oracle, never a dependency. Written from the
meaning of the rules: each activation has its own answer, equal times count for whoever had to act, and days are local
dates of the People's Republic of China, which has kept UTC+8 without summer time since 1992.
"""

import csv
import sys

HOUR = 3_600_000_000
DAY = 24 * HOUR

RULES = {
    # Within 24 hours after a comes b; told an hour later, so that it can be recorded.
    "response_hours": f"""
        SELECT a.pos FROM event a WHERE a.activity = 'a' AND NOT EXISTS (
            SELECT 1 FROM event b WHERE b.kase = a.kase AND b.activity = 'b'
               AND b.t BETWEEN a.t AND a.t + {24 * HOUR}) AND a.t + {25 * HOUR} < :now""",
    # By the end of the second local day after a comes b: the next b, by a window over the case.
    "response_days": f"""
        SELECT pos FROM (
            SELECT pos, activity, (t + {8 * HOUR}) / {DAY} AS day,
                   MIN(CASE WHEN activity = 'b' THEN (t + {8 * HOUR}) / {DAY} END) OVER (
                       PARTITION BY kase ORDER BY t RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS answered
            FROM event) AS e
        WHERE activity = 'a' AND (answered IS NULL OR CAST(answered AS BIGINT) > CAST(day AS BIGINT) + 2)
            AND (CAST(day AS BIGINT) + 3) * {DAY} - {8 * HOUR} <= :now""",
    # Before a, or with it, comes c, not taken back by a d between the two; told a day later, so that it can be recorded.
    "precedence": f"""
        SELECT a.pos FROM event a WHERE a.activity = 'a' AND NOT EXISTS (
            SELECT 1 FROM event c WHERE c.kase = a.kase AND c.activity = 'c' AND c.t <= a.t AND NOT EXISTS (
                SELECT 1 FROM event d WHERE d.kase = a.kase AND d.activity = 'd' AND d.t > c.t AND d.t < a.t)) AND a.t + {24 * HOUR} < :now""",
    # Nobody acts in a and in any b of the same case.
    "distinct": """
        SELECT DISTINCT a.pos FROM event a
            JOIN acting x ON x.pos = a.pos
            JOIN acting y ON y.person = x.person
            JOIN event b ON b.pos = y.pos AND b.kase = a.kase
        WHERE a.activity = 'a' AND b.activity = 'b'""",
}


def connect():
    try:
        import duckdb

        return f"DuckDB {duckdb.__version__}", duckdb.connect()
    except ImportError:
        import sqlite3

        return f"SQLite {sqlite3.sqlite_version}", sqlite3.connect(":memory:")


def load(db, name, path):
    """Reads the events; DuckDB by itself, because row by row it is slow."""
    if name.startswith("DuckDB"):
        db.execute(
            "CREATE TABLE event AS SELECT * FROM read_csv(?, header = false, columns = "
            "{'pos': 'BIGINT', 'kase': 'VARCHAR', 'activity': 'VARCHAR', 't': 'BIGINT', 'people': 'VARCHAR'})",
            [path],
        )
        db.execute("CREATE TABLE acting AS SELECT pos, unnest(string_split(people, ';')) AS person FROM event")
        # `/` divides whole numbers to a fraction there.
        return {rule: sql.replace(" / ", " // ") for rule, sql in RULES.items()}
    db.execute("CREATE TABLE event (pos INTEGER, kase TEXT, activity TEXT, t INTEGER, people TEXT)")
    db.execute("CREATE TABLE acting (pos INTEGER, person TEXT)")
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    db.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?)", rows)
    db.executemany("INSERT INTO acting VALUES (?, ?)", [(r[0], p) for r in rows for p in r[4].split(";")])
    db.execute("CREATE INDEX by_case ON event (kase, activity, t)")
    db.execute("CREATE INDEX by_pos ON acting (pos)")
    db.execute("CREATE INDEX by_event ON event (pos)")
    db.execute("CREATE INDEX by_person ON acting (person)")
    return {rule: sql.replace("JOIN acting y ON y.person = x.person", "").replace(
        "JOIN event b ON b.pos = y.pos AND b.kase = a.kase",
        "JOIN event b ON b.kase = a.kase JOIN acting y ON y.pos = b.pos AND y.person = x.person",
    ) for rule, sql in RULES.items()}


def main(events, found, now):
    name, db = connect()
    rules = load(db, name, events)
    told = {rule: set() for rule in rules}
    with open(found, newline="") as file:
        for rule, pos in csv.reader(file):
            told[rule].add(int(pos))
    wrong = False
    for rule, sql in rules.items():
        sql = sql.replace(":now", str(int(now)))
        expected = {int(row[0]) for row in db.execute(sql).fetchall()}
        missed, invented = expected - told[rule], told[rule] - expected
        print(f"{name}: {rule}: {len(expected)} broken, {len(missed)} missed, {len(invented)} invented")
        for what, some in (("missed", missed), ("invented", invented)):
            if some:
                wrong = True
                print(f"  {what}, for example: {sorted(some)[:5]}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
