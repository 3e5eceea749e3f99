terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source = "hashicorp/google"
      # The offline check of this folder knows version 6.50; see docs/DEPLOY.md.
      version = "~> 6.50"
    }
  }
}

provider "google" {
  project = var.project
  region  = var.region
  # Budgets are asked for in the name of this project, and not in that of the program that asks.
  billing_project       = var.project
  user_project_override = true
}
