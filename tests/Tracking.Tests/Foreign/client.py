"""Plays the requests that MLflow's own Python client sends, with their headers, and prints what came back as JSON.

A model is logged, registered, given an alias and loaded by it; a prompt is registered; a large file goes in parts.
Only the standard library is used.
"""
import json
import posixpath
import sys
import urllib.error
import urllib.parse
import urllib.request

BASE = sys.argv[1]
AGENT = {"User-Agent": "mlflow-python-client/3.11.2"}


def http(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers={**AGENT, **(headers or {})})
    with urllib.request.urlopen(request) as response:
        return response.headers, response.read()


def call(method, path, **fields):
    """GET sends its fields as query with Python's spelling of booleans, all others send JSON."""
    url = f"{BASE}/api/2.0/mlflow/{path}"
    if method == "GET":
        return json.loads(http("GET", f"{url}?{urllib.parse.urlencode(fields, doseq=True)}")[1])
    return json.loads(http(method, url, json.dumps(fields).encode(), {"Content-Type": "application/json"})[1])


def refused(method, path, **fields):
    try:
        call(method, path, **fields)
    except urllib.error.HTTPError as error:
        return [error.code, json.loads(error.read())["error_code"]]
    raise AssertionError(f"{path} was not refused")


def proxy(uri, path=""):
    root = urllib.parse.urlparse(uri).path.lstrip("/")
    return f"{BASE}/api/2.0/mlflow-artifacts/artifacts/" + urllib.parse.quote(posixpath.join(root, path))


def upload(uri, path, content):
    http("PUT", proxy(uri, path), content)


def download(uri, path=""):
    """All files below a path; listings hold base names, which the client puts back together."""
    root = urllib.parse.urlparse(uri).path.lstrip("/")
    query = urllib.parse.urlencode({"path": posixpath.join(root, path)})
    listing = json.loads(http("GET", f"{BASE}/api/2.0/mlflow-artifacts/artifacts?{query}")[1])
    files = {}
    for entry in listing.get("files", []):
        inner = posixpath.join(path, entry["path"])
        if entry["is_dir"]:
            files.update(download(uri, inner))
        else:
            files[inner] = http("GET", proxy(uri, inner))[1]
            assert len(files[inner]) == entry["file_size"]
    return files


def upload_in_parts(uri, name, parts):
    root = urllib.parse.quote(urllib.parse.urlparse(uri).path.lstrip("/"))
    at = f"{BASE}/api/2.0/mlflow-artifacts/mpu/{{}}/{root}"
    kind = {"Content-Type": "application/json"}
    fields = {"path": f"/home/me/{name}", "num_parts": len(parts)}
    created = json.loads(http("POST", at.format("create"), json.dumps(fields).encode(), kind)[1])
    done = []
    for part, credential in zip(parts, created["credentials"]):
        headers, _ = http("PUT", credential["url"], part, credential.get("headers", {}))
        done.append({"part_number": credential["part_number"], "etag": headers["ETag"], "url": credential["url"]})
    fields = {"path": f"/home/me/{name}", "upload_id": created["upload_id"], "parts": done}
    http("POST", at.format("complete"), json.dumps(fields).encode(), kind)


# mlflow.start_run() and log_model()
assert tuple(map(int, http("GET", f"{BASE}/version")[1].decode().split(".")[:2])) >= (3, 4)
experiment = call("POST", "experiments/create", name="from Python", tags=[])["experiment_id"]
run = call("POST", "runs/create", experiment_id=experiment, user_id="me", run_name="", start_time=1, tags=[])
run = run["run"]["info"]
made = call("POST", "logged-models", experiment_id=experiment, name="net", model_type="", source_run_id=run["run_id"],
            params=[{"key": "depth", "value": "3"}], tags=[])["model"]["info"]
package = {"MLmodel": b"flavors: {}\n", "data/weights 100%.bin": bytes(range(256)) * 40, "Gr\u00f6\u00dfe.txt": b""}
for path, content in package.items():
    upload(made["artifact_uri"], path, content)
call("POST", "runs/outputs", run_id=run["run_id"], models=[{"model_id": made["model_id"], "step": 0}])
ready = call("PATCH", f"logged-models/{made['model_id']}", model_id=made["model_id"], status="LOGGED_MODEL_READY")
call("POST", "runs/log-metric", run_uuid=run["run_id"], run_id=run["run_id"], key="auc", value=0.9, timestamp=2, step=0,
     model_id=made["model_id"])

# mlflow.register_model(), an alias, mlflow.pyfunc.load_model("models:/riders@champion")
call("POST", "registered-models/create", name="riders", tags=[])
again = refused("POST", "registered-models/create", name="riders", tags=[])
version = call("POST", "model-versions/create", name="riders", source=made["artifact_uri"], run_id=run["run_id"],
               tags=[], run_link="", description="", model_id=made["model_id"])["model_version"]
while version["status"] != "READY":
    version = call("GET", "model-versions/get", name="riders", version=version["version"])["model_version"]
call("POST", "registered-models/alias", name="riders", alias="champion", version=version["version"])
champion = call("GET", "registered-models/alias", name="riders", alias="champion")["model_version"]
where = call("GET", "model-versions/get-download-uri", name="riders", version=champion["version"])["artifact_uri"]
loaded = download(where)

# mlflow.genai.register_prompt()
is_prompt = {"key": "mlflow.prompt.is_prompt", "value": "true"}
absent = refused("GET", "registered-models/get", name="greet")
call("POST", "registered-models/create", name="greet", tags=[is_prompt])
call("POST", "model-versions/create", name="greet", source="dummy-source", description="first",
     tags=[is_prompt, {"key": "mlflow.prompt.text", "value": "Hello {{name}}"}])
names = [m["name"] for m in call("GET", "registered-models/search", max_results=100)["registered_models"]]
prompts = [m["name"] for m in call("GET", "registered-models/search", max_results=100,
                                   filter="tags.`mlflow.prompt.is_prompt` = 'true'")["registered_models"]]

upload_in_parts(run["artifact_uri"], "big.bin", [b"a" * 100_000, b"b" * 50_000])
big = download(run["artifact_uri"])["big.bin"]
found = call("POST", "logged-models/search", experiment_ids=[experiment], max_results=100, datasets=None,
             filter="metrics.auc > 0.5", order_by=[{"field_name": "metrics.auc", "ascending": False}])

print(json.dumps({
    "status": ready["model"]["info"]["status"],
    "again": again,
    "absent": absent,
    "champion": champion,
    "same": loaded == package,
    "big": big == b"a" * 100_000 + b"b" * 50_000,
    "names": names,
    "prompts": prompts,
    "found": found["models"],
    "missingAlias": refused("GET", "registered-models/alias", name="riders", alias="absent"),
}))
