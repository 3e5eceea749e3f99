resource "google_cloudbuild_worker_pool" "builds" {
  count      = var.worker_pool == null ? 0 : 1
  name       = "${var.name}-builds"
  location   = var.region
  depends_on = [google_project_service.apis]

  worker_config {
    machine_type   = var.worker_pool.machine_type
    disk_size_gb   = var.worker_pool.disk_size_gb
    no_external_ip = var.worker_pool.no_external_ip
  }

  dynamic "network_config" {
    for_each = var.worker_pool.peered_network == null ? [] : [var.worker_pool.peered_network]
    content {
      peered_network = network_config.value
    }
  }
}

resource "google_billing_budget" "month" {
  count           = var.budget == null ? 0 : 1
  billing_account = var.budget.billing_account
  display_name    = "Slipway in ${var.project}"
  depends_on      = [google_project_service.apis]

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      currency_code = var.budget.currency
      units         = tostring(var.budget.amount)
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1.0]
    content {
      threshold_percent = threshold_rules.value
    }
  }
}
