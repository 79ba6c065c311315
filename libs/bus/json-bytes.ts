/** A record's value that is JSON already: the Kafka bus sends it as it is. */
export class JsonBytes {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** For whoever takes it for a value like others. */
  toJSON(): unknown {
    return JSON.parse(this.bytes.toString());
  }
}
