// Stands for the SDK's introspector inside the bundle: its classes serve only as marks for instanceof there.
export class DaggerObject {}
export class DaggerTypeObject {}
export class DaggerEnum {}
export class DaggerEnumClass {}

export function scan() {
  throw new Error("the module was scanned when it was bundled; a second scan is a fault of the kit's runtime")
}
