-- The register in SQLite. Made from entries of the log only; can be deleted at any time.
--
-- Every row that comes from a body carries the index of its entry (idx), so that erasing the body removes exactly what
-- a replay without that body would not have made. Ids are given in the order of the log, hence the same after a replay.

CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Words that headers repeat: kind 0 activity, 1 object type, 2 organ, 3 role, 4 qualifier.
CREATE TABLE term (
    id INTEGER NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, text)
) STRICT;

-- Events, but not records of inquiries. act: 1 for an act, 0 for the node's own events.
CREATE TABLE event (
    idx INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    activity INTEGER NOT NULL,
    occurred INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    organ INTEGER NOT NULL,
    act INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX event_id ON event (id);

-- events, first, last and last_idx count acts only; last and last_idx not what the rules found.
CREATE TABLE object (
    id INTEGER NOT NULL PRIMARY KEY,
    pseudonym BLOB NOT NULL,
    type INTEGER NOT NULL,
    organ INTEGER NOT NULL,
    events INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    last_idx INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX object_pseudonym ON object (pseudonym);
CREATE INDEX object_list ON object (type, last, organ) WHERE events > 0;

-- qualifier 0: none.
CREATE TABLE event_object (
    object INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    qualifier INTEGER NOT NULL,
    PRIMARY KEY (object, idx, qualifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_object_idx ON event_object (idx);

CREATE TABLE event_actor (
    person BLOB NOT NULL,
    idx INTEGER NOT NULL,
    role INTEGER NOT NULL,
    PRIMARY KEY (person, idx, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_actor_idx ON event_actor (idx);

CREATE TABLE name (
    object INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (object, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_text ON name (text);

CREATE TABLE file (
    idx INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (idx, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_sha256 ON file (sha256);

-- Acts of our own catalogue that name no case, and whether they name an alert: where a page of off-book things begins.
-- An act that is corrected is taken out; its correction stands for it.
CREATE TABLE loose (
    idx INTEGER NOT NULL PRIMARY KEY,
    alert INTEGER NOT NULL
) STRICT;

-- Running numbers that bodies tell: kind 0 papers (document_no), 1 alerts. series is the text with # for the number, year
-- that of the act in China.
CREATE TABLE number (
    kind INTEGER NOT NULL,
    series TEXT NOT NULL,
    year INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    PRIMARY KEY (kind, series, year, serial, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX number_idx ON number (idx);

CREATE TABLE import (
    idx INTEGER NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    recorded INTEGER NOT NULL
) STRICT;

CREATE TABLE erased (
    idx INTEGER NOT NULL PRIMARY KEY,
    said_by INTEGER NOT NULL
) STRICT;

CREATE TABLE organ_version (
    code TEXT NOT NULL,
    idx INTEGER NOT NULL,
    name TEXT NOT NULL,
    parent TEXT,
    PRIMARY KEY (code, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE organ_end (
    code TEXT NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (code, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE person_version (
    pseudonym BLOB NOT NULL,
    idx INTEGER NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    initials TEXT NOT NULL,
    organ TEXT NOT NULL,
    post TEXT NOT NULL,
    PRIMARY KEY (pseudonym, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE person_end (
    pseudonym BLOB NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (pseudonym, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE role_grant (
    idx INTEGER NOT NULL PRIMARY KEY,
    event BLOB NOT NULL UNIQUE,
    person BLOB NOT NULL,
    role TEXT NOT NULL,
    organ TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
) STRICT;
CREATE INDEX role_grant_person ON role_grant (person);
CREATE TABLE role_end (
    event BLOB NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event, idx)
) STRICT, WITHOUT ROWID;

-- Records of inquiries stand apart from all other events: no list, count or search of events can meet them.
CREATE TABLE inquiry (
    idx INTEGER NOT NULL PRIMARY KEY,
    event BLOB NOT NULL UNIQUE,
    organ TEXT NOT NULL,
    recorded INTEGER NOT NULL,
    recorder BLOB,
    occurred INTEGER,
    tile TEXT,
    erased INTEGER NOT NULL
) STRICT;
CREATE INDEX inquiry_recorder ON inquiry (recorder);
-- Who can never read it: the person named, and whoever has the same name.
CREATE TABLE inquiry_named (
    idx INTEGER NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (idx, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE inquiry_read (
    record BLOB NOT NULL,
    idx INTEGER NOT NULL,
    reader BLOB NOT NULL,
    at INTEGER NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (record, idx)
) STRICT, WITHOUT ROWID;

-- Looks at a case: lh.read, and lh.break_glass (kind 'reason'). case_id NULL: an export of more than one. class NULL: made
-- before looks were judged. because: the entry of the reason under which it was made. path: relation and entry of each leg.
CREATE TABLE look (
    idx INTEGER NOT NULL PRIMARY KEY,
    case_id BLOB,
    person BLOB NOT NULL,
    role TEXT NOT NULL,
    organ TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    class TEXT,
    template TEXT,
    path TEXT,
    because INTEGER,
    reason TEXT
) STRICT;
CREATE INDEX look_case ON look (case_id, person, idx);
CREATE INDEX look_asked ON look (at) WHERE kind = 'reason' OR class = 'unexplained';
-- What was found when a look was reviewed.
CREATE TABLE look_answer (
    look INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    person BLOB NOT NULL,
    role TEXT NOT NULL,
    at INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (look, idx)
) STRICT, WITHOUT ROWID;

-- Relations that were registered: of a person to a case, or of two cases.
CREATE TABLE relation (
    idx INTEGER NOT NULL PRIMARY KEY,
    event BLOB NOT NULL UNIQUE,
    case_id BLOB NOT NULL,
    other BLOB,
    person BLOB,
    kind TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    recorded INTEGER NOT NULL,
    organ TEXT NOT NULL,
    said_by BLOB
) STRICT;
CREATE INDEX relation_case ON relation (case_id);
CREATE INDEX relation_other ON relation (other) WHERE other IS NOT NULL;
CREATE TABLE relation_end (
    event BLOB NOT NULL,
    idx INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (event, idx)
) STRICT, WITHOUT ROWID;

CREATE VIEW organ AS
SELECT v.code, v.idx, v.name, v.parent,
    (SELECT min(e.at) FROM organ_end e WHERE e.code = v.code AND e.idx > v.idx) AS ended
FROM organ_version v
WHERE v.idx = (SELECT max(w.idx) FROM organ_version w WHERE w.code = v.code);

CREATE VIEW person AS
SELECT v.pseudonym, v.idx, v.number, v.name, v.initials, v.organ, v.post,
    (SELECT min(e.at) FROM person_end e WHERE e.pseudonym = v.pseudonym AND e.idx > v.idx) AS ended
FROM person_version v
WHERE v.idx = (SELECT max(w.idx) FROM person_version w WHERE w.pseudonym = v.pseudonym);

CREATE VIEW role_held AS
SELECT g.idx, g.event, g.person, g.role, g.organ, g.since, g.until,
    (SELECT min(e.at) FROM role_end e WHERE e.event = g.event) AS ended
FROM role_grant g;

CREATE VIEW relation_held AS
SELECT r.idx, r.event, r.case_id, r.other, r.person, r.kind, r.since, r.until, r.recorded, r.organ, r.said_by,
    (SELECT min(e.at) FROM relation_end e WHERE e.event = r.event) AS ended
FROM relation r;
