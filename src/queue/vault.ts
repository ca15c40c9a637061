import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { secretBytes } from '../core/random.ts';

const nonceBytes = 12;
const tagBytes = 16;
/** The first byte of what is sealed, so that another way of sealing can be told from this one. */
const version = 1;

/** A purpose of its own for each use of the key: what one gives away helps with no other. */
const derived = (key: Uint8Array, purpose: string) =>
  new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `ridethrough queue ${purpose}`, 32));

/**
 * Seals what is kept (AES-256-GCM), and names what must be recognised without being kept. A sealed
 * text is bound to its place: moved to another row or column it does not open.
 */
export class Vault {
  readonly #sealKey: Uint8Array;
  readonly #nameKey: Uint8Array;
  /** Tells two keys apart, and nothing else of them. */
  readonly fingerprint: string;

  /** @param key 32 bytes, see `loadKey` */
  constructor(key: Uint8Array) {
    this.#sealKey = derived(key, 'seal');
    this.#nameKey = derived(key, 'name');
    this.fingerprint = Buffer.from(derived(key, 'fingerprint')).toString('hex').slice(0, 32);
  }

  /**
   * @param place where it will stand: row and column
   * @param plain in pieces, so that who has them apart need not copy a large body to join them
   */
  seal(place: string, ...plain: readonly Uint8Array[]): Uint8Array {
    const nonce = secretBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, nonce);
    cipher.setAAD(Buffer.from(place));
    const body = [...plain.map((piece) => cipher.update(piece)), cipher.final()];
    return Buffer.concat([Uint8Array.of(version), nonce, ...body, cipher.getAuthTag()]);
  }

  /** @throws Error when it was sealed with another key or for another place, or was changed */
  open(place: string, sealed: Uint8Array): Uint8Array {
    if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) throw unopened(place);
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, sealed.subarray(1, 1 + nonceBytes));
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    const body = decipher.update(sealed.subarray(1 + nonceBytes, -tagBytes));
    try {
      return Buffer.concat([body, decipher.final()]);
    } catch {
      throw unopened(place);
    }
  }

  /** A stable name for a secret, which cannot be found again without the key file: 32 hexadecimal digits. */
  nameOf(secret: string): string {
    return createHmac('sha256', this.#nameKey).update(secret).digest('hex').slice(0, 32);
  }
}

function unopened(place: string): Error {
  return new Error(`what is kept as ${place} does not open: it was sealed with another key, or it was changed`);
}
