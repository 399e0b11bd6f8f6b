output "url" {
  description = "Where users reach the product."
  value       = "https://${var.domain}"
}

output "target_group_arn" {
  description = "What a TargetGroupBinding of the gateway names."
  value       = aws_lb_target_group.gateway.arn
}

output "load_balancer_suffix" {
  description = "The load balancer as its metrics name it."
  value       = aws_lb.main.arn_suffix
}

output "web_acl_arn" {
  description = "The web application firewall."
  value       = aws_wafv2_web_acl.main.arn
}
