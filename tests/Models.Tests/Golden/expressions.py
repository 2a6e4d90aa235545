"""Writes expressions.json: random SQL expressions, their syntax trees, and what DuckDB computes for each of some rows.

    python3 expressions.py path/to/libduckdb.so > expressions.json

DuckDB is called through its C API (ctypes); no Python package is needed. What DuckDB refuses (overflow, logarithm of a
negative number) is left out.
"""
import ctypes
import json
import os
import random
import sys
import tempfile

duckdb = ctypes.CDLL(sys.argv[1])
duckdb.duckdb_result_error.restype = ctypes.c_char_p
database, connection = ctypes.c_void_p(), ctypes.c_void_p()
assert duckdb.duckdb_open(None, ctypes.byref(database)) == 0
assert duckdb.duckdb_connect(database, ctypes.byref(connection)) == 0
rnd = random.Random(20)


class Result(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_byte * 64)]


def run(sql):
    result = Result()
    failed = duckdb.duckdb_query(connection, sql.encode(), ctypes.byref(result))
    message = duckdb.duckdb_result_error(ctypes.byref(result)).decode() if failed else None
    duckdb.duckdb_destroy_result(ctypes.byref(result))
    if failed:
        raise RuntimeError(message)


def query(sql):
    path = tempfile.mktemp(".json")
    try:
        run(f"COPY ({sql}) TO '{path}' (FORMAT json)")
        with open(path) as file:
            return [json.loads(line) for line in file]
    finally:
        if os.path.exists(path):
            os.unlink(path)


COLUMNS = [("x", "Numeric", True), ("y", "Numeric", True), ("i", "Integer", False), ("j", "Integer", True),
           ("b", "Boolean", False), ("c", "Boolean", True), ("s", "Categorical", True), ("u", "Categorical", True),
           ("t", "Timestamp", False), ("v", "Timestamp", True)]
SQL_TYPES = {"Numeric": "DOUBLE", "Integer": "BIGINT", "Boolean": "BOOLEAN", "Categorical": "VARCHAR", "Timestamp": "TIMESTAMP"}
TEXTS = ["red", "green", "blue", "gr\u00fcn", "3"]
TIMES = [0, -1, 951782400000000 + 86399999999, 1325376000000000, 1330473600123456, 1356998399999999, 1609459200000000,
         1609632000000000, 1704067199000000, -2208988800000000, 4102444800000000, 1230768000000000, 1546214400000000]
ROWS = 20


def value(kind, nullable):
    if nullable and rnd.random() < 0.25:
        return None
    if kind == "Numeric":
        return rnd.choice([0.0, 1.0, -2.5, 2.5, 0.49999999999999994, 100.0, 1000.0, rnd.uniform(-50, 50), rnd.gauss(0, 3)])
    if kind == "Integer":
        return rnd.choice([0, 1, -1, 2, 7, -7, 24, rnd.randint(-1000, 1000)])
    if kind == "Boolean":
        return rnd.random() < 0.5
    if kind == "Categorical":
        return rnd.choice(TEXTS)
    return rnd.choice(TIMES) if rnd.random() < 0.5 else rnd.randint(-(10**15), 4 * 10**15)


def literal(text):
    return "NULL" if text is None else str(text)


rows = [[value(kind, nullable) for _, kind, nullable in COLUMNS] for _ in range(ROWS)]
run("CREATE TABLE data (n INTEGER, " + ", ".join(f"{n} {SQL_TYPES[k]}" for n, k, _ in COLUMNS) + ")")
for number, row in enumerate(rows):
    cells = []
    for (name, kind, _), cell in zip(COLUMNS, row):
        if cell is None:
            cells.append("NULL")
        elif kind == "Categorical":
            cells.append(f"'{cell}'")
        elif kind == "Timestamp":
            cells.append(f"make_timestamp({cell})")
        elif kind == "Numeric":
            cells.append(f"{cell!r}::DOUBLE")
        else:
            cells.append(str(cell))
    run(f"INSERT INTO data VALUES ({number}, {', '.join(cells)})")

# An expression is (sql, tree): ["column", name] | ["literal", value] | ["call", name, args] | ["case", [[when, then]], else]
# | ["cast", operand, type].


def column(kind):
    name = rnd.choice([n for n, k, _ in COLUMNS if k == kind])
    return name, ["column", name]


def constant(v):
    if isinstance(v, bool):
        return str(v).lower(), ["literal", v]
    if isinstance(v, str):
        return f"'{v}'", ["literal", v]
    return ("NULL" if v is None else f"{v}"), ["literal", v]


def infix(name, left, right, tree=None):
    return f"({left[0]} {name} {right[0]})", ["call", tree or name.lower(), [left[1], right[1]]]


def call(name, *arguments):
    return f"{name}({', '.join(a[0] for a in arguments)})", ["call", name, [a[1] for a in arguments]]


def case(kind, depth):
    branches = [(truth(depth - 1), ANY[kind](depth - 1)) for _ in range(rnd.randint(1, 2))]
    other = ANY[kind](depth - 1) if rnd.random() < 0.7 else constant(None)
    sql = "CASE " + " ".join(f"WHEN {w[0]} THEN {t[0]}" for w, t in branches) + f" ELSE {other[0]} END"
    return sql, ["case", [[w[1], t[1]] for w, t in branches], other[1]]


PARTS = ["year", "month", "day", "hour", "minute", "second", "quarter", "dayofweek", "isodow", "dayofyear", "week", "epoch",
         "millisecond", "microsecond", "isoyear", "yearweek", "epoch_ms", "epoch_us"]
TRUNC = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"]


def whole(depth):
    pick = rnd.randint(0, 9 if depth > 0 else 2)
    if pick <= 1:
        return column("Integer")
    if pick == 2:
        return constant(rnd.choice([0, 1, 2, 3, -1, 7, 24, 60]))
    if pick <= 4:
        return infix(rnd.choice(["+", "-", "*"]), whole(depth - 1), whole(depth - 1))
    if pick == 5:
        return infix(rnd.choice(["//", "%"]), whole(depth - 1), whole(depth - 1))
    if pick <= 7:
        return call(rnd.choice(PARTS[:11] + PARTS[12:]), time(depth - 1))
    if pick == 8:
        return call("date_diff", constant(rnd.choice(TRUNC)), time(depth - 1), time(depth - 1))
    inner = number(depth - 1)  # a constant like 0.5 is a DECIMAL, which rounds unlike a DOUBLE; Gyre has the latter only
    return f"CAST(CAST({inner[0]} AS DOUBLE) AS BIGINT)", ["cast", inner[1], "Integer"]


def number(depth):
    pick = rnd.randint(0, 14 if depth > 0 else 2)
    if pick <= 1:
        return column("Numeric")
    if pick == 2:
        return constant(rnd.choice([0.5, 2.0, -1.5, 0.1, 10.0]))
    if pick <= 4:
        return infix(rnd.choice(["+", "-", "*"]), number(depth - 1), rnd.choice([number, whole])(depth - 1))
    if pick == 5:
        return infix("/", rnd.choice([number, whole])(depth - 1), rnd.choice([number, whole])(depth - 1))
    if pick == 6:
        return infix(rnd.choice(["%", "//"]), column("Numeric"), number(depth - 1))
    if pick <= 8:
        return call(rnd.choice(["abs", "floor", "ceil", "exp", "sin", "cos", "sign", "trunc", "cbrt"]), number(depth - 1))
    if pick == 9:
        inner = call("abs", column("Numeric"))
        name = rnd.choice(["ln", "log10", "log2", "sqrt"])
        return call(name, infix("+", inner, constant(1.0)))
    if pick == 10:
        return call("round", column("Numeric"), constant(rnd.choice([0, 1, 2, -1])))
    if pick == 11:
        return call(rnd.choice(["greatest", "least", "coalesce"]), number(depth - 1), number(depth - 1))
    if pick == 12:
        return call("nullif", number(depth - 1), number(depth - 1))
    if pick == 13:
        return call("epoch", time(depth - 1))
    return case("Numeric", depth)


def time(depth):
    if depth > 0 and rnd.random() < 0.2:
        return call("date_trunc", constant(rnd.choice(TRUNC)), time(depth - 1))
    return column("Timestamp")


def text(depth):
    pick = rnd.randint(0, 5 if depth > 0 else 1)
    if pick == 0:
        return constant(rnd.choice(TEXTS))
    if pick <= 2:
        return column("Categorical")
    if pick == 3:
        return case("Categorical", depth)
    if pick == 4:
        return call(rnd.choice(["dayname", "monthname"]), time(depth - 1))
    return infix("||", text(depth - 1), text(depth - 1))


def truth(depth):
    pick = rnd.randint(0, 8 if depth > 0 else 0)
    if pick == 0:
        return column("Boolean")
    if pick <= 2:
        kind = rnd.choice([whole, number])
        return infix(rnd.choice(["=", "<>", "<", "<=", ">", ">="]), kind(depth - 1), rnd.choice([whole, number])(depth - 1))
    if pick == 3 and rnd.random() < 0.3:
        names = [constant(t) for t in rnd.sample(TEXTS, 2)]
        subject = column("Categorical")
        either = [["call", "=", [subject[1], n[1]]] for n in names]
        return f"({subject[0]} IN ({names[0][0]}, {names[1][0]}))", ["call", "or", either]
    if pick == 3 and rnd.random() < 0.3:
        pattern = constant(rnd.choice(["%e%", "gr_n", "%n", "b%", "g%n", "."]))
        return infix("LIKE", text(depth - 1), pattern, "~~")
    if pick == 3 and rnd.random() < 0.2:
        return call(rnd.choice(["starts_with", "contains", "suffix"]), text(depth - 1), constant(rnd.choice(["r", "gr", "n", "."])))
    if pick == 3:
        return infix(rnd.choice(["=", "<>"]), column("Categorical"), text(0))
    if pick <= 5:
        return infix(rnd.choice(["AND", "OR"]), truth(depth - 1), truth(depth - 1))
    if pick == 6:
        inner = truth(depth - 1)
        return f"(NOT {inner[0]})", ["call", "not", [inner[1]]]
    if pick == 7:
        inner = ANY[rnd.choice(list(ANY))](depth - 1)
        name = rnd.choice(["is_null", "is_not_null"])
        return f"({inner[0]} IS {'NOT ' if 'not' in name else ''}NULL)", ["call", name, [inner[1]]]
    return infix(rnd.choice(["<", ">=", "="]), time(depth - 1), rnd.choice([time(0), constant("2012-03-01 12:30:00")]))


ANY = {"Numeric": number, "Integer": whole, "Boolean": truth, "Categorical": text}


def encode(v):
    if isinstance(v, float) and v != v:
        return "nan"
    if v in (float("inf"), float("-inf")):
        return "inf" if v > 0 else "-inf"
    return v


cases, seen = [], set()
while len(cases) < 400:
    kind = rnd.choice(list(ANY))
    sql, tree = ANY[kind](rnd.randint(1, 4))
    if sql in seen or not any(f'"{n}"' in json.dumps(tree) for n, _, _ in COLUMNS):
        continue
    seen.add(sql)
    result = f"CAST({sql} AS VARCHAR)" if kind == "Categorical" else f"CAST({sql} AS DOUBLE)"
    try:
        answer = query(f"SELECT CAST({result} AS VARCHAR) AS r FROM data ORDER BY n")
    except RuntimeError:
        continue
    values = [row.get("r") for row in answer]
    if kind != "Categorical":
        values = [v if v is None else encode(float(v)) for v in values]
    if all(v is None for v in values):
        continue
    cases.append({"sql": sql, "type": kind, "tree": tree, "values": values})

print('{"columns": ' + json.dumps([{"name": n, "type": k, "nullable": o} for n, k, o in COLUMNS]) + ",")
print('"rows": [\n' + ",\n".join(json.dumps(r) for r in rows) + "],")
print('"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "]}")
