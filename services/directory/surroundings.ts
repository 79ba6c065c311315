import type { DirectoryModel } from './model/directory-model.ts';

/** How a call gets to a user who is registered on another node. */
export type ForwardVia = 'node' | 'proxy';

/** Everything that an answer is made from beside the question, so that the same of both give the same answer. */
export interface Surroundings {
  model: DirectoryModel;
  /** microseconds since 1970 */
  nowUs: number;
  /** makes a correlation id */
  newId: () => string;
  /** opens a secret that is stored encrypted; undefined: it cannot be read */
  openSecret: (sealed: string) => string | undefined;
  forwardVia: ForwardVia;
  /** the SIP header that joins the legs of a call */
  correlationHeader: string;
}
