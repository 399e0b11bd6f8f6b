module "product" {
  source = "../../modules/product"

  environment              = var.environment
  environment_short        = var.environment_short
  critical                 = var.critical
  account_id               = var.account_id
  region                   = var.region
  replica_region           = var.replica_region
  availability_zones       = var.availability_zones
  cidr                     = var.cidr
  domain                   = var.domain
  zone_id                  = var.zone_id
  kubernetes_version       = var.kubernetes_version
  addon_versions           = var.addon_versions
  node_groups              = var.node_groups
  api_client_cidrs         = var.api_client_cidrs
  administrator_role_arns  = var.administrator_role_arns
  ci_systems               = var.ci_systems
  database_class           = var.database_class
  database_storage_gib     = var.database_storage_gib
  cache_type               = var.cache_type
  redis_auth_token         = var.redis_auth_token
  redis_auth_token_version = var.redis_auth_token_version
  account_wide             = var.account_wide
  alert_emails             = var.alert_emails
  monthly_budget_usd       = var.monthly_budget_usd
  log_retention_days       = var.log_retention_days

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
    aws.replica   = aws.replica
  }
}
