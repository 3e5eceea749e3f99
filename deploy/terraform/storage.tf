resource "google_storage_bucket" "runs" {
  name                        = coalesce(var.bucket, "${var.project}-${var.name}")
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # Artifacts are users' results: Terraform does not delete them unless it is told to.
  force_destroy = !var.protect
  depends_on    = [google_project_service.apis]

  # Objects are written once and deleted by the server: keeping what was deleted would only cost.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.job_days
      matches_prefix = ["jobs/", "probes/", "source/"]
    }
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = var.log_days
      matches_prefix = ["logs/"]
    }
  }

  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = 1
    }
  }
}
