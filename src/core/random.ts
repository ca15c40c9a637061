/** Chance, passed in. Nothing else in `src/` may call `Math.random` or the platform's generator. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A fresh identifier: 20 characters of `[0-9a-z]`, some 103 bits. */
  id(): string;
}

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';
const idLength = 20;

/** The machine's own randomness. Bytes for ids are drawn from the platform in pages. */
export const systemRandom: Random = (() => {
  const page = new Uint8Array(4096);
  let used = page.length;
  /** Of the id that is being drawn. A text that grows letter by letter is twenty texts. */
  const codes: number[] = new Array<number>(idLength).fill(0);
  return {
    next: () => Math.random(),
    id() {
      for (let length = 0; length < idLength; ) {
        if (used === page.length) {
          crypto.getRandomValues(page);
          used = 0;
        }
        const byte = page[used++] as number;
        // 252 = 7 * 36: rejecting the rest keeps every character equally likely.
        if (byte < 252) codes[length++] = alphabet.charCodeAt(byte % 36);
      }
      return String.fromCharCode(...codes);
    },
  };
})();

/**
 * Bytes that nobody can guess, for keys and nonces: always the platform's own, never seeded.
 * @param count up to 65,536
 */
export function secretBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/**
 * A generator that replays: the same seed gives the same numbers and ids, for ever.
 * @see Mulberry32, Tommy Ettinger (public domain)
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    id() {
      let id = '';
      for (let i = 0; i < idLength; i++) id += alphabet[Math.floor(next() * 36)];
      return id;
    },
  };
}
