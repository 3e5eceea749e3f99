# Four accounts, each with what its one task needs. docs/DEPLOY.md says what each may do, and why.

resource "google_service_account" "server" {
  account_id   = "${var.name}-server"
  display_name = "Slipway: the server"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "runner" {
  account_id   = "${var.name}-runner"
  display_name = "Slipway: build steps, which agents can act as"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "invoker" {
  account_id   = "${var.name}-invoker"
  display_name = "Slipway: Cloud Scheduler and Pub/Sub, calling the server"
  depends_on   = [google_project_service.apis]
}

resource "google_service_account" "deployer" {
  account_id   = "${var.name}-deployer"
  display_name = "Slipway: builds images and deploys them"
  depends_on   = [google_project_service.apis]
}

locals {
  pubsub_agent   = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
  object_names   = "projects/_/buckets/${google_storage_bucket.runs.name}/objects"
  database_title = "The database of Slipway"
}

# The server

resource "google_project_iam_member" "server_builds" {
  project = var.project
  role    = "roles/cloudbuild.builds.editor"
  member  = google_service_account.server.member
}

resource "google_project_iam_member" "server_pool" {
  count   = var.worker_pool == null ? 0 : 1
  project = var.project
  role    = "roles/cloudbuild.workerPoolUser"
  member  = google_service_account.server.member
}

resource "google_project_iam_member" "server_records" {
  project = var.project
  role    = "roles/datastore.user"
  member  = google_service_account.server.member

  condition {
    title      = local.database_title
    expression = "resource.name == \"${google_firestore_database.records.id}\""
  }
}

resource "google_service_account_iam_member" "server_starts_as_runner" {
  service_account_id = google_service_account.runner.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.server.member
}

resource "google_storage_bucket_iam_member" "server_objects" {
  bucket = google_storage_bucket.runs.name
  role   = "roles/storage.objectUser"
  member = google_service_account.server.member
}

resource "google_secret_manager_secret_iam_member" "server_model_key" {
  secret_id = google_secret_manager_secret.model_key.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.server.member
}

# The runner: any program in a step can have this account's token, so it has no role on the project, and on the bucket
# none of Google's, which all let list, overwrite or delete.

resource "google_project_iam_custom_role" "runner_objects" {
  role_id     = "${replace(var.name, "-", "_")}_runner_objects"
  title       = "Slipway runner: objects of a run"
  description = "Create objects, and read those whose names one knows. No list, no overwriting, no deletion."
  permissions = ["storage.objects.create", "storage.objects.get"]
  depends_on  = [google_project_service.apis]
}

resource "google_project_iam_custom_role" "runner_logs" {
  role_id     = "${replace(var.name, "-", "_")}_runner_logs"
  title       = "Slipway runner: logs of a build"
  description = "Write a log again and again while it grows."
  permissions = ["storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.update"]
  depends_on  = [google_project_service.apis]
}

resource "google_project_iam_custom_role" "runner_bucket" {
  role_id     = "${replace(var.name, "-", "_")}_runner_bucket"
  title       = "Slipway runner: the bucket's description"
  description = "Cloud Build looks at a bucket before it writes logs to it."
  permissions = ["storage.buckets.get"]
  depends_on  = [google_project_service.apis]
}

resource "google_storage_bucket_iam_member" "runner_objects" {
  bucket = google_storage_bucket.runs.name
  role   = google_project_iam_custom_role.runner_objects.id
  member = google_service_account.runner.member

  condition {
    title      = "Objects of runs"
    expression = "resource.name.startsWith(\"${local.object_names}/jobs/\")"
  }
}

resource "google_storage_bucket_iam_member" "runner_logs" {
  bucket = google_storage_bucket.runs.name
  role   = google_project_iam_custom_role.runner_logs.id
  member = google_service_account.runner.member

  condition {
    title      = "Logs of builds"
    expression = "resource.name.startsWith(\"${local.object_names}/logs/\")"
  }
}

resource "google_storage_bucket_iam_member" "runner_bucket" {
  bucket = google_storage_bucket.runs.name
  role   = google_project_iam_custom_role.runner_bucket.id
  member = google_service_account.runner.member
}

resource "google_artifact_registry_repository_iam_member" "runner_pulls" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.runner.member
}

# The invoker has no role at all: the server knows it by its signed token. Pub/Sub may sign as it.

resource "google_service_account_iam_member" "pubsub_signs_as_invoker" {
  service_account_id = google_service_account.invoker.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent
}

# The deployer

resource "google_artifact_registry_repository_iam_member" "deployer_pushes" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.deployer.member
}

resource "google_project_iam_member" "deployer_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.deployer.member
}

resource "google_storage_bucket_iam_member" "deployer_source" {
  bucket = google_storage_bucket.runs.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.deployer.member

  condition {
    title      = "Sources of images"
    expression = "resource.name.startsWith(\"${local.object_names}/source/\")"
  }
}

resource "google_cloud_run_v2_service_iam_member" "deployer_deploys" {
  count    = var.server_image == null ? 0 : 1
  location = google_cloud_run_v2_service.server[0].location
  name     = google_cloud_run_v2_service.server[0].name
  role     = "roles/run.developer"
  member   = google_service_account.deployer.member
}

resource "google_service_account_iam_member" "deployer_deploys_as_server" {
  service_account_id = google_service_account.server.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.deployer.member
}
