# One environment, put together. docs/terraform.md has the picture.
locals {
  name         = "docuthinker-${var.environment_short}"
  cluster_name = "docuthinker-eks-${var.environment_short}"
  # The namespace that delivery.yaml deploys to.
  namespace = "docuthinker-${var.environment_short}"
  buckets   = { uploads = {}, backups = { expire_days = 365 } }
}

module "encryption" {
  source     = "../encryption"
  name       = local.name
  account_id = var.account_id
  region     = var.region
}

module "network" {
  source             = "../network"
  name               = local.name
  region             = var.region
  cidr               = var.cidr
  availability_zones = var.availability_zones
  nat_per_zone       = var.critical
  log_retention_days = var.log_retention_days
  logs_key_arn       = module.encryption.logs_key_arn
}

module "eks" {
  source              = "../eks"
  cluster_name        = local.cluster_name
  kubernetes_version  = var.kubernetes_version
  subnet_ids          = module.network.private_subnet_ids
  api_client_cidrs    = var.api_client_cidrs
  deletion_protection = var.critical
  node_groups         = var.node_groups
  addon_versions      = var.addon_versions
  pod_identities      = local.pod_identities
  access              = local.access
  log_retention_days  = var.log_retention_days
  data_key_arn        = module.encryption.data_key_arn
  logs_key_arn        = module.encryption.logs_key_arn
}

module "database" {
  source                   = "../database"
  name                     = local.name
  instance_class           = var.database_class
  database_name            = "docuthinker"
  storage_gib              = var.database_storage_gib
  multi_az                 = var.critical
  backup_retention_days    = var.critical ? 30 : 7
  deletion_protection      = var.critical
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.private_subnet_ids
  client_security_group_id = module.eks.cluster_security_group_id
  log_retention_days       = var.log_retention_days
  data_key_arn             = module.encryption.data_key_arn
  logs_key_arn             = module.encryption.logs_key_arn
}

module "cache" {
  source                   = "../cache"
  name                     = local.name
  node_type                = var.cache_type
  replicas                 = var.critical ? 2 : 0
  auth_token               = var.redis_auth_token
  auth_token_version       = var.redis_auth_token_version
  snapshot_retention_days  = var.critical ? 7 : 1
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.private_subnet_ids
  client_security_group_id = module.eks.cluster_security_group_id
  log_retention_days       = var.log_retention_days
  data_key_arn             = module.encryption.data_key_arn
  logs_key_arn             = module.encryption.logs_key_arn
}

module "storage" {
  source             = "../storage"
  name               = local.name
  account_id         = var.account_id
  buckets            = local.buckets
  replication        = one(module.dr[*].replication)
  log_retention_days = var.log_retention_days
  data_key_arn       = module.encryption.data_key_arn
}

# Images are promoted by digest, so one registry serves every environment.
module "registry" {
  source       = "../registry"
  count        = var.account_wide ? 1 : 0
  repositories = var.repositories
  data_key_arn = module.encryption.data_key_arn
}

module "secrets" {
  source     = "../secrets"
  prefix     = "docuthinker/${var.environment}"
  account_id = var.account_id
  secrets = {
    postgresql = "What the chart asks for: url, host, database, sslmode, backup-user, backup-password"
    redis      = "What the chart asks for: url"
  }
  redis_address            = module.cache.address
  redis_auth_token         = var.redis_auth_token
  redis_auth_token_version = var.redis_auth_token_version
  replica_region           = var.critical ? var.replica_region : null
  data_key_arn             = module.encryption.data_key_arn
}

module "edge" {
  source                    = "../edge"
  name                      = local.name
  account_id                = var.account_id
  domain                    = var.domain
  zone_id                   = var.zone_id
  vpc_id                    = module.network.vpc_id
  subnet_ids                = module.network.private_subnet_ids
  cluster_security_group_id = module.eks.cluster_security_group_id
  deletion_protection       = var.critical
  log_bucket                = module.storage.log_bucket
  log_retention_days        = var.log_retention_days

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }
}

module "observability" {
  source               = "../observability"
  name                 = local.name
  environment          = var.environment
  account_id           = var.account_id
  account_wide         = var.account_wide
  alert_emails         = var.alert_emails
  monthly_budget_usd   = var.monthly_budget_usd
  load_balancer_suffix = module.edge.load_balancer_suffix
  database_identifier  = module.database.identifier
  cache_id             = module.cache.id
  log_bucket           = module.storage.log_bucket
  log_retention_days   = var.log_retention_days
  logs_key_arn         = module.encryption.logs_key_arn
}

module "backup" {
  source                = "../backup"
  name                  = local.name
  account_id            = var.account_id
  database_arn          = module.database.arn
  database_subnet_group = local.name
  copy_to_vault_arn     = one(module.dr[*].vault_arn)
  topic_arn             = module.observability.topic_arn
  data_key_arn          = module.encryption.data_key_arn
}

module "ci_identity" {
  source          = "../ci-identity"
  name            = local.name
  account_id      = var.account_id
  region          = var.region
  cluster_name    = local.cluster_name
  repository_arns = [for name in var.repositories : "arn:aws:ecr:${var.region}:${var.account_id}:repository/${name}"]
  make_providers  = var.account_wide
  systems         = var.ci_systems
}

module "dr" {
  source                = "../dr"
  count                 = var.critical ? 1 : 0
  name                  = local.name
  account_id            = var.account_id
  region                = var.region
  replica_region        = var.replica_region
  buckets               = keys(local.buckets)
  repository_prefix     = "docuthinker"
  database_arn          = module.database.arn
  backup_retention_days = 14
  data_key_arn          = module.encryption.data_key_arn

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }
}
