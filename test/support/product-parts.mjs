/** What of this repository a delivery of the product reads: the parts of every copy that tests and benches deliver. */
export const PRODUCT_PARTS = ["apps", "charts", "perf", "terraform", "delivery.yaml", "pins.yaml"]

/** Folders that tools leave between the sources. */
export const NOT_SOURCES = /(^|\/)(node_modules|dist|\.venv|__pycache__|coverage|reports)$/
