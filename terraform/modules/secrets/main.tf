# The names are those that the chart's ExternalSecrets ask for. What is in them is written once by a person or a job (docs/terraform.md); only the cache's address and password are known here.
resource "aws_secretsmanager_secret" "main" {
  for_each                = var.secrets
  name                    = "${var.prefix}/${each.key}"
  description             = each.value
  kms_key_id              = var.data_key_arn
  recovery_window_in_days = var.recovery_window_days

  dynamic "replica" {
    for_each = var.replica_region == null ? [] : [var.replica_region]
    content {
      region = replica.value
    }
  }
}

resource "aws_secretsmanager_secret_policy" "main" {
  for_each            = aws_secretsmanager_secret.main
  secret_arn          = each.value.arn
  block_public_policy = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NobodyOutsideTheAccount"
      Effect    = "Deny"
      Principal = "*"
      Action    = "secretsmanager:GetSecretValue"
      Resource  = "*"
      Condition = { StringNotEquals = { "aws:PrincipalAccount" = var.account_id } }
    }]
  })
}

resource "aws_secretsmanager_secret_version" "redis" {
  secret_id                = aws_secretsmanager_secret.main["redis"].id
  secret_string_wo         = jsonencode({ url = "rediss://:${var.redis_auth_token}@${var.redis_address}:6379/0" })
  secret_string_wo_version = var.redis_auth_token_version
}
