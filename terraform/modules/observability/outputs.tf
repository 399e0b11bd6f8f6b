output "topic_arn" {
  description = "Topic of alarms."
  value       = aws_sns_topic.alerts.arn
}

output "alarm_names" {
  description = "Every alarm, for the page that says what to do about it."
  value       = concat([for alarm in aws_cloudwatch_metric_alarm.main : alarm.alarm_name], [aws_cloudwatch_metric_alarm.database_storage.alarm_name])
}
