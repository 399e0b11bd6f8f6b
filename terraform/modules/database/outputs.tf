output "address" {
  description = "Host of the database."
  value       = aws_db_instance.main.address
}

output "arn" {
  description = "The instance."
  value       = aws_db_instance.main.arn
}

output "identifier" {
  description = "Name of the instance, as alarms know it."
  value       = aws_db_instance.main.identifier
}

output "master_secret_arn" {
  description = "Where RDS keeps the administrator's password."
  value       = one(aws_db_instance.main.master_user_secret[*].secret_arn)
}
