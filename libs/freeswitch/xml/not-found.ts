import { element, renderDocument } from './element.ts';

/** "We have nothing to say": FreeSWITCH goes on to its next binding, silently, then to its own files. */
export const NOT_FOUND = renderDocument(
  element('section', { name: 'result' }, [element('result', { status: 'not found' })]),
);
