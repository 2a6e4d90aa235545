-- MLflow's tables at revision 7d34483879f0. Made by tests/Tracking.Tests/Golden/make-schema.py.
CREATE TABLE "experiments" (
  "experiment_id" serial NOT NULL,
  "name" varchar(256) NOT NULL,
  "artifact_location" varchar(256),
  "lifecycle_stage" varchar(32),
  "creation_time" bigint,
  "last_update_time" bigint,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("experiment_id"),
  UNIQUE ("workspace", "name"),
  CHECK (lifecycle_stage IN ('active', 'deleted'))
);
CREATE INDEX "idx_experiments_workspace_creation_time" ON "experiments" ("workspace", "creation_time");
CREATE INDEX "idx_experiments_workspace" ON "experiments" ("workspace");

CREATE TABLE "experiment_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000),
  "experiment_id" integer NOT NULL,
  PRIMARY KEY ("key", "experiment_id"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);

CREATE TABLE "runs" (
  "run_uuid" varchar(32) NOT NULL,
  "name" varchar(250),
  "source_type" varchar(20),
  "source_name" varchar(500),
  "entry_point_name" varchar(50),
  "user_id" varchar(256),
  "status" varchar(9),
  "start_time" bigint,
  "end_time" bigint,
  "source_version" varchar(50),
  "lifecycle_stage" varchar(20),
  "artifact_uri" varchar(200),
  "experiment_id" integer,
  "deleted_time" bigint,
  PRIMARY KEY ("run_uuid"),
  CHECK (source_type IN ('NOTEBOOK', 'JOB', 'LOCAL', 'UNKNOWN', 'PROJECT')),
  CHECK (lifecycle_stage IN ('active', 'deleted')),
  CHECK (status IN ('SCHEDULED', 'FAILED', 'FINISHED', 'RUNNING', 'KILLED')),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);

CREATE TABLE "params" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000) NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key", "run_uuid"),
  FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
);
CREATE INDEX "index_params_run_uuid" ON "params" ("run_uuid");

CREATE TABLE "tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000),
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key", "run_uuid"),
  FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
);
CREATE INDEX "index_tags_run_uuid" ON "tags" ("run_uuid");

CREATE TABLE "metrics" (
  "key" varchar(250) NOT NULL,
  "value" double precision NOT NULL,
  "timestamp" bigint NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  "step" bigint DEFAULT '0' NOT NULL,
  "is_nan" boolean DEFAULT false NOT NULL,
  PRIMARY KEY ("key", "timestamp", "step", "run_uuid", "value", "is_nan"),
  FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
);
CREATE INDEX "index_metrics_run_uuid_key_step" ON "metrics" ("run_uuid", "key", "step");
CREATE INDEX "index_metrics_run_uuid" ON "metrics" ("run_uuid");

CREATE TABLE "latest_metrics" (
  "key" varchar(250) NOT NULL,
  "value" double precision NOT NULL,
  "timestamp" bigint,
  "step" bigint NOT NULL,
  "is_nan" boolean NOT NULL,
  "run_uuid" varchar(32) NOT NULL,
  PRIMARY KEY ("key", "run_uuid"),
  FOREIGN KEY ("run_uuid") REFERENCES "runs" ("run_uuid")
);
CREATE INDEX "index_latest_metrics_run_uuid" ON "latest_metrics" ("run_uuid");

CREATE TABLE "datasets" (
  "dataset_uuid" varchar(36) NOT NULL,
  "experiment_id" integer NOT NULL,
  "name" varchar(500) NOT NULL,
  "digest" varchar(36) NOT NULL,
  "dataset_source_type" varchar(36) NOT NULL,
  "dataset_source" text NOT NULL,
  "dataset_schema" text,
  "dataset_profile" text,
  PRIMARY KEY ("experiment_id", "name", "digest"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
);
CREATE INDEX "index_datasets_dataset_uuid" ON "datasets" ("dataset_uuid");
CREATE INDEX "index_datasets_experiment_id_dataset_source_type" ON "datasets" ("experiment_id", "dataset_source_type");

CREATE TABLE "inputs" (
  "input_uuid" varchar(36) NOT NULL,
  "source_type" varchar(36) NOT NULL,
  "source_id" varchar(36) NOT NULL,
  "destination_type" varchar(36) NOT NULL,
  "destination_id" varchar(36) NOT NULL,
  "step" bigint DEFAULT '0' NOT NULL,
  PRIMARY KEY ("source_type", "source_id", "destination_type", "destination_id")
);
CREATE INDEX "index_inputs_input_uuid" ON "inputs" ("input_uuid");
CREATE INDEX "index_inputs_destination_type_destination_id_source_type" ON "inputs" ("destination_type", "destination_id", "source_type");

CREATE TABLE "input_tags" (
  "input_uuid" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "value" varchar(500) NOT NULL,
  PRIMARY KEY ("input_uuid", "name")
);

CREATE TABLE "registered_models" (
  "name" varchar(256) NOT NULL,
  "creation_time" bigint,
  "last_updated_time" bigint,
  "description" varchar(5000),
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("workspace", "name")
);
CREATE INDEX "idx_registered_models_workspace" ON "registered_models" ("workspace");

CREATE TABLE "registered_model_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000),
  "name" varchar(256) NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("workspace", "key", "name"),
  FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON UPDATE CASCADE
);
CREATE INDEX "idx_registered_model_tags_workspace_name" ON "registered_model_tags" ("workspace", "name");

CREATE TABLE "registered_model_aliases" (
  "alias" varchar(256) NOT NULL,
  "version" integer NOT NULL,
  "name" varchar(256) NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("workspace", "name", "alias"),
  FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE "model_versions" (
  "name" varchar(256) NOT NULL,
  "version" integer NOT NULL,
  "creation_time" bigint,
  "last_updated_time" bigint,
  "description" varchar(5000),
  "user_id" varchar(256),
  "current_stage" varchar(20),
  "source" varchar(500),
  "run_id" varchar(32),
  "status" varchar(20),
  "status_message" varchar(500),
  "run_link" varchar(500),
  "storage_location" varchar(500),
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("workspace", "name", "version"),
  FOREIGN KEY ("workspace", "name") REFERENCES "registered_models" ("workspace", "name") ON UPDATE CASCADE
);

CREATE TABLE "model_version_tags" (
  "key" varchar(250) NOT NULL,
  "value" text,
  "name" varchar(256) NOT NULL,
  "version" integer NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("workspace", "key", "name", "version"),
  FOREIGN KEY ("workspace", "name", "version") REFERENCES "model_versions" ("workspace", "name", "version") ON UPDATE CASCADE
);
CREATE INDEX "idx_model_version_tags_workspace_name_version" ON "model_version_tags" ("workspace", "name", "version");

CREATE TABLE "logged_models" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" integer NOT NULL,
  "name" varchar(500) NOT NULL,
  "artifact_location" varchar(1000) NOT NULL,
  "creation_timestamp_ms" bigint NOT NULL,
  "last_updated_timestamp_ms" bigint NOT NULL,
  "status" integer NOT NULL,
  "lifecycle_stage" varchar(32),
  "model_type" varchar(500),
  "source_run_id" varchar(32),
  "status_message" varchar(1000),
  PRIMARY KEY ("model_id"),
  CHECK (lifecycle_stage IN ('active', 'deleted')),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
);

CREATE TABLE "logged_model_params" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" integer NOT NULL,
  "param_key" varchar(255) NOT NULL,
  "param_value" text NOT NULL,
  PRIMARY KEY ("model_id", "param_key"),
  FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE,
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);

CREATE TABLE "logged_model_tags" (
  "model_id" varchar(36) NOT NULL,
  "experiment_id" integer NOT NULL,
  "tag_key" varchar(255) NOT NULL,
  "tag_value" text NOT NULL,
  PRIMARY KEY ("model_id", "tag_key"),
  FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE,
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);

CREATE TABLE "logged_model_metrics" (
  "model_id" varchar(36) NOT NULL,
  "metric_name" varchar(500) NOT NULL,
  "metric_timestamp_ms" bigint NOT NULL,
  "metric_step" bigint NOT NULL,
  "metric_value" double precision,
  "experiment_id" integer NOT NULL,
  "run_id" varchar(32) NOT NULL,
  "dataset_uuid" varchar(36),
  "dataset_name" varchar(500),
  "dataset_digest" varchar(36),
  PRIMARY KEY ("model_id", "metric_name", "metric_timestamp_ms", "metric_step", "run_id"),
  FOREIGN KEY ("run_id") REFERENCES "runs" ("run_uuid") ON DELETE CASCADE,
  FOREIGN KEY ("model_id") REFERENCES "logged_models" ("model_id") ON DELETE CASCADE,
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);
CREATE INDEX "index_logged_model_metrics_model_id" ON "logged_model_metrics" ("model_id");

CREATE TABLE "trace_info" (
  "request_id" varchar(50) NOT NULL,
  "experiment_id" integer NOT NULL,
  "timestamp_ms" bigint NOT NULL,
  "execution_time_ms" bigint,
  "status" varchar(50) NOT NULL,
  "client_request_id" varchar(50),
  "request_preview" varchar(1000),
  "response_preview" varchar(1000),
  PRIMARY KEY ("request_id"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id")
);
CREATE INDEX "index_trace_info_experiment_id_timestamp_ms" ON "trace_info" ("experiment_id", "timestamp_ms");

CREATE TABLE "trace_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000),
  "request_id" varchar(50) NOT NULL,
  PRIMARY KEY ("key", "request_id"),
  FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
);
CREATE INDEX "index_trace_tags_request_id" ON "trace_tags" ("request_id");

CREATE TABLE "trace_request_metadata" (
  "key" varchar(250) NOT NULL,
  "value" varchar(8000),
  "request_id" varchar(50) NOT NULL,
  PRIMARY KEY ("key", "request_id"),
  FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
);
CREATE INDEX "index_trace_request_metadata_request_id" ON "trace_request_metadata" ("request_id");

CREATE TABLE "trace_metrics" (
  "request_id" varchar(50) NOT NULL,
  "key" varchar(250) NOT NULL,
  "value" double precision,
  PRIMARY KEY ("request_id", "key"),
  FOREIGN KEY ("request_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
);
CREATE INDEX "index_trace_metrics_request_id" ON "trace_metrics" ("request_id");

CREATE TABLE "spans" (
  "trace_id" varchar(50) NOT NULL,
  "experiment_id" integer NOT NULL,
  "span_id" varchar(50) NOT NULL,
  "parent_span_id" varchar(50),
  "name" text,
  "type" varchar(500),
  "status" varchar(50) NOT NULL,
  "start_time_unix_nano" bigint NOT NULL,
  "end_time_unix_nano" bigint,
  "duration_ns" bigint GENERATED ALWAYS AS (end_time_unix_nano - start_time_unix_nano) STORED,
  "content" text NOT NULL,
  "dimension_attributes" json,
  PRIMARY KEY ("trace_id", "span_id"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  FOREIGN KEY ("trace_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
);
CREATE INDEX "index_spans_experiment_id_duration" ON "spans" ("experiment_id", "duration_ns");
CREATE INDEX "index_spans_experiment_id_type_status" ON "spans" ("experiment_id", "type", "status");
CREATE INDEX "index_spans_experiment_id_status_type" ON "spans" ("experiment_id", "status", "type");
CREATE INDEX "index_spans_experiment_id" ON "spans" ("experiment_id");

CREATE TABLE "span_metrics" (
  "trace_id" varchar(50) NOT NULL,
  "span_id" varchar(50) NOT NULL,
  "key" varchar(250) NOT NULL,
  "value" double precision,
  PRIMARY KEY ("trace_id", "span_id", "key"),
  FOREIGN KEY ("trace_id", "span_id") REFERENCES "spans" ("trace_id", "span_id") ON DELETE CASCADE
);
CREATE INDEX "index_span_metrics_trace_id_span_id" ON "span_metrics" ("trace_id", "span_id");

CREATE TABLE "assessments" (
  "assessment_id" varchar(50) NOT NULL,
  "trace_id" varchar(50) NOT NULL,
  "name" varchar(250) NOT NULL,
  "assessment_type" varchar(20) NOT NULL,
  "value" text NOT NULL,
  "error" text,
  "created_timestamp" bigint NOT NULL,
  "last_updated_timestamp" bigint NOT NULL,
  "source_type" varchar(50) NOT NULL,
  "source_id" varchar(250),
  "run_id" varchar(32),
  "span_id" varchar(50),
  "rationale" text,
  "overrides" varchar(50),
  "valid" boolean NOT NULL,
  "assessment_metadata" text,
  PRIMARY KEY ("assessment_id"),
  FOREIGN KEY ("trace_id") REFERENCES "trace_info" ("request_id") ON DELETE CASCADE
);
CREATE INDEX "index_assessments_assessment_type" ON "assessments" ("assessment_type");
CREATE INDEX "index_assessments_last_updated_timestamp" ON "assessments" ("last_updated_timestamp");
CREATE INDEX "index_assessments_run_id_created_timestamp" ON "assessments" ("run_id", "created_timestamp");
CREATE INDEX "index_assessments_trace_id_created_timestamp" ON "assessments" ("trace_id", "created_timestamp");

CREATE TABLE "webhooks" (
  "webhook_id" varchar(256) NOT NULL,
  "name" varchar(256) NOT NULL,
  "description" varchar(1000),
  "url" varchar(500) NOT NULL,
  "status" varchar(20) DEFAULT 'ACTIVE' NOT NULL,
  "secret" varchar(1000),
  "creation_timestamp" bigint,
  "last_updated_timestamp" bigint,
  "deleted_timestamp" bigint,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("webhook_id")
);
CREATE INDEX "idx_webhooks_workspace" ON "webhooks" ("workspace");
CREATE INDEX "idx_webhooks_status" ON "webhooks" ("status");
CREATE INDEX "idx_webhooks_name" ON "webhooks" ("name");

CREATE TABLE "webhook_events" (
  "webhook_id" varchar(256) NOT NULL,
  "entity" varchar(50) NOT NULL,
  "action" varchar(50) NOT NULL,
  PRIMARY KEY ("webhook_id", "entity", "action"),
  FOREIGN KEY ("webhook_id") REFERENCES "webhooks" ("webhook_id") ON DELETE CASCADE
);
CREATE INDEX "idx_webhook_events_entity_action" ON "webhook_events" ("entity", "action");
CREATE INDEX "idx_webhook_events_action" ON "webhook_events" ("action");
CREATE INDEX "idx_webhook_events_entity" ON "webhook_events" ("entity");

CREATE TABLE "workspaces" (
  "name" varchar(63) NOT NULL,
  "description" text,
  "default_artifact_root" text,
  PRIMARY KEY ("name")
);

CREATE TABLE "evaluation_datasets" (
  "dataset_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "schema" text,
  "profile" text,
  "digest" varchar(64),
  "created_time" bigint,
  "last_update_time" bigint,
  "created_by" varchar(255),
  "last_updated_by" varchar(255),
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("dataset_id")
);
CREATE INDEX "idx_evaluation_datasets_workspace" ON "evaluation_datasets" ("workspace");
CREATE INDEX "index_evaluation_datasets_name" ON "evaluation_datasets" ("name");
CREATE INDEX "index_evaluation_datasets_created_time" ON "evaluation_datasets" ("created_time");

CREATE TABLE "evaluation_dataset_records" (
  "dataset_record_id" varchar(36) NOT NULL,
  "dataset_id" varchar(36) NOT NULL,
  "inputs" json NOT NULL,
  "expectations" json,
  "tags" json,
  "source" json,
  "source_id" varchar(36),
  "source_type" varchar(255),
  "created_time" bigint,
  "last_update_time" bigint,
  "created_by" varchar(255),
  "last_updated_by" varchar(255),
  "input_hash" varchar(64) NOT NULL,
  "outputs" json,
  PRIMARY KEY ("dataset_record_id"),
  UNIQUE ("dataset_id", "input_hash"),
  FOREIGN KEY ("dataset_id") REFERENCES "evaluation_datasets" ("dataset_id") ON DELETE CASCADE
);
CREATE INDEX "index_evaluation_dataset_records_dataset_id" ON "evaluation_dataset_records" ("dataset_id");

CREATE TABLE "evaluation_dataset_tags" (
  "dataset_id" varchar(36) NOT NULL,
  "key" varchar(255) NOT NULL,
  "value" varchar(5000),
  PRIMARY KEY ("dataset_id", "key"),
  FOREIGN KEY ("dataset_id") REFERENCES "evaluation_datasets" ("dataset_id") ON DELETE CASCADE
);
CREATE INDEX "index_evaluation_dataset_tags_dataset_id" ON "evaluation_dataset_tags" ("dataset_id");

CREATE TABLE "entity_associations" (
  "association_id" varchar(36) NOT NULL,
  "source_type" varchar(36) NOT NULL,
  "source_id" varchar(36) NOT NULL,
  "destination_type" varchar(36) NOT NULL,
  "destination_id" varchar(36) NOT NULL,
  "created_time" bigint,
  PRIMARY KEY ("source_type", "source_id", "destination_type", "destination_id")
);
CREATE INDEX "index_entity_associations_reverse_lookup" ON "entity_associations" ("destination_type", "destination_id", "source_type", "source_id");
CREATE INDEX "index_entity_associations_association_id" ON "entity_associations" ("association_id");

CREATE TABLE "scorers" (
  "experiment_id" integer NOT NULL,
  "scorer_name" varchar(256) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  PRIMARY KEY ("scorer_id"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX "index_scorers_experiment_id_scorer_name" ON "scorers" ("experiment_id", "scorer_name");

CREATE TABLE "scorer_versions" (
  "scorer_id" varchar(36) NOT NULL,
  "scorer_version" integer NOT NULL,
  "serialized_scorer" text NOT NULL,
  "creation_time" bigint,
  PRIMARY KEY ("scorer_id", "scorer_version"),
  FOREIGN KEY ("scorer_id") REFERENCES "scorers" ("scorer_id") ON DELETE CASCADE
);
CREATE INDEX "index_scorer_versions_scorer_id" ON "scorer_versions" ("scorer_id");

CREATE TABLE "online_scoring_configs" (
  "online_scoring_config_id" varchar(36) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  "sample_rate" double precision NOT NULL,
  "experiment_id" integer NOT NULL,
  "filter_string" text,
  PRIMARY KEY ("online_scoring_config_id"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id"),
  FOREIGN KEY ("scorer_id") REFERENCES "scorers" ("scorer_id") ON DELETE CASCADE
);

CREATE TABLE "issues" (
  "issue_id" varchar(36) NOT NULL,
  "experiment_id" integer NOT NULL,
  "name" varchar(250) NOT NULL,
  "description" text NOT NULL,
  "status" varchar(50) NOT NULL,
  "severity" varchar(50),
  "root_causes" text,
  "source_run_id" varchar(32),
  "categories" text,
  "created_timestamp" bigint NOT NULL,
  "last_updated_timestamp" bigint NOT NULL,
  "created_by" varchar(255),
  PRIMARY KEY ("issue_id"),
  FOREIGN KEY ("source_run_id") REFERENCES "runs" ("run_uuid") ON DELETE SET NULL,
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE CASCADE
);
CREATE INDEX "index_issues_status" ON "issues" ("status");
CREATE INDEX "index_issues_source_run_id" ON "issues" ("source_run_id");
CREATE INDEX "index_issues_experiment_id" ON "issues" ("experiment_id");

CREATE TABLE "jobs" (
  "id" varchar(36) NOT NULL,
  "creation_time" bigint NOT NULL,
  "job_name" varchar(500) NOT NULL,
  "params" text NOT NULL,
  "timeout" double precision,
  "status" integer NOT NULL,
  "result" text,
  "retry_count" integer NOT NULL,
  "last_update_time" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  "status_details" json,
  PRIMARY KEY ("id")
);
CREATE INDEX "index_jobs_name_status_creation_time" ON "jobs" ("job_name", "workspace", "status", "creation_time");

CREATE TABLE "secrets" (
  "secret_id" varchar(36) NOT NULL,
  "secret_name" varchar(255) NOT NULL,
  "encrypted_value" bytea NOT NULL,
  "wrapped_dek" bytea NOT NULL,
  "kek_version" integer NOT NULL,
  "masked_value" varchar(500) NOT NULL,
  "provider" varchar(64),
  "auth_config" text,
  "description" text,
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("secret_id"),
  UNIQUE ("workspace", "secret_name")
);
CREATE INDEX "idx_secrets_workspace" ON "secrets" ("workspace");

CREATE TABLE "endpoints" (
  "endpoint_id" varchar(36) NOT NULL,
  "name" varchar(255),
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "routing_strategy" varchar(64),
  "fallback_config_json" text,
  "experiment_id" integer,
  "usage_tracking" boolean DEFAULT false NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("endpoint_id"),
  UNIQUE ("workspace", "name"),
  FOREIGN KEY ("experiment_id") REFERENCES "experiments" ("experiment_id") ON DELETE SET NULL
);
CREATE INDEX "idx_endpoints_workspace" ON "endpoints" ("workspace");

CREATE TABLE "model_definitions" (
  "model_definition_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "secret_id" varchar(36),
  "provider" varchar(64) NOT NULL,
  "model_name" varchar(256) NOT NULL,
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("model_definition_id"),
  UNIQUE ("workspace", "name"),
  FOREIGN KEY ("secret_id") REFERENCES "secrets" ("secret_id") ON DELETE SET NULL
);
CREATE INDEX "idx_model_definitions_workspace" ON "model_definitions" ("workspace");
CREATE INDEX "index_model_definitions_secret_id" ON "model_definitions" ("secret_id");
CREATE INDEX "index_model_definitions_provider" ON "model_definitions" ("provider");

CREATE TABLE "endpoint_model_mappings" (
  "mapping_id" varchar(36) NOT NULL,
  "endpoint_id" varchar(36) NOT NULL,
  "model_definition_id" varchar(36) NOT NULL,
  "weight" double precision NOT NULL,
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "linkage_type" varchar(64) DEFAULT 'PRIMARY' NOT NULL,
  "fallback_order" integer,
  PRIMARY KEY ("mapping_id"),
  FOREIGN KEY ("model_definition_id") REFERENCES "model_definitions" ("model_definition_id"),
  FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
);
CREATE UNIQUE INDEX "unique_endpoint_model_linkage_mapping" ON "endpoint_model_mappings" ("endpoint_id", "model_definition_id", "linkage_type");
CREATE INDEX "index_endpoint_model_mappings_model_definition_id" ON "endpoint_model_mappings" ("model_definition_id");
CREATE INDEX "index_endpoint_model_mappings_endpoint_id" ON "endpoint_model_mappings" ("endpoint_id");

CREATE TABLE "endpoint_bindings" (
  "endpoint_id" varchar(36) NOT NULL,
  "resource_type" varchar(50) NOT NULL,
  "resource_id" varchar(255) NOT NULL,
  "created_at" bigint NOT NULL,
  "created_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "display_name" varchar(255),
  PRIMARY KEY ("endpoint_id", "resource_type", "resource_id"),
  FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
);

CREATE TABLE "endpoint_tags" (
  "key" varchar(250) NOT NULL,
  "value" varchar(5000),
  "endpoint_id" varchar(36) NOT NULL,
  PRIMARY KEY ("key", "endpoint_id"),
  FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
);
CREATE INDEX "index_endpoint_tags_endpoint_id" ON "endpoint_tags" ("endpoint_id");

CREATE TABLE "budget_policies" (
  "budget_policy_id" varchar(36) NOT NULL,
  "budget_unit" varchar(32) NOT NULL,
  "budget_amount" double precision NOT NULL,
  "duration_unit" varchar(32) NOT NULL,
  "duration_value" integer NOT NULL,
  "target_scope" varchar(32) NOT NULL,
  "budget_action" varchar(32) NOT NULL,
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("budget_policy_id")
);
CREATE INDEX "idx_budget_policies_workspace" ON "budget_policies" ("workspace");

CREATE TABLE "guardrails" (
  "guardrail_id" varchar(36) NOT NULL,
  "name" varchar(255) NOT NULL,
  "scorer_id" varchar(36) NOT NULL,
  "scorer_version" integer NOT NULL,
  "stage" varchar(32) NOT NULL,
  "action" varchar(32) NOT NULL,
  "action_endpoint_id" varchar(36),
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "last_updated_by" varchar(255),
  "last_updated_at" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("guardrail_id"),
  FOREIGN KEY ("action_endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE SET NULL,
  FOREIGN KEY ("scorer_id", "scorer_version") REFERENCES "scorer_versions" ("scorer_id", "scorer_version")
);
CREATE INDEX "idx_guardrails_scorer" ON "guardrails" ("scorer_id", "scorer_version");
CREATE INDEX "idx_guardrails_workspace" ON "guardrails" ("workspace");

CREATE TABLE "guardrail_configs" (
  "endpoint_id" varchar(36) NOT NULL,
  "guardrail_id" varchar(36) NOT NULL,
  "execution_order" integer,
  "created_by" varchar(255),
  "created_at" bigint NOT NULL,
  "workspace" varchar(63) DEFAULT 'default' NOT NULL,
  PRIMARY KEY ("endpoint_id", "guardrail_id"),
  FOREIGN KEY ("guardrail_id") REFERENCES "guardrails" ("guardrail_id") ON DELETE CASCADE,
  FOREIGN KEY ("endpoint_id") REFERENCES "endpoints" ("endpoint_id") ON DELETE CASCADE
);
CREATE INDEX "idx_guardrail_configs_guardrail_id" ON "guardrail_configs" ("guardrail_id");
CREATE INDEX "idx_guardrail_configs_endpoint_id" ON "guardrail_configs" ("endpoint_id");

CREATE TABLE "alembic_version" (
  "version_num" varchar(32) NOT NULL,
  PRIMARY KEY ("version_num")
);

CREATE FUNCTION prevent_secrets_aad_mutation() RETURNS trigger AS $$
BEGIN
  IF OLD.secret_id <> NEW.secret_id OR OLD.secret_name <> NEW.secret_name THEN
    RAISE EXCEPTION 'secret_id and secret_name are immutable';
  END IF;
  RETURN NEW;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW
EXECUTE FUNCTION prevent_secrets_aad_mutation();
INSERT INTO alembic_version (version_num) VALUES ('7d34483879f0');
