/** A file of SQL, and the text of a module that may ask for what is in it. */
export interface NamedText {
  path: string;
  text: string;
}

interface Statement {
  /** without comments, strings and the bodies of functions */
  sql: string;
  /** of the lines before it and in it */
  comments: string;
}

/** What a statement takes away: a name that somebody may still ask for. */
const TAKES: readonly RegExp[] = [
  /^\s*drop\s+(?:table|view|materialized\s+view|function|procedure|schema|type|sequence)\s+(?:if\s+exists\s+)?([\w.]+)/i,
  /^\s*alter\s+table\s.*\bdrop\s+column\s+(?:if\s+exists\s+)?([\w.]+)/is,
  /^\s*alter\s+(?:table|view|materialized\s+view|function|type)\s+(?:if\s+exists\s+)?([\w.]+)(?:\s*\([^)]*\))?\s+rename\s+to\b/i,
  /^\s*alter\s+table\s.*\brename\s+(?:column\s+)?(\w+)\s+to\b/is,
];

const MARK = /contract step: \S/;

/**
 * The release before must run on the schema of this one, while a fleet is upgraded and after a rollback: a migration adds
 * first (expand), and what nobody reads any more is taken away by a later one (contract).
 * Gives a line for each name that a migration takes away though the code still has it, unless the statement is marked
 * `-- contract step: why nobody reads it`. What the same file makes again is replaced, not taken.
 */
export function findContractions(migrations: readonly NamedText[], modules: readonly NamedText[]): string[] {
  return migrations.flatMap(({ path, text }) => {
    const statements = splitStatements(text);
    return statements.flatMap(({ sql, comments }, index) => {
      const name = takenBy(sql);
      if (name === undefined || MARK.test(comments)) return [];
      if (statements.slice(index + 1).some((later) => makes(later.sql, name))) return [];
      const reader = modules.find((module) => new RegExp(`\\b${name}\\b`).test(module.text));
      return reader === undefined
        ? []
        : [
            `${path} takes away ${name}, which ${reader.path} asks for: see "contract step" in checks/migrations.ts`,
          ];
    });
  });
}

function takenBy(sql: string): string | undefined {
  const found = TAKES.map((pattern) => pattern.exec(sql)?.[1]).find((name) => name !== undefined);
  return found?.split('.').at(-1)?.toLowerCase();
}

function makes(sql: string, name: string): boolean {
  return new RegExp(`^\\s*create\\s[^(]*\\b${name}\\b`, 'i').test(sql);
}

/** In this order: a comment in a string is none, and a semicolon in either ends nothing. */
const TOKEN = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$|;|[^-/'$;]+|[-/'$]/g;

function splitStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  let current: Statement = { sql: '', comments: '' };
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === ';') {
      statements.push(current);
      current = { sql: '', comments: '' };
    } else if (token.startsWith('--') || token.startsWith('/*')) current.comments += token;
    else if (token.startsWith("'") || /^\$\w*\$/.test(token)) current.sql += ' ';
    else current.sql += token;
  }
  return [...statements, current];
}
