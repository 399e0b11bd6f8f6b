/** HTML that is safe to put into a page. */
export interface SafeHtml {
  readonly html: string
}

export type HtmlPart = SafeHtml | string | number | null | readonly SafeHtml[]

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** `html\`<p>${text}</p>\``: every value is escaped unless it came from this tag itself. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlPart[]): SafeHtml {
  return { html: parts.map((part, index) => part + (index < values.length ? asHtml(values[index] ?? null) : "")).join("") }
}

function asHtml(value: HtmlPart): string {
  if (value === null) return ""
  if (typeof value === "number") return String(value)
  if (typeof value === "string") return escapeHtml(value)
  return "html" in value ? value.html : value.map((part) => part.html).join("")
}

/** Escapes text for elements and quoted attributes; control characters that no page may hold are dropped. */
export function escapeHtml(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

const ANSI_COLOUR = /\u001b\[[0-9;]*[A-Za-z]/g
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g

/** Text from a terminal without colours and without what neither HTML nor XML may hold. */
export function withoutControls(text: string): string {
  return text.replace(ANSI_COLOUR, "").replace(CONTROLS, "").replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd")
}
