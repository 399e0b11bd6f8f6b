const BLOCK = 512
const SIZE_FIELD = { at: 124, length: 12 }
const MTIME_FIELD = { at: 136, length: 12 }
const CHECKSUM_FIELD = { at: 148, length: 8 }
const TYPE_AT = 156
const EXTENDED_HEADER = "x".charCodeAt(0)
const TIME_KEYS = ["mtime", "atime", "ctime"]

/** A tar archive whose files all have the time 0; everything else in it, their order too, stays as it is. */
export function withoutTimes(archive: Uint8Array): Uint8Array {
  // A Buffer would hand out parts of itself where copies are wanted.
  const tar = new Uint8Array(archive.buffer, archive.byteOffset, archive.length)
  const pieces: Uint8Array[] = []
  let offset = 0
  while (offset + BLOCK <= tar.length) {
    const header = tar.slice(offset, offset + BLOCK)
    // Two empty blocks end it; whatever pads it after them is the same for the same files.
    if (header.every((byte) => byte === 0)) break
    const size = numberIn(header, SIZE_FIELD)
    const end = offset + BLOCK + Math.ceil(size / BLOCK) * BLOCK
    if (end > tar.length) throw new Error(`the archive ends within the file at ${offset}`)
    const body = tar.subarray(offset + BLOCK, end)
    if (header[TYPE_AT] === EXTENDED_HEADER) {
      const records = recordsWithoutTimes(body.subarray(0, size))
      // What held nothing but times is left out, or its being there would tell of them.
      if (records.length > 0) pieces.push(timeless(header, records.length), padded(records))
    } else pieces.push(timeless(header, size), body)
    offset = end
  }
  pieces.push(new Uint8Array(2 * BLOCK))
  return concat(pieces)
}

function numberIn(header: Uint8Array, { at, length }: typeof SIZE_FIELD): number {
  const field = header.slice(at, at + length)
  // Beyond 8 GiB as a number of its own kind.
  if (((field[0] ?? 0) & 0x80) !== 0) return field.slice(1).reduce((sum, byte) => sum * 256 + byte, 0)
  return parseInt(text(field).replace(/\0.*$/, "").trim() || "0", 8)
}

function timeless(header: Uint8Array, size: number): Uint8Array {
  const made = header.slice()
  write(made, MTIME_FIELD.at, "00000000000\0")
  if (size !== numberIn(header, SIZE_FIELD)) write(made, SIZE_FIELD.at, `${size.toString(8).padStart(11, "0")}\0`)
  made.fill(0x20, CHECKSUM_FIELD.at, CHECKSUM_FIELD.at + CHECKSUM_FIELD.length)
  const sum = made.reduce((total, byte) => total + byte, 0)
  write(made, CHECKSUM_FIELD.at, `${sum.toString(8).padStart(6, "0")}\0 `)
  return made
}

/** Records of an extended header are `<length> <key>=<value>\n`, the length that of the whole record in bytes. */
function recordsWithoutTimes(body: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = []
  let offset = 0
  while (offset < body.length) {
    const length = parseInt(text(body.slice(offset, offset + 20)), 10)
    if (!(length > 0)) break
    const record = body.slice(offset, offset + length)
    const key = /^\d+ ([^=]+)=/.exec(text(record))?.[1] ?? ""
    if (!TIME_KEYS.includes(key)) kept.push(record)
    offset += length
  }
  return concat(kept)
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  whole.set(bytes)
  return whole
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    whole.set(piece, offset)
    offset += piece.length
  }
  return whole
}

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes.slice(0, 200))
const write = (bytes: Uint8Array, at: number, value: string): void => [...value].forEach((character, index) => (bytes[at + index] = character.charCodeAt(0)))
