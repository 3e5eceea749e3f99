# The place of the model key. The key itself never goes through Terraform, whose state would keep it; docs/DEPLOY.md has
# the command that puts it here.
resource "google_secret_manager_secret" "model_key" {
  secret_id           = "${var.name}-anthropic-api-key"
  deletion_protection = var.protect
  depends_on          = [google_project_service.apis]

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }
}
