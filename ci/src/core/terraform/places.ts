/** Where things lie in the containers of the terraform calls. */
export const TERRAFORM_PLACES = {
  tree: "/work",
  tools: "/tools",
  standIn: "/tools/stand-in/stand-in.mjs",
  schema: "/tools/stand-in/schema.json",
  planOf: "/tools/plan-of.mjs",
  policies: "/tools/policy",
  tflintRules: "/tools/tflint.hcl",
  data: "/data",
  plans: "/plans",
} as const
