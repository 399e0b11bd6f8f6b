// The rules of the stage `sast`. All are warnings: which of them fail is decided from the report (ci/src/core/gates/sast).
import parser from "@typescript-eslint/parser"
import noUnsanitized from "eslint-plugin-no-unsanitized"
import regexp from "eslint-plugin-regexp"
import security from "eslint-plugin-security"

const everyRuleOf = (plugin, prefix) => Object.fromEntries(Object.keys(plugin.rules).map((rule) => [`${prefix}/${rule}`, "warn"]))

// `no-implied-eval` and `no-eval` look at these alone where somebody says that they are there.
const globals = Object.fromEntries(["eval", "execScript", "global", "globalThis", "self", "setImmediate", "setInterval", "setTimeout", "window"].map((name) => [name, "readonly"]))

export default [
  {
    files: ["**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}"],
    // The parser of TypeScript reads JavaScript and JSX as well.
    languageOptions: { parser, globals, parserOptions: { ecmaVersion: "latest", sourceType: "module", ecmaFeatures: { jsx: true } } },
    linterOptions: { reportUnusedDisableDirectives: "off", reportUnusedInlineConfigs: "off" },
    plugins: { security, regexp, "no-unsanitized": noUnsanitized },
    rules: {
      ...everyRuleOf(security, "security"),
      ...everyRuleOf(noUnsanitized, "no-unsanitized"),
      // Each of these two has a better one below: that takes indirect calls too, those find the regular expressions that really backtrack.
      "security/detect-eval-with-expression": "off",
      "security/detect-unsafe-regex": "off",
      "no-eval": "warn",
      "regexp/no-super-linear-backtracking": "warn",
      "regexp/no-super-linear-move": "warn",
      "no-implied-eval": "warn",
      "no-new-func": "warn",
      "no-script-url": "warn",
      "no-restricted-syntax": ["warn", { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "dangerouslySetInnerHTML: React writes this text into the page as it is" }],
    },
  },
]
