import { XMLParser } from 'fast-xml-parser';

/** What a directory reply says, read by a parser of somebody else. */
export interface AnsweredUser {
  domain: string;
  id: string;
  attributes: Record<string, string>;
  params: Record<string, string>;
  variables: Record<string, string>;
}

const LISTS = ['user', 'group', 'param', 'variable'];
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  htmlEntities: true,
  trimValues: false,
  isArray: (name) => LISTS.includes(name),
});

/** The one user of a reply; undefined when the reply is "not found". @throws Error for anything else */
export function readAnsweredUser(xml: string): AnsweredUser | undefined {
  const section = parser.parse(xml)?.document?.section;
  if (section?.name === 'result' && section.result?.status === 'not found') return undefined;
  if (section?.name !== 'directory') throw new Error(`neither a user nor "not found": ${xml}`);
  const [user, ...others] = section.domain.groups.group[0].users.user;
  if (others.length > 0) throw new Error('more than one user');
  const { params, variables, ...attributes } = user;
  return {
    domain: section.domain.name,
    id: user.id,
    attributes,
    params: pairsOf(params?.param),
    variables: pairsOf(variables?.variable),
  };
}

function pairsOf(list: { name: string; value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
}
