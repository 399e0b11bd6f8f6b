import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { removeAfterTests } from "./cleanup.js"
import { ROOT } from "./daggerw.js"

const git = (cwd: string, env: Readonly<Record<string, string>>, ...argv: string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.org", ...argv], { cwd, encoding: "utf8", env: { ...process.env, ...env } }).trim()

/** This repository as it lies here, what is not committed too, behind git's own HTTP server, under one tag. */
export async function serveModule(host: string, tag: string): Promise<{ address: string; server: Server }> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-test-"))
  removeAfterTests(folder)
  git(folder, {}, "init", "-q", "--bare", "delivery.git")
  const index = { GIT_INDEX_FILE: join(folder, "index") }
  git(ROOT, index, "add", "-A")
  const commit = git(ROOT, {}, "commit-tree", git(ROOT, index, "write-tree"), "-m", "as it lies here")
  git(ROOT, {}, "push", "-q", join(folder, "delivery.git"), `${commit}:refs/heads/main`, `${commit}:refs/tags/${tag}`)
  git(join(folder, "delivery.git"), {}, "symbolic-ref", "HEAD", "refs/heads/main")
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://x")
    const program = spawn("git", ["http-backend"], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: "1",
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? "GET",
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      },
      stdio: ["pipe", "pipe", "inherit"],
    })
    request.pipe(program.stdin)
    const chunks: Buffer[] = []
    program.stdout.on("data", (chunk: Buffer) => chunks.push(chunk))
    program.on("close", () => {
      const whole = Buffer.concat(chunks)
      const end = whole.indexOf("\r\n\r\n")
      const headers = whole.subarray(0, end).toString().split("\r\n").map((line) => line.split(": ") as [string, string])
      const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200)
      response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status")))
      response.end(whole.subarray(end + 4))
    })
  })
  // Dagger 0.21 leaves out the port of a module's address.
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(80, host, resolve))
  return { address: `http://${host}/delivery.git@${tag}`, server }
}
