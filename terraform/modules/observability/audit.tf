# Who did what in the account, and what looks like somebody who should not. Both are the account's: one environment of an account keeps them.
resource "aws_cloudtrail" "main" {
  count                         = var.account_wide ? 1 : 0
  name                          = var.name
  s3_bucket_name                = var.log_bucket
  s3_key_prefix                 = "cloudtrail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = var.logs_key_arn
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail[0].arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.trail[0].arn
}

resource "aws_cloudwatch_log_group" "trail" {
  count             = var.account_wide ? 1 : 0
  name              = "/aws/cloudtrail/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_iam_role" "trail" {
  count = var.account_wide ? 1 : 0
  name  = "${var.name}-cloudtrail"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "trail" {
  count = var.account_wide ? 1 : 0
  name  = "write-trail"
  role  = aws_iam_role.trail[0].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = "${aws_cloudwatch_log_group.trail[0].arn}:*" }]
  })
}

resource "aws_guardduty_detector" "main" {
  count                        = var.account_wide ? 1 : 0
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "main" {
  for_each    = var.account_wide ? toset(["EKS_AUDIT_LOGS", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS", "EBS_MALWARE_PROTECTION"]) : toset([])
  detector_id = aws_guardduty_detector.main[0].id
  name        = each.key
  status      = "ENABLED"
}

resource "aws_cloudwatch_event_rule" "threats" {
  count       = var.account_wide ? 1 : 0
  name        = "${var.name}-threats"
  description = "Findings of GuardDuty from medium severity on"
  event_pattern = jsonencode({
    source        = ["aws.guardduty"]
    "detail-type" = ["GuardDuty Finding"]
    detail        = { severity = [{ numeric = [">=", 4] }] }
  })
}

resource "aws_cloudwatch_event_target" "threats" {
  count = var.account_wide ? 1 : 0
  rule  = aws_cloudwatch_event_rule.threats[0].name
  arn   = aws_sns_topic.alerts.arn
}
