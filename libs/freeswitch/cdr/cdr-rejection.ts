import { CodedError } from '../../errors/coded-error.ts';

/** Why a body is not a CDR that we can read. The bytes are kept whole under this reason. */
export type CdrRejectReason =
  | 'cdr-empty'
  | 'cdr-unrecognised'
  | 'cdr-truncated'
  | 'cdr-malformed'
  | 'cdr-ambiguous'
  | 'cdr-no-uuid'
  | 'cdr-no-start';

export interface CdrRejection {
  reason: CdrRejectReason;
  /** for a person: what was met, without the content */
  detail: string;
}

/** Thrown by the parser, its reason for a code; `parseCdr` turns it into an answer. */
export class CdrRejected extends CodedError {
  readonly rejection: CdrRejection;

  constructor(reason: CdrRejectReason, detail: string) {
    super(reason, detail);
    this.name = 'CdrRejected';
    this.rejection = { reason, detail };
  }
}
