// Answers one function call of the engine. Does what the SDK's own entrypoint.js does, with the scan's stored result.
import { dag } from "./node_modules/@dagger.io/dagger/dist/src/api/client.gen.js"
import { ExecError } from "./node_modules/@dagger.io/dagger/dist/src/common/errors/ExecError.js"
import { GraphQLRequestError } from "./node_modules/@dagger.io/dagger/dist/src/common/errors/GraphQLRequestError.js"
import { connection } from "./node_modules/@dagger.io/dagger/dist/src/connect.js"
import { invoke } from "./node_modules/@dagger.io/dagger/dist/src/module/entrypoint/invoke.js"
import { Executor } from "./node_modules/@dagger.io/dagger/dist/src/module/executor.js"
import { DaggerEnum, DaggerObject } from "./scanned.mjs"
import * as telemetry from "./node_modules/@dagger.io/dagger/dist/src/telemetry/telemetry.js"

const revive = (prototype, fields) => Object.assign(Object.create(prototype), fields)
const mapValues = (record, f) => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))
const reviveMethod = (method) => ({ ...method, getArgsOrder: () => method.order })

function reviveModule(shape) {
  return {
    name: shape.name,
    interfaces: {},
    objects: mapValues(shape.objects, (object) =>
      revive(DaggerObject.prototype, {
        ...object,
        kind: () => object.kind,
        _constructor: object.constructorMethod && reviveMethod(object.constructorMethod),
        methods: mapValues(object.methods, reviveMethod),
      }),
    ),
    enums: mapValues(shape.enums, (en) => revive(DaggerEnum.prototype, en)),
  }
}

/** Only message and extensions of an error leave the module. */
function toDaggerError(error) {
  if (!(error instanceof Error)) return dag.error(typeof error === "string" ? error : JSON.stringify(error))
  let result = dag.error(error.message)
  if (error instanceof ExecError || error instanceof GraphQLRequestError) {
    for (const [key, value] of Object.entries(error.extensions ?? {})) {
      if (value !== "" && value !== undefined && value !== null) result = result.withValue(key, JSON.stringify(value))
    }
  }
  return result
}

export async function serve(shape, modules) {
  await connection(
    async () => {
      const call = dag.currentFunctionCall()
      const [parentName, fnName, parent, inputs] = await Promise.all([call.parentName(), call.name(), call.parent(), call.inputArgs()])
      if (parentName === "") throw new Error("the engine asked this runtime to register types; it does that through moduleTypes")
      const args = await Promise.all(inputs.map(async (input) => [await input.name(), JSON.parse(await input.value())]))
      const module = reviveModule(shape)
      let result
      try {
        result = await invoke(new Executor(modules, module), module, { parentName, fnName, parentArgs: JSON.parse(parent) ?? {}, fnArgs: Object.fromEntries(args) })
      } catch (error) {
        await call.returnError(toDaggerError(error))
        await telemetry.close()
        process.exit(1)
      }
      await call.returnValue(JSON.stringify(result ?? null))
    },
    { LogOutput: process.stdout },
  )
}
