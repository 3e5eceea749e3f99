data "google_project" "this" {
  project_id = var.project
}

# What settings.tf takes from resources.
locals {
  project_number = data.google_project.this.number
  database       = google_firestore_database.records.name
  bucket         = google_storage_bucket.runs.name
  runner         = google_service_account.runner.email
  invoker        = google_service_account.invoker.email
  model_secret   = "${google_secret_manager_secret.model_key.id}/versions/latest"
  worker_pool    = var.worker_pool == null ? null : google_cloudbuild_worker_pool.builds[0].id
}

resource "google_project_service" "apis" {
  for_each = toset(concat([
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "firebaserules.googleapis.com",
    "firestore.googleapis.com",
    "iam.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
  ], var.budget == null ? [] : ["billingbudgets.googleapis.com"]))

  service = each.value
  # Others in the project may use them.
  disable_on_destroy = false
}
