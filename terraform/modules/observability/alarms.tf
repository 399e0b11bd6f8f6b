locals {
  # What users see, then what will make them see it. No data is told too, for whatever always has some.
  alarms = {
    "gateway-5xx"         = { namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 50, minutes = 5, dimensions = { LoadBalancer = var.load_balancer_suffix }, silent = "notBreaching" }
    "gateway-slow"        = { namespace = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p95", above = 0.5, minutes = 5, dimensions = { LoadBalancer = var.load_balancer_suffix }, silent = "notBreaching" }
    "gateway-unreachable" = { namespace = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, minutes = 2, dimensions = { LoadBalancer = var.load_balancer_suffix }, silent = "notBreaching" }
    "database-cpu"        = { namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", above = 80, minutes = 10, dimensions = { DBInstanceIdentifier = var.database_identifier }, silent = "breaching" }
    "database-latency"    = { namespace = "AWS/RDS", metric = "ReadLatency", statistic = "Average", above = 0.05, minutes = 10, dimensions = { DBInstanceIdentifier = var.database_identifier }, silent = "breaching" }
    "cache-memory"        = { namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", above = 80, minutes = 10, dimensions = { ReplicationGroupId = var.cache_id }, silent = "breaching" }
  }
}

resource "aws_cloudwatch_metric_alarm" "main" {
  for_each            = local.alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "docs/terraform.md, ${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  treat_missing_data  = each.value.silent
  dimensions          = each.value.dimensions
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}

resource "aws_cloudwatch_metric_alarm" "database_storage" {
  alarm_name          = "${var.name}-database-storage"
  alarm_description   = "docs/terraform.md, database-storage"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 5 * 1024 * 1024 * 1024
  period              = 60
  evaluation_periods  = 10
  treat_missing_data  = "breaching"
  dimensions          = { DBInstanceIdentifier = var.database_identifier }
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]
}
