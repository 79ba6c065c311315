import { codeOf } from '../../../libs/errors/coded-error.ts';
import { type Credentials, headersFor, post } from './http-post.ts';

/** Where mod_xml_curl asks. */
export interface DirectoryBinding {
  url: string;
  credentials?: Credentials | undefined;
  /** Of one question, real ms (10,000). */
  timeoutMs?: number | undefined;
}

export interface Question {
  node: string;
  headers: readonly (readonly [string, string])[];
  body: string;
}

/** A question that was asked and what came back; `status` is 0 when nothing did, and `error` says why. */
export interface Answer {
  node: string;
  section: string;
  keyValue: string;
  action: string;
  user: string;
  status: number;
  body: string;
  error?: string;
}

const ANSWERS_KEPT = 10_000;

/** Asks what mod_xml_curl asked, and keeps the answers. A question is never repeated: FreeSWITCH does not retry. */
export class DirectoryAsker {
  readonly answers: Answer[] = [];
  readonly counts = { asked: 0, answered: 0, notFound: 0, failed: 0 };
  readonly #binding: DirectoryBinding;

  constructor(binding: DirectoryBinding) {
    this.#binding = binding;
  }

  async ask({ node, headers, body }: Question): Promise<Answer> {
    const { url, credentials, timeoutMs = 10_000 } = this.#binding;
    const fields = new URLSearchParams(body);
    const asked = {
      node,
      section: fields.get('section') ?? '',
      keyValue: fields.get('key_value') ?? '',
      action: fields.get('action') ?? fields.get('purpose') ?? '',
      user: fields.get('user') ?? '',
    };
    try {
      const answer = await post({
        url,
        headers: headersFor(headers, { url, body, credentials }),
        body,
        timeoutMs,
      });
      return this.#keep({ ...asked, ...answer });
    } catch (error) {
      return this.#keep({
        ...asked,
        status: 0,
        body: '',
        error: error instanceof DOMException ? error.name : codeOf(error),
      });
    }
  }

  #keep(answer: Answer): Answer {
    this.counts.asked += 1;
    if (answer.status !== 200) this.counts.failed += 1;
    else if (answer.body.includes('status="not found"')) this.counts.notFound += 1;
    else this.counts.answered += 1;
    this.answers.push(answer);
    if (this.answers.length > ANSWERS_KEPT) this.answers.shift();
    return answer;
  }
}
