output "address" {
  description = "Host that writes go to."
  value       = aws_elasticache_replication_group.main.primary_endpoint_address
}

output "id" {
  description = "Name of the cache, as alarms know it."
  value       = aws_elasticache_replication_group.main.id
}
