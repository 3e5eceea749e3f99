resource "google_firestore_database" "records" {
  name                    = var.database
  location_id             = coalesce(var.database_location, var.region)
  type                    = "FIRESTORE_NATIVE"
  delete_protection_state = var.protect ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy         = var.protect ? "ABANDON" : "DELETE"
  # A day's mistake can be undone: docs/DEPLOY.md says how.
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  depends_on                        = [google_project_service.apis]
}

resource "google_firestore_index" "queries" {
  for_each    = local.indexes
  database    = google_firestore_database.records.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# Fields that are in no index, and those by which the database deletes what has expired.
resource "google_firestore_field" "overrides" {
  for_each   = local.field_overrides
  database   = google_firestore_database.records.name
  collection = each.value.collection
  field      = each.value.field

  # Empty: no index at all. Without the block, the field would have the usual ones.
  index_config {}

  dynamic "ttl_config" {
    for_each = each.value.ttl ? [true] : []
    content {}
  }
}

# No browser and no app gets anything: only servers, with an account of the project, to which rules do not apply.
resource "google_firebaserules_ruleset" "deny" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/../firestore/firestore.rules")
    }
  }
  depends_on = [google_firestore_database.records]
}

resource "google_firebaserules_release" "deny" {
  name         = var.database == "(default)" ? "cloud.firestore" : "cloud.firestore/${var.database}"
  ruleset_name = google_firebaserules_ruleset.deny.name
}
