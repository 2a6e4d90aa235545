#!/usr/bin/env python3
"""Turns the notes on MLflow's schema into the DDL that Gyre runs and the facts that its tests compare with.

    python3 make-schema.py mlflow-schema.md ../../../src/Tracking/Storage/MlflowSchema.sql mlflow-schema.json

The notes were taken from a database that MLflow 3.11.2.dev0 made (PRAGMA table_xinfo, index_list, foreign_key_list).
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
            name, kind, _, null, rest = [cell.strip() for cell in line.strip("|").split("|")]
            default = re.fullmatch(r"default ('[^']*')", rest)
            generated = re.fullmatch(r"generated, stored: \((.*)\)", rest)
            assert default or generated or rest == "" or rest.startswith("PostgreSQL:"), rest
            table["columns"].append({"name": name, "type": kind, "notNull": null == "no",
                                     "default": default[1] if default else None,
                                     "generated": generated[1] if generated else None})
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


def column_ddl(column):
    text = f'  "{column["name"]}" {column["type"]}'
    if column["generated"]:
        return f'{text} GENERATED ALWAYS AS ({column["generated"]}) STORED'
    if column["default"]:
        text += f' DEFAULT {column["default"]}'
    return text + (" NOT NULL" if column["notNull"] else "")


def ddl(table):
    parts = [column_ddl(column) for column in table["columns"]]
    parts.append(f'  PRIMARY KEY ({quoted(table["primaryKey"])})')
    parts += [f"  UNIQUE ({quoted(columns)})" for columns in table["uniques"]]
    parts += [f"  CHECK ({check})" for check in table["checks"]]
    for key in table["foreignKeys"]:
        text = f'  FOREIGN KEY ({quoted(key["columns"])}) REFERENCES "{key["table"]}" ({quoted(key["references"])})'
        text += f' ON DELETE {key["onDelete"]}' if key["onDelete"] != "NO ACTION" else ""
        parts.append(text + (f' ON UPDATE {key["onUpdate"]}' if key["onUpdate"] != "NO ACTION" else ""))
    text = f'CREATE TABLE "{table["name"]}" (\n' + ",\n".join(parts) + "\n);\n"
    for index in table["indexes"]:
        unique = "UNIQUE " if index["unique"] else ""
        text += f'CREATE {unique}INDEX "{index["name"]}" ON "{table["name"]}" ({quoted(index["columns"])});\n'
    return text


def main():
    notes, sql, facts = sys.argv[1:]
    schema = parse(open(notes, encoding="utf-8").read().splitlines())
    with open(sql, "w", encoding="utf-8") as file:
        file.write("-- MLflow's tables at revision " + schema["revision"] + ". Made by tests/Tracking.Tests/Golden/make-schema.py.\n")
        file.write("\n".join(ddl(table) for table in schema["tables"]))
        file.write("\n" + TRIGGER)
        file.write(f"INSERT INTO alembic_version (version_num) VALUES ('{schema['revision']}');\n")
    with open(facts, "w", encoding="utf-8") as file:
        tables = ",\n".join(json.dumps(table) for table in schema["tables"])
        file.write(f'{{"revision": "{schema["revision"]}", "tables": [\n{tables}\n]}}\n')
    print(len(schema["tables"]), "tables")


main()
