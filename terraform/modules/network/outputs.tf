output "vpc_id" {
  description = "The network."
  value       = aws_vpc.main.id
}

output "private_subnet_ids" {
  description = "Subnets of nodes, databases and load balancer, one for each zone."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "nat_gateway_ids" {
  description = "Ways out, by zone."
  value       = { for zone, gateway in aws_nat_gateway.main : zone => gateway.id }
}
