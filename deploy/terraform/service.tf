resource "google_cloud_run_v2_service" "server" {
  count               = var.server_image == null ? 0 : 1
  name                = var.name
  location            = var.region
  deletion_protection = var.protect
  ingress             = "INGRESS_TRAFFIC_ALL"
  # Builds come with the token of their run, clients with a key: the server itself says who may come in.
  invoker_iam_disabled = true

  template {
    service_account       = google_service_account.server.email
    execution_environment = "EXECUTION_ENVIRONMENT_GEN2"
    # As long as a stream of events may last; clients resume.
    timeout                          = "3600s"
    max_instance_request_concurrency = 200

    scaling {
      min_instance_count = var.min_instances
      max_instance_count = var.max_instances
    }

    containers {
      image = var.server_image

      ports {
        container_port = 8080
      }

      resources {
        limits = {
          cpu    = var.cpu
          memory = var.memory
        }
        cpu_idle          = !local.always_on
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = local.environment
        content {
          name  = env.key
          value = env.value
        }
      }

      env {
        name = "ANTHROPIC_API_KEY"
        value_source {
          secret_key_ref {
            secret  = google_secret_manager_secret.model_key.secret_id
            version = "latest"
          }
        }
      }

      # The process is up. Whether Google Cloud is, too, is /readyz's to say: a restart would not mend that.
      startup_probe {
        period_seconds    = 2
        timeout_seconds   = 2
        failure_threshold = 30
        http_get {
          path = "/healthz"
        }
      }

      liveness_probe {
        period_seconds    = 30
        timeout_seconds   = 5
        failure_threshold = 4
        http_get {
          path = "/healthz"
        }
      }
    }
  }

  lifecycle {
    # cloudbuild.yaml deploys new images, and a roll-back sends traffic to an old revision.
    ignore_changes = [template[0].containers[0].image, traffic, client, client_version]
  }

  depends_on = [
    google_artifact_registry_repository_iam_member.runner_pulls,
    google_firestore_field.overrides,
    google_firestore_index.queries,
    google_project_iam_member.server_builds,
    google_project_iam_member.server_pool,
    google_project_iam_member.server_records,
    google_secret_manager_secret_iam_member.server_model_key,
    google_service_account_iam_member.server_starts_as_runner,
    google_storage_bucket_iam_member.runner_bucket,
    google_storage_bucket_iam_member.runner_logs,
    google_storage_bucket_iam_member.runner_objects,
    google_storage_bucket_iam_member.server_objects,
  ]
}
