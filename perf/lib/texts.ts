// The same seed and number give the same document on every machine: two runs send the same bytes.

const words = (
  'report budget service team release market customer result quarter growth plan risk contract supplier ' +
  'delivery quality review change cost value process system network storage request answer user price ' +
  'shows reduces improves explains follows supports requires measures compares confirms delays replaces'
).split(' ');

export type NewDocument = { readonly title: string; readonly text: string };

export function generateDocument(seed: number, number: number): NewDocument {
  const random = mulberry32(seed * 1_000_003 + number);
  const sentences = Array.from({ length: 8 + Math.floor(random() * 8) }, () => sentence(random));
  return { title: `Document ${seed}-${number}`, text: sentences.join(' ') };
}

function sentence(random: () => number): string {
  const chosen = Array.from({ length: 6 + Math.floor(random() * 10) }, () => words[Math.floor(random() * words.length)]);
  const text = chosen.join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

// mulberry32 by Tommy Ettinger (public domain): small, seeded, good enough to vary texts.
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
