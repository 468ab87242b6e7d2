BEGIN TRANSACTION;
CREATE TABLE arrivals (
        instance TEXT PRIMARY KEY,
        series TEXT NOT NULL,
        study TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        at INTEGER NOT NULL,
        digest TEXT NOT NULL
    );
CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        entry TEXT NOT NULL,
        at TEXT GENERATED ALWAYS AS (json_extract(entry, '$.at')) VIRTUAL,
        event TEXT GENERATED ALWAYS AS (json_extract(entry, '$.event')) VIRTUAL,
        actor TEXT GENERATED ALWAYS AS (json_extract(entry, '$.actor.name')) VIRTUAL,
        outcome TEXT GENERATED ALWAYS AS (json_extract(entry, '$.outcome')) VIRTUAL
    );
INSERT INTO "audit" VALUES(3,'{"event":"router.started","at":"2024-05-17T12:00:02.000Z","node":"OLD","actor":{"type":"router","name":"","id":"","address":""},"outcome":"success","detail":"2","object":null,"patient":null,"destination":null,"instances":null,"number":3,"previous":"b4f55c15ac9acddc4752f9d4ee6f99d5bffa7fb2fcdc05536d88446265849b0c","keyed":true,"hash":"affaffa1c45ee03c825beecacb3fbe28aeb562b25d42cfd2866a32e9fe6196cc"}');
INSERT INTO "audit" VALUES(4,'{"event":"router.started","at":"2024-05-17T12:00:03.000Z","node":"OLD","actor":{"type":"router","name":"","id":"","address":""},"outcome":"success","detail":"3","object":null,"patient":null,"destination":null,"instances":null,"number":4,"previous":"affaffa1c45ee03c825beecacb3fbe28aeb562b25d42cfd2866a32e9fe6196cc","keyed":true,"hash":"948048777d7d8a00ee5d498b598cfe044c1672aee679793fbd8c41cc3fd0441d"}');
INSERT INTO "audit" VALUES(5,'{"event":"router.started","at":"2024-05-17T12:00:04.000Z","node":"OLD","actor":{"type":"router","name":"","id":"","address":""},"outcome":"success","detail":"4","object":null,"patient":null,"destination":null,"instances":null,"number":5,"previous":"948048777d7d8a00ee5d498b598cfe044c1672aee679793fbd8c41cc3fd0441d","keyed":true,"hash":"16c8ee55ae464a5f3ddc685aa376d6c62691d1efa8d52be88e7dad005853bea9"}');
INSERT INTO "audit" VALUES(6,'{"event":"destination.created","at":"2024-05-17T12:00:10.000Z","node":"OLD","actor":{"type":"user","name":"edda","id":"","address":""},"outcome":"success","detail":"","object":{"type":"destination","id":"000000000000000000000000","name":"Files","revision":1},"patient":null,"destination":null,"instances":null,"number":6,"previous":"16c8ee55ae464a5f3ddc685aa376d6c62691d1efa8d52be88e7dad005853bea9","keyed":true,"hash":"b1e4fc27519a5b155ce2df46dd2f8ee449cd6d2528415d454de3d937eccc1b62"}');
INSERT INTO "audit" VALUES(7,'{"event":"destination.created","at":"2024-05-17T12:00:10.000Z","node":"OLD","actor":{"type":"user","name":"edda","id":"","address":""},"outcome":"success","detail":"","object":{"type":"destination","id":"111111111111111111111111","name":"Service","revision":1},"patient":null,"destination":null,"instances":null,"number":7,"previous":"b1e4fc27519a5b155ce2df46dd2f8ee449cd6d2528415d454de3d937eccc1b62","keyed":true,"hash":"fd321bc46d68c5087a2c9b444881c8f9e1ef74c2044bb5902912f8e8a982a775"}');
INSERT INTO "audit" VALUES(8,'{"event":"destination.changed","at":"2024-05-17T12:00:10.000Z","node":"OLD","actor":{"type":"user","name":"edda","id":"","address":""},"outcome":"success","detail":"","object":{"type":"destination","id":"111111111111111111111111","name":"Service","revision":2},"patient":null,"destination":null,"instances":null,"number":8,"previous":"fd321bc46d68c5087a2c9b444881c8f9e1ef74c2044bb5902912f8e8a982a775","keyed":true,"hash":"02d4f8dc439215cc45599c1d6fd2f0caeb05339ef929dcffb5032bed80596c5f"}');
CREATE TABLE audit_ends (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        anchor INTEGER NOT NULL,
        anchor_hash TEXT NOT NULL,
        head INTEGER NOT NULL,
        head_hash TEXT NOT NULL
    );
INSERT INTO "audit_ends" VALUES(1,2,'b4f55c15ac9acddc4752f9d4ee6f99d5bffa7fb2fcdc05536d88446265849b0c',8,'02d4f8dc439215cc45599c1d6fd2f0caeb05339ef929dcffb5032bed80596c5f');
CREATE TABLE audit_readers (
        reader TEXT PRIMARY KEY,
        number INTEGER NOT NULL,
        owner TEXT NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID
    ;
CREATE TABLE audit_terms (
        kind TEXT NOT NULL,
        term TEXT NOT NULL,
        number INTEGER NOT NULL REFERENCES audit ON DELETE CASCADE,
        PRIMARY KEY (kind, term, number)
    ) WITHOUT ROWID
    ;
INSERT INTO "audit_terms" VALUES('object','000000000000000000000000',6);
INSERT INTO "audit_terms" VALUES('object','111111111111111111111111',7);
INSERT INTO "audit_terms" VALUES('object','111111111111111111111111',8);
CREATE TABLE checks (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL);
INSERT INTO "checks" VALUES(1,0);
CREATE TABLE cursor (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        sequence INTEGER NOT NULL,
        version INTEGER NOT NULL,
        anchor TEXT NOT NULL
    );
CREATE TABLE deliveries (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        lane TEXT NOT NULL,
        rank INTEGER NOT NULL,
        action_key TEXT NOT NULL,
        policy TEXT NOT NULL,
        destination TEXT,
        created_at INTEGER NOT NULL,
        planned TEXT NOT NULL,
        state TEXT NOT NULL,
        remaining INTEGER NOT NULL,
        attempts TEXT NOT NULL,
        attempt_count INTEGER NOT NULL,
        note TEXT,
        next_attempt_at INTEGER,
        finished_at INTEGER,
        ready_at INTEGER,
        owner TEXT,
        claim TEXT
    , run TEXT);
CREATE TABLE delivery_counts (
        lane TEXT NOT NULL,
        state TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (lane, state)
    ) WITHOUT ROWID
    ;
CREATE TABLE delivery_instances (
        delivery INTEGER PRIMARY KEY REFERENCES deliveries ON DELETE CASCADE,
        instances TEXT NOT NULL,
        remaining TEXT
    );
CREATE TABLE delivery_terms (
        kind TEXT NOT NULL,
        term TEXT NOT NULL,
        delivery INTEGER NOT NULL REFERENCES deliveries ON DELETE CASCADE,
        PRIMARY KEY (kind, term, delivery)
    ) WITHOUT ROWID
    ;
CREATE TABLE documents (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        name_key TEXT NOT NULL,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, id),
        UNIQUE (kind, name_key)
    ) WITHOUT ROWID
    ;
INSERT INTO "documents" VALUES('destination','000000000000000000000000','files',1,'{"name":"Files","kind":"sftp","enabled":true,"external":false,"settings":{"host":"sftp.example.org","port":22,"username":"router","password":{"router:sealed":"gAAAAABrDd1vQbJ-yAmQOh_ouapXq_D3bXFaJLaVozjrD8osxDhX-3H4hZOaQZ4hON564ABkiDhlyUdp1uuRRfS8W0iRvPAvrA=="},"host_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN5Bq4M1w3cEt9Yd6eCq1v6d0C6qFJ7bT0T0T0T0T0T0","path":"in"},"retry":{"attempts":200,"initial_seconds":5.0,"max_seconds":3600.0},"concurrency":1,"batch":500,"alternate":null,"comment":"","id":"000000000000000000000000","revision":1,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:00.000Z","updated_by":"edda"}');
INSERT INTO "documents" VALUES('destination','111111111111111111111111','service',2,'{"name":"Service","kind":"http","enabled":true,"external":false,"settings":{"url":"https://service.example.org/new","username":"router","password":{"router:sealed":"gAAAAABrDd1vtZ6jqC_KbnyZmFZkmLsShR1ROWfMqk-GYaTWtJIvuKCH0atgBEeQP20Vq3vp-qtBU6exygzhXTynJ5LosHw8eg=="},"secret_headers":{"router:sealed":"gAAAAABrDd1vGWcCqbzPx_xT5ncKeGRFY7rKvxh5K-WpN178kHaLJmL0c2IaifP_fcrDw2UfZUBXuEtXzIgiFDFMn4FtYppJawlXtnraVq6SC-8QM0YfS_M="}},"retry":{"attempts":200,"initial_seconds":5.0,"max_seconds":3600.0},"concurrency":1,"batch":500,"alternate":null,"comment":"","id":"111111111111111111111111","revision":2,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:00.000Z","updated_by":"edda"}');
INSERT INTO "documents" VALUES('policy','222222222222222222222222','ct',1,'{"name":"CT","description":"","enabled":true,"order":100,"trigger":{"level":"instance","quiet_seconds":null},"rule":{"all":[]},"fallback":false,"stop":false,"actions":[],"cases":[],"comment":"","id":"222222222222222222222222","revision":1,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:01.000Z","updated_by":"admin"}');
CREATE TABLE draining (node TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE generations (kind TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "generations" VALUES('destination',3);
INSERT INTO "generations" VALUES('policy',1);
CREATE TABLE growing (
        level TEXT NOT NULL,
        resource TEXT NOT NULL,
        last_sequence INTEGER NOT NULL,
        last_at INTEGER NOT NULL,
        due_at INTEGER,
        fired TEXT NOT NULL,
        PRIMARY KEY (level, resource)
    ) WITHOUT ROWID
    ;
CREATE TABLE lineages (
        result TEXT PRIMARY KEY,
        result_series TEXT NOT NULL,
        result_study TEXT NOT NULL,
        source TEXT NOT NULL,
        source_series TEXT NOT NULL,
        source_study TEXT NOT NULL,
        delivery TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        lineage TEXT NOT NULL
    );
CREATE TABLE remembered (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "remembered" VALUES('audit-key','{"router:sealed": "gAAAAABrDd1vpL1gqjFE_VHiTZREXhZqv-qOkXya1sJ7ZmpMoN5gpyAmmVYw270HF0sW9BAzNiR_TjqZtVkZUnhpbz8_eLLLmcXGt3IrLosqS-IkSxmuNLX0amOR2DJ4WdaK7YjsUmoh"}');
INSERT INTO "remembered" VALUES('pseudonym-key','{"router:sealed": "gAAAAABrDd1v6GhlBK9g0AG1k42Ls663Do7dJwCaKTkTUuy-3qpF72mpZNpQgxgPupUjRlrAk9J6_T08bkFljdyFrU6Zifj_LCjncJEENXWUxJO0Yx4fRW97lk2LqHogBJaeRij9Gfsg"}');
CREATE TABLE revisions (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        revision INTEGER NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, id, revision)
    ) WITHOUT ROWID
    ;
INSERT INTO "revisions" VALUES('destination','000000000000000000000000',1,'{"name":"Files","kind":"sftp","enabled":true,"external":false,"settings":{"host":"sftp.example.org","port":22,"username":"router","password":{"router:sealed":"gAAAAABrDd1vQbJ-yAmQOh_ouapXq_D3bXFaJLaVozjrD8osxDhX-3H4hZOaQZ4hON564ABkiDhlyUdp1uuRRfS8W0iRvPAvrA=="},"host_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN5Bq4M1w3cEt9Yd6eCq1v6d0C6qFJ7bT0T0T0T0T0T0","path":"in"},"retry":{"attempts":200,"initial_seconds":5.0,"max_seconds":3600.0},"concurrency":1,"batch":500,"alternate":null,"comment":"","id":"000000000000000000000000","revision":1,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:00.000Z","updated_by":"edda"}');
INSERT INTO "revisions" VALUES('destination','111111111111111111111111',1,'{"name":"Service","kind":"http","enabled":true,"external":false,"settings":{"url":"https://service.example.org/in","username":"router","password":{"router:sealed":"gAAAAABrDd1vtZ6jqC_KbnyZmFZkmLsShR1ROWfMqk-GYaTWtJIvuKCH0atgBEeQP20Vq3vp-qtBU6exygzhXTynJ5LosHw8eg=="},"secret_headers":{"router:sealed":"gAAAAABrDd1vGWcCqbzPx_xT5ncKeGRFY7rKvxh5K-WpN178kHaLJmL0c2IaifP_fcrDw2UfZUBXuEtXzIgiFDFMn4FtYppJawlXtnraVq6SC-8QM0YfS_M="}},"retry":{"attempts":200,"initial_seconds":5.0,"max_seconds":3600.0},"concurrency":1,"batch":500,"alternate":null,"comment":"","id":"111111111111111111111111","revision":1,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:00.000Z","updated_by":"edda"}');
INSERT INTO "revisions" VALUES('destination','111111111111111111111111',2,'{"name":"Service","kind":"http","enabled":true,"external":false,"settings":{"url":"https://service.example.org/new","username":"router","password":{"router:sealed":"gAAAAABrDd1vtZ6jqC_KbnyZmFZkmLsShR1ROWfMqk-GYaTWtJIvuKCH0atgBEeQP20Vq3vp-qtBU6exygzhXTynJ5LosHw8eg=="},"secret_headers":{"router:sealed":"gAAAAABrDd1vGWcCqbzPx_xT5ncKeGRFY7rKvxh5K-WpN178kHaLJmL0c2IaifP_fcrDw2UfZUBXuEtXzIgiFDFMn4FtYppJawlXtnraVq6SC-8QM0YfS_M="}},"retry":{"attempts":200,"initial_seconds":5.0,"max_seconds":3600.0},"concurrency":1,"batch":500,"alternate":null,"comment":"","id":"111111111111111111111111","revision":2,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:00.000Z","updated_by":"edda"}');
INSERT INTO "revisions" VALUES('policy','222222222222222222222222',1,'{"name":"CT","description":"","enabled":true,"order":100,"trigger":{"level":"instance","quiet_seconds":null},"rule":{"all":[]},"fallback":false,"stop":false,"actions":[],"cases":[],"comment":"","id":"222222222222222222222222","revision":1,"created_at":"2024-05-17T12:00:00.000Z","updated_at":"2024-05-17T12:00:01.000Z","updated_by":"admin"}');
CREATE TABLE run_studies (
        run TEXT NOT NULL REFERENCES runs,
        study TEXT NOT NULL,
        position INTEGER NOT NULL,
        done INTEGER NOT NULL,
        verdict TEXT,
        change TEXT,
        looked_at INTEGER NOT NULL,
        told TEXT NOT NULL,
        PRIMARY KEY (run, study)
    ) WITHOUT ROWID
    ;
CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        policy TEXT,
        node TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        finished_at INTEGER,
        run TEXT NOT NULL
    );
CREATE TABLE unaudited (
        number INTEGER PRIMARY KEY,
        delivery INTEGER,
        content TEXT NOT NULL
    );
INSERT INTO "unaudited" VALUES(1,NULL,'{"event":"policy.created","at":"2024-05-17T12:00:20.000Z","node":"OLD","actor":{"type":"user","name":"edda","id":"","address":""},"outcome":"success","detail":"not in the trail yet","object":{"type":"policy","id":"222222222222222222222222","name":"CT","revision":1},"patient":null,"destination":null,"instances":null}');
CREATE INDEX arrivals_by_series ON arrivals (series, sequence);
CREATE INDEX arrivals_by_study ON arrivals (study, sequence);
CREATE INDEX arrivals_by_age ON arrivals (at);
CREATE INDEX growing_by_due ON growing (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX growing_settled_by_age ON growing (last_at) WHERE due_at IS NULL;
CREATE INDEX deliveries_ready ON deliveries (lane, rank, ready_at, created_at)
    WHERE ready_at IS NOT NULL
    ;
CREATE INDEX deliveries_ready_by_action ON deliveries (lane, rank, action_key, ready_at, created_at)
    WHERE ready_at IS NOT NULL
    ;
CREATE INDEX deliveries_by_age ON deliveries (created_at);
CREATE INDEX deliveries_by_state ON deliveries (state, created_at);
CREATE INDEX deliveries_by_policy ON deliveries (policy, created_at, state);
CREATE INDEX deliveries_by_destination ON deliveries (destination, created_at, state);
CREATE INDEX deliveries_by_end ON deliveries (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX delivery_terms_by_delivery ON delivery_terms (delivery);
CREATE TRIGGER delivery_added AFTER INSERT ON deliveries BEGIN
        INSERT INTO delivery_counts VALUES (NEW.lane, NEW.state, 1)
        ON CONFLICT (lane, state) DO UPDATE SET number = number + 1;
    END;
CREATE TRIGGER delivery_moved AFTER UPDATE OF state ON deliveries WHEN OLD.state <> NEW.state BEGIN
        UPDATE delivery_counts SET number = number - 1 WHERE lane = OLD.lane AND state = OLD.state;
        INSERT INTO delivery_counts VALUES (NEW.lane, NEW.state, 1)
        ON CONFLICT (lane, state) DO UPDATE SET number = number + 1;
    END;
CREATE TRIGGER delivery_deleted AFTER DELETE ON deliveries BEGIN
        UPDATE delivery_counts SET number = number - 1 WHERE lane = OLD.lane AND state = OLD.state;
    END;
CREATE INDEX lineages_by_result_series ON lineages (result_series);
CREATE INDEX lineages_by_result_study ON lineages (result_study);
CREATE INDEX lineages_by_source ON lineages (source);
CREATE INDEX lineages_by_source_series ON lineages (source_series);
CREATE INDEX lineages_by_source_study ON lineages (source_study);
CREATE INDEX lineages_by_delivery ON lineages (delivery);
CREATE INDEX lineages_by_age ON lineages (made_at, result);
CREATE INDEX audit_by_age ON audit (at);
CREATE INDEX audit_by_event ON audit (event);
CREATE INDEX audit_by_actor ON audit (actor);
CREATE INDEX audit_terms_by_number ON audit_terms (number);
CREATE INDEX unaudited_deliveries ON unaudited (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX runs_by_age ON runs (created_at);
CREATE INDEX runs_by_state ON runs (state, created_at);
CREATE INDEX runs_by_policy ON runs (policy, created_at);
CREATE INDEX runs_by_end ON runs (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX run_studies_in_order ON run_studies (run, done, position, looked_at);
CREATE INDEX run_studies_by_verdict ON run_studies (run, verdict, position) WHERE verdict IS NOT NULL;
CREATE INDEX run_studies_by_change ON run_studies (run, change, position) WHERE change IS NOT NULL;
CREATE INDEX deliveries_by_run ON deliveries (run, created_at, state) WHERE run IS NOT NULL;
COMMIT;
PRAGMA user_version = 7;
