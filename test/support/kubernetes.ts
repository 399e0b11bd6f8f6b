// The client of the canary's programs, which have packages of their own.
export * from "../../ci/controller/node_modules/@kubernetes/client-node/dist/index.js"
