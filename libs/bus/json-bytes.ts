/** A record's value that is JSON already (UTF-8): it is sent as it is. */
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
