# Speaks MLflow's REST API as an R client does (httr and jsonlite), and prints what it got back as JSON.
suppressMessages({ library(httr); library(jsonlite) })

base <- commandArgs(trailingOnly = TRUE)[1]
check <- function(response) {
  stop_for_status(response)
  fromJSON(content(response, "text", encoding = "UTF-8"), simplifyVector = FALSE)
}
post <- function(resource, ...) invisible(check(POST(paste0(base, "/api/2.0/mlflow/", resource), body = list(...), encode = "json")))
get <- function(resource, ...) check(GET(paste0(base, "/api/2.0/mlflow/", resource), query = list(...)))

experiment <- post("experiments/create", name = "from R")$experiment_id
start <- 1700000000000
run <- post("runs/create", experiment_id = experiment, run_name = "first", start_time = start)$run
id <- run$info$run_id
for (step in 0:4)
  post("runs/log-metric", run_id = id, key = "rmse", value = 5 - step, timestamp = start + step, step = step)
post("runs/log-parameter", run_id = id, key = "family", value = "gaussian")
post("runs/set-tag", run_id = id, key = "kind", value = "glm")

# A model as R saves it: any file goes through the artifact proxy.
artifact <- sub("mlflow-artifacts:/", "", run$info$artifact_uri, fixed = TRUE)
file <- tempfile()
saveRDS(lm(dist ~ speed, cars), file)
proxy <- paste0(base, "/api/2.0/mlflow-artifacts/artifacts/", artifact, "/model/model.rds")
stop_for_status(PUT(proxy, body = upload_file(file)))
back <- tempfile()
stop_for_status(GET(proxy, write_disk(back)))

post("registered-models/create", name = "cars")
version <- post("model-versions/create", name = "cars", source = paste0(run$info$artifact_uri, "/model"), run_id = id)
post("registered-models/alias", name = "cars", alias = "champion", version = version$model_version$version)
post("runs/update", run_id = id, status = "FINISHED", end_time = start + 10)

cat(toJSON(list(
  experiment = get("experiments/get-by-name", experiment_name = "from R")$experiment,
  run = get("runs/get", run_id = id)$run,
  history = get("metrics/get-history", run_id = id, metric_key = "rmse")$metrics,
  found = length(post("runs/search", experiment_ids = list(experiment),
                      filter = "metrics.rmse <= 1 and tags.kind = 'glm'")$runs),
  files = get("artifacts/list", run_id = id, path = "model")$files,
  same = identical(coef(readRDS(back)), coef(lm(dist ~ speed, cars))),
  champion = get("registered-models/alias", name = "cars", alias = "champion")$model_version
), auto_unbox = TRUE, digits = NA))
