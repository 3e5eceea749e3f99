# Who wakes the server: Cloud Build through Pub/Sub when a build changes, and Cloud Scheduler each minute. Both may be
# lost, repeated or late without harm.

# Cloud Build tells of every build in the project on a topic of this name.
resource "google_pubsub_topic" "builds" {
  name                       = "cloud-builds"
  message_retention_duration = "3600s"
  depends_on                 = [google_project_service.apis]
}

resource "google_pubsub_topic" "dead_builds" {
  name       = "${var.name}-dead-build-events"
  depends_on = [google_project_service.apis]
}

# Kept for a week, for whoever wants to know why they did not arrive.
resource "google_pubsub_subscription" "dead_builds" {
  name                       = "${var.name}-dead-build-events"
  topic                      = google_pubsub_topic.dead_builds.id
  message_retention_duration = "604800s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic_iam_member" "agent_publishes_dead" {
  topic  = google_pubsub_topic.dead_builds.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "agent_takes_dead" {
  count        = var.server_image == null ? 0 : 1
  subscription = google_pubsub_subscription.builds[0].id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_subscription" "builds" {
  count                      = var.server_image == null ? 0 : 1
  name                       = "${var.name}-build-events"
  topic                      = google_pubsub_topic.builds.id
  ack_deadline_seconds       = 60
  message_retention_duration = "3600s"
  depends_on                 = [google_service_account_iam_member.pubsub_signs_as_invoker]

  push_config {
    push_endpoint = "${local.public_url}/internal/build-events"
    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = local.public_url
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_builds.id
    max_delivery_attempts = 10
  }

  expiration_policy {
    ttl = ""
  }
}

resource "google_cloud_scheduler_job" "reconcile" {
  count       = var.server_image == null ? 0 : 1
  name        = "${var.name}-reconcile"
  description = "Drives runs on where nothing else does."
  region      = var.region
  schedule    = "* * * * *"
  time_zone   = "Etc/UTC"
  # A round takes up to 50 seconds.
  attempt_deadline = "180s"

  http_target {
    http_method = "POST"
    uri         = "${local.public_url}/internal/reconcile"
    oidc_token {
      service_account_email = google_service_account.invoker.email
      audience              = local.public_url
    }
  }

  # The next minute is the next try.
  retry_config {
    retry_count = 0
  }

  depends_on = [google_cloud_run_v2_service.server]
}
