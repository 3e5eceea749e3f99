variable "project" {
  description = "Id of the Google Cloud project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "The project has to be given by its id: 6 to 30 small letters, digits and hyphens, such as my-project-1."
  }
}

variable "region" {
  description = "Region of server, builds, images and bucket. Choose one that Cloud Build's pools are in."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "The region has to be one such as us-central1 or europe-west4: no zone, and no multi-region."
  }
}

variable "database_location" {
  description = "Location of the Firestore database, which can never be changed; the region when null. nam5 and eur3 are multi-regions."
  type        = string
  default     = null
}

variable "name" {
  description = "Name of the service, and what the names of everything else begin with."
  type        = string
  default     = "slipway"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "The name has to be 3 to 20 small letters, digits and hyphens: the names of accounts are made of it."
  }
}

variable "database" {
  description = "Name of the Firestore database. A project may have other databases beside it."
  type        = string
  default     = "slipway"

  validation {
    condition     = var.database == "(default)" || can(regex("^[a-z][a-z0-9-]{2,61}[a-z0-9]$", var.database))
    error_message = "The database has to be (default), or 4 to 63 small letters, digits and hyphens."
  }
}

variable "bucket" {
  description = "Name of the bucket; <project>-<name> when null. It has to be free in all of Cloud Storage."
  type        = string
  default     = null

  validation {
    condition     = var.bucket == null || can(regex("^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "The bucket has to be given by its name alone: 3 to 63 small letters, digits, dots, hyphens and underscores."
  }
}

variable "server_image" {
  description = "Image of the server, as cloudbuild.yaml prints it. While null, everything is made but the service and what calls it."
  type        = string
  default     = null
}

variable "runner_image" {
  description = "Image of the build steps. When null, the one that was built together with the server's image."
  type        = string
  default     = null
}

variable "auth" {
  description = "Who is let in: api-key (keys of slipway keys create), or iap (people that Identity-Aware Proxy lets in)."
  type        = string
  default     = "api-key"

  validation {
    condition     = contains(["api-key", "iap"], var.auth)
    error_message = "The server can be reached from everywhere: auth has to be api-key or iap."
  }

  validation {
    condition     = var.auth != "iap" || var.iap_audience != null
    error_message = "With auth = \"iap\", iap_audience has to be the audience of the proxy's backend."
  }
}

variable "iap_audience" {
  description = "Audience of Identity-Aware Proxy's assertions: /projects/NUMBER/global/backendServices/ID."
  type        = string
  default     = null
}

variable "public_url" {
  description = "Address that clients and builds reach the server at; the one that Cloud Run gives it when null."
  type        = string
  default     = null

  validation {
    condition     = var.public_url == null || can(regex("^https://[^/?#]+$", var.public_url))
    error_message = "The address has to begin with https:// and end with the name of the host."
  }
}

variable "min_instances" {
  description = "Instances that are always there. 0 costs nothing at rest; from 1 on they also work between requests."
  type        = number
  default     = 0

  validation {
    condition     = var.min_instances >= 0 && floor(var.min_instances) == var.min_instances
    error_message = "min_instances has to be a whole number from 0 on."
  }
}

variable "max_instances" {
  description = "Instances at most."
  type        = number
  default     = 4

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 100 && var.max_instances >= var.min_instances
    error_message = "max_instances has to be from 1 to 100, and no less than min_instances."
  }
}

variable "cpu" {
  description = "Processors of an instance."
  type        = string
  default     = "1"

  validation {
    condition     = contains(["1", "2", "4"], var.cpu)
    error_message = "cpu has to be 1, 2 or 4."
  }
}

variable "memory" {
  description = "Memory of an instance. What is written to its disk counts, too: turns of conversations need a copy of Claude Code (250 MB), and about 300 MB each."
  type        = string
  default     = "2Gi"

  validation {
    condition     = can(regex("^([1-9][0-9]*Gi|(51[2-9]|5[2-9][0-9]|[6-9][0-9]{2}|[1-9][0-9]{3,})Mi)$", var.memory))
    error_message = "The memory has to be at least 512Mi, in Mi or Gi."
  }
}

variable "isolation" {
  description = "For turns of conversations, which execute beside the server: relaxed goes without control groups, which Cloud Run does not let be made; strict sends turns to builds then, and a turn takes as long as a build needs to start."
  type        = string
  default     = "relaxed"

  validation {
    condition     = contains(["strict", "relaxed"], var.isolation)
    error_message = "isolation has to be strict or relaxed."
  }
}

variable "concurrency" {
  description = "Runs that one instance drives at once. Each waits for its build, which takes next to no processor time."
  type        = number
  default     = 50

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "concurrency has to be from 1 to 1000."
  }
}

variable "retention_days" {
  description = "Finished runs are deleted after so many days; never when null."
  type        = number
  default     = null

  validation {
    condition     = var.retention_days == null || try(var.retention_days >= 1, false)
    error_message = "retention_days has to be at least 1."
  }
}

variable "machine_type" {
  description = "Machine of the builds. E2_STANDARD_2 is there at once; the others take some time to come."
  type        = string
  default     = "E2_STANDARD_2"

  validation {
    condition     = contains(["E2_MEDIUM", "E2_STANDARD_2", "E2_HIGHCPU_8", "E2_HIGHCPU_32"], var.machine_type)
    error_message = "machine_type has to be E2_MEDIUM, E2_STANDARD_2, E2_HIGHCPU_8 or E2_HIGHCPU_32."
  }
}

variable "worker_pool" {
  description = "Private pool for the builds; none, and Google's default pool, when null. peered_network is the full name of a network."
  type = object({
    machine_type   = optional(string, "e2-standard-2")
    disk_size_gb   = optional(number, 100)
    no_external_ip = optional(bool, false)
    peered_network = optional(string)
  })
  default = null

  validation {
    condition     = var.worker_pool == null || var.machine_type == "E2_STANDARD_2"
    error_message = "A private pool has a machine of its own: set worker_pool.machine_type and leave machine_type as it is."
  }
}

variable "model_base_url" {
  description = "Address of the model service; Anthropic's own when null."
  type        = string
  default     = null

  validation {
    condition     = var.model_base_url == null || can(regex("^https://[^/?#]+", var.model_base_url))
    error_message = "The address of the model service has to begin with https://."
  }
}

variable "job_days" {
  description = "What a run left in jobs/ is deleted after so many days. The server deletes it at the run's end; this is for what it could not."
  type        = number
  default     = 3

  validation {
    condition     = var.job_days >= 2
    error_message = "job_days has to be at least 2: a build may wait for an hour and run for a day."
  }
}

variable "log_days" {
  description = "Logs of builds are deleted after so many days."
  type        = number
  default     = 30

  validation {
    condition     = var.log_days >= 2
    error_message = "log_days has to be at least 2: live events are read from the log."
  }
}

variable "budget" {
  description = "Warns whoever administers billing at 50, 90 and 100 % of a month's sum. Nothing is switched off."
  type = object({
    billing_account = string
    amount          = number
    currency        = optional(string, "USD")
  })
  default = null

  validation {
    condition     = var.budget == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.budget.billing_account))
    error_message = "budget.billing_account has to be an id such as 012345-6789AB-CDEF01."
  }

  validation {
    condition     = var.budget == null || try(var.budget.amount >= 1 && floor(var.budget.amount) == var.budget.amount, false)
    error_message = "budget.amount has to be a whole number from 1 on."
  }
}

variable "protect" {
  description = "Service, database and secret cannot be destroyed by Terraform. To tear down, apply with false first."
  type        = bool
  default     = true
}
