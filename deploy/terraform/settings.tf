# What the server is told, and what the database has indexes for. Nothing of a provider is named here: the tests evaluate
# this file by itself, with values in the place of what main.tf takes from resources.

locals {
  public_url = coalesce(var.public_url, "https://${var.name}-${local.project_number}.${var.region}.run.app")
  # Where an instance is always there it works between requests; elsewhere it sleeps, and can hear of nothing.
  always_on = var.min_instances > 0

  # Those that are null are not set. PORT is Cloud Run's, the secret is in service.tf.
  settings = {
    HOST                           = "0.0.0.0"
    SLIPWAY_PUBLIC_URL             = local.public_url
    SLIPWAY_DATA_DIR               = "/tmp/slipway"
    SLIPWAY_AUTH                   = var.auth
    SLIPWAY_IAP_AUDIENCE           = var.iap_audience
    SLIPWAY_STORE                  = "firestore"
    SLIPWAY_FIRESTORE_DATABASE     = local.database
    SLIPWAY_FIRESTORE_WORD         = local.always_on ? "streams" : "polling"
    SLIPWAY_EXECUTOR               = "cloud-build"
    GOOGLE_CLOUD_PROJECT           = var.project
    SLIPWAY_REGION                 = var.region
    SLIPWAY_BUCKET                 = local.bucket
    SLIPWAY_RUNNER_SERVICE_ACCOUNT = local.runner
    SLIPWAY_RUNNER_IMAGE           = var.runner_image
    SLIPWAY_MACHINE_TYPE           = var.machine_type
    SLIPWAY_WORKER_POOL            = local.worker_pool
    # Builds have no right to it: with a public address they need no key. `slipway doctor --google` looks whether it is there.
    SLIPWAY_MODEL_SECRET   = local.model_secret
    SLIPWAY_INVOKER        = local.invoker
    SLIPWAY_ISOLATION      = var.isolation
    SLIPWAY_CONCURRENCY    = tostring(var.concurrency)
    SLIPWAY_RETENTION_DAYS = var.retention_days == null ? null : tostring(var.retention_days)
    ANTHROPIC_BASE_URL     = var.model_base_url
  }
  environment = { for name, value in local.settings : name => value if value != null }

  # The one list of indexes, which the tests of the store compare with every query.
  firestore = jsondecode(file("${path.module}/../firestore/indexes.json"))
  indexes = {
    for index in local.firestore.indexes :
    join("/", concat([index.collectionGroup], [for field in index.fields : "${field.fieldPath} ${field.order}"])) => index
  }
  field_overrides = {
    for field in local.firestore.fieldOverrides : "${field.collectionGroup}/${field.fieldPath}" => {
      collection = field.collectionGroup
      field      = field.fieldPath
      ttl        = try(field.ttl, false)
    }
  }
}
