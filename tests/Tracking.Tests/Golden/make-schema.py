#!/usr/bin/env python3
"""Turns the notes on MLflow's schema into the DDL that Gyre runs and the facts that its tests compare with.

    python3 make-schema.py mlflow-schema.md ../../../src/Tracking/Storage mlflow-schema.json

writes MlflowSchema.sql (SQLite) and MlflowSchema.postgres.sql into the folder. The notes were taken from databases that
MLflow 3.11.2.dev0 made (PRAGMA table_xinfo, index_list, foreign_key_list; information_schema).
"""
import json
import re
import sys

CHECKS = {
    "experiments": ["lifecycle_stage IN ('active', 'deleted')"],
    "runs": [
        "source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT')",
        "lifecycle_stage IN ('active', 'deleted')",
        "status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED')",
    ],
    "logged_models": ["lifecycle_stage IN ('active', 'deleted')"],
    "metrics": ["is_nan IN (0, 1)"],
    "latest_metrics": ["is_nan IN (0, 1)"],
}
SQLITE_CHECKS_ONLY = {"is_nan IN (0, 1)"}
POSTGRES_TRIGGER = """CREATE FUNCTION prevent_secrets_aad_mutation() RETURNS trigger AS $$
BEGIN
  IF OLD.secret_id <> NEW.secret_id OR OLD.secret_name <> NEW.secret_name THEN
    RAISE EXCEPTION 'secret_id and secret_name are immutable';
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW
EXECUTE FUNCTION prevent_secrets_aad_mutation();
"""
TRIGGER = """CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW
WHEN OLD.secret_id != NEW.secret_id OR OLD.secret_name != NEW.secret_name
BEGIN
  SELECT RAISE(ABORT, 'secret_id and secret_name are immutable');
END;
"""


def names(text):
    return [part.strip() for part in text.split(",")]


def parse(lines):
    head = next(re.search(r"Head of this version: \*\*`(\w+)`", line) for line in lines if "Head of this version" in line)
    tables, table = [], None
    for line in lines:
        line = line.strip()
        if match := re.fullmatch(r"### (\w+)", line):
            table = {"name": match[1], "columns": [], "primaryKey": [], "foreignKeys": [], "indexes": [], "uniques": [],
                     "checks": CHECKS.get(match[1], [])}
            tables.append(table)
        elif table and line.startswith("| ") and not line.startswith("| column |"):
            name, kind, postgres, null, rest = [cell.strip() for cell in line.strip("|").split("|")]
            default = re.fullmatch(r"default ('[^']*')", rest)
            generated = re.fullmatch(r"generated, stored: \((.*)\)", rest)
            assert default or generated or rest == "" or rest.startswith("PostgreSQL:"), rest
            table["columns"].append({"name": name, "type": kind, "postgres": postgres, "notNull": null == "no",
                                     "default": default[1] if default else None,
                                     "generated": generated[1] if generated else None,
                                     "sequence": rest.startswith("PostgreSQL: sequence")})
        elif table and line.startswith("- primary key: "):
            table["primaryKey"] = names(line.removeprefix("- primary key: "))
        elif table and line.startswith("- foreign key"):
            match = re.fullmatch(
                r"- foreign key \(([^)]*)\) -> (\w+) \(([^)]*)\)(?:, on delete ([a-z ]+))?(?:, on update ([a-z ]+))?", line)
            table["foreignKeys"].append({"columns": names(match[1]), "table": match[2], "references": names(match[3]),
                                         "onDelete": (match[4] or "no action").upper(),
                                         "onUpdate": (match[5] or "no action").upper()})
        elif table and (match := re.fullmatch(r"- unique constraint \(([^)]*)\)", line)):
            table["uniques"].append(names(match[1]))
        elif table and (match := re.fullmatch(r"- (index|unique) (\w+) \(([^)]*)\)", line)):
            table["indexes"].append({"name": match[2], "columns": names(match[3]), "unique": match[1] == "unique"})
        elif table and line.startswith("- "):
            raise ValueError(line)
    return {"revision": head[1], "tables": [t for t in tables if t["columns"]]}


def quoted(columns):
    return ", ".join(f'"{column}"' for column in columns)


def column_ddl(column, postgres):
    kind = column["postgres"] if postgres else column["type"]
    # SERIAL makes the sequence <table>_<column>_seq and its default.
    text = f'  "{column["name"]}" {"serial" if postgres and column["sequence"] else kind}'
    if column["generated"]:
        return f'{text} GENERATED ALWAYS AS ({column["generated"]}) STORED'
    if column["default"]:
        text += f' DEFAULT {"false" if kind == "boolean" else column["default"]}'
    return text + (" NOT NULL" if column["notNull"] else "")


def ddl(table, postgres=False):
    parts = [column_ddl(column, postgres) for column in table["columns"]]
    parts.append(f'  PRIMARY KEY ({quoted(table["primaryKey"])})')
    parts += [f"  UNIQUE ({quoted(columns)})" for columns in table["uniques"]]
    parts += [f"  CHECK ({check})" for check in table["checks"]
              if not (postgres and check in SQLITE_CHECKS_ONLY)]
    for key in table["foreignKeys"]:
        text = f'  FOREIGN KEY ({quoted(key["columns"])}) REFERENCES "{key["table"]}" ({quoted(key["references"])})'
        text += f' ON DELETE {key["onDelete"]}' if key["onDelete"] != "NO ACTION" else ""
        parts.append(text + (f' ON UPDATE {key["onUpdate"]}' if key["onUpdate"] != "NO ACTION" else ""))
    text = f'CREATE TABLE "{table["name"]}" (\n' + ",\n".join(parts) + "\n);\n"
    for index in table["indexes"]:
        unique = "UNIQUE " if index["unique"] else ""
        text += f'CREATE {unique}INDEX "{index["name"]}" ON "{table["name"]}" ({quoted(index["columns"])});\n'
    return text


def in_order(tables):
    """A table after those that its foreign keys name: PostgreSQL wants them to be there."""
    done, rest = [], list(tables)
    while rest:
        names = {table["name"] for table in done}
        table = next(t for t in rest if all(k["table"] in names | {t["name"]} for k in t["foreignKeys"]))
        rest.remove(table)
        done.append(table)
    return done


def write_ddl(path, schema, tables, trigger, postgres):
    with open(path, "w", encoding="utf-8") as file:
        file.write("-- MLflow's tables at revision " + schema["revision"] + ". Made by tests/Tracking.Tests/Golden/make-schema.py.\n")
        file.write("\n".join(ddl(table, postgres) for table in tables))
        file.write("\n" + trigger)
        file.write(f"INSERT INTO alembic_version (version_num) VALUES ('{schema['revision']}');\n")


def main():
    notes, folder, facts = sys.argv[1:]
    schema = parse(open(notes, encoding="utf-8").read().splitlines())
    write_ddl(f"{folder}/MlflowSchema.sql", schema, schema["tables"], TRIGGER, False)
    write_ddl(f"{folder}/MlflowSchema.postgres.sql", schema, in_order(schema["tables"]), POSTGRES_TRIGGER, True)
    with open(facts, "w", encoding="utf-8") as file:
        tables = ",\n".join(json.dumps(table) for table in schema["tables"])
        file.write(f'{{"revision": "{schema["revision"]}", "tables": [\n{tables}\n]}}\n')
    print(len(schema["tables"]), "tables")


main()
