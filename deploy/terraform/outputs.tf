output "public_url" {
  description = "Where the server is, or will be, reached."
  value       = local.public_url
}

output "image_repository" {
  description = "Where cloudbuild.yaml puts the images: its _REPOSITORY."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

output "bucket" {
  description = "The bucket of bundles, logs and artifacts."
  value       = google_storage_bucket.runs.name
}

output "model_key_secret" {
  description = "The secret that the model key belongs into."
  value       = google_secret_manager_secret.model_key.secret_id
}

output "deployer" {
  description = "Account that cloudbuild.yaml runs as: its _DEPLOYER."
  value       = google_service_account.deployer.email
}

output "server_account" {
  description = "Account of the server."
  value       = google_service_account.server.email
}

output "runner_account" {
  description = "Account of the build steps."
  value       = google_service_account.runner.email
}

output "environment" {
  description = "Settings of the server, for slipway doctor --google on another machine."
  value       = local.environment
}
