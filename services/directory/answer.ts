import type { LookupForm } from '../../libs/freeswitch/xml/form.ts';
import { answerConfiguration } from './acl-answer.ts';
import { type Answer, NOTHING_TO_SAY } from './answers.ts';
import { answerDialplan } from './dialplan/dialplan-answer.ts';
import { answerDirectory } from './directory-answer.ts';
import type { Surroundings } from './surroundings.ts';

/** Answers one mod_xml_curl request from memory. Pure: the same form and surroundings give the same reply. */
export function answerLookup(form: LookupForm, surroundings: Surroundings): Answer {
  switch (form.get('section')) {
    case 'directory':
      return answerDirectory(form, surroundings);
    case 'dialplan':
      return answerDialplan(form, surroundings);
    case 'configuration':
      return answerConfiguration(form, surroundings);
    default:
      return NOTHING_TO_SAY;
  }
}
