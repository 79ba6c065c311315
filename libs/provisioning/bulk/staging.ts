import { randomBytes } from 'node:crypto';
import type { ClientBase } from 'pg';
import { createSecretBox, type SecretBox } from '../../sealing/secret-box.ts';
import type { Item } from '../resource/resource.ts';
import { createStaging, insertPortion, readPortion } from './staging.sql.ts';

/** A row that may be stored, as far as it can be told without the database. */
export interface GoodRow {
  line: number;
  item: Item;
}

/**
 * Rows of a file that was not read to its end yet, kept in temporary tables of the transaction: memory does not grow with
 * the file, and nothing that others use is locked while a client sends. Files hold passwords, so rows are sealed with a key
 * that lives as long as this object.
 */
export class Staging {
  readonly #client: ClientBase;
  readonly #box: SecretBox;
  #portions = 0;

  private constructor(client: ClientBase) {
    this.#client = client;
    this.#box = createSecretBox(randomBytes(32).toString('hex'));
  }

  static async open(client: ClientBase): Promise<Staging> {
    await createStaging(client);
    return new Staging(client);
  }

  async add(rows: readonly GoodRow[]): Promise<void> {
    if (rows.length === 0) return;
    await insertPortion(this.#client, this.#portions, this.#box.seal(JSON.stringify(rows)));
    this.#portions += 1;
  }

  /** All rows in their order, by the portions they were added in. */
  async *portions(): AsyncGenerator<GoodRow[]> {
    for (let place = 0; place < this.#portions; place += 1) {
      yield JSON.parse(this.#box.open(await readPortion(this.#client, place))) as GoodRow[];
    }
  }
}
