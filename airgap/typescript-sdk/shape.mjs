// The part of a scanned module that a call needs, as plain JSON.
const mapValues = (record, f) => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]))

const argumentShape = ({ name, type, isVariadic, isNullable, defaultValue }) => ({ name, type, isVariadic, isNullable, defaultValue })

const methodShape = (method) => ({
  name: method.name,
  order: method.getArgsOrder(),
  arguments: mapValues(method.arguments, argumentShape),
  returnType: method.returnType,
})

export function shapeOf(module) {
  const interfaces = Object.keys(module.interfaces)
  if (interfaces.length > 0) throw new Error(`this runtime does not serve Dagger interfaces; the module declares ${interfaces.join(", ")}`)
  return {
    name: module.name,
    objects: mapValues(module.objects, (object) => ({
      name: object.name,
      kind: object.kind(),
      constructorMethod: object._constructor && methodShape(object._constructor),
      methods: mapValues(object.methods ?? {}, methodShape),
      properties: mapValues(object.properties, ({ name, alias, type }) => ({ name, alias, type })),
    })),
    enums: mapValues(module.enums, (en) => ({ name: en.name, values: mapValues(en.values, ({ name, value }) => ({ name, value })) })),
  }
}
