import pg, { type PoolClient } from 'pg';

/** pg's own object of a statement. */
interface Statement extends pg.Submittable {
  values?: unknown;
  callback?: Answer | null | undefined;
  query_timeout?: unknown;
  /** its rows, under names that are pg's own: where they are others, rows stay as long as they did */
  _result?: unknown;
  _results?: unknown;
}

type Answer = (error: Error | null | undefined, result?: unknown) => void;
type Query = (text: unknown, values?: unknown, callback?: Answer) => unknown;
/** What pg makes a statement of. */
type Text = string | { query_timeout?: unknown };

/**
 * Makes a connection let go of a statement's values and rows when it is answered; it answers as pg does.
 *
 * pg (8.23, `Client.query`) sets a statement's callback by a function literal. V8 makes such a function old at once
 * (`CheckAssigningFunctionLiteralToProperty` in its parser), so that it and the statement it speaks of stay until the next collection
 * of old objects, with batches of hundreds of kilobytes. Standalone under CDRs collected them three times as often for this.
 */
export function letGoOfValues(client: PoolClient): void {
  const send = client.query.bind(client) as Query;
  const query: Query = (text, values, callback) => {
    if (!isText(text)) return send(text, values, callback);
    const statement = newStatement(text, values, callback);
    const { callback: tell } = statement;
    if (tell) return void send(answering(statement, tell));
    const answered = new Promise((resolve, reject) => {
      send(answering(statement, (error, result) => (error ? reject(error) : resolve(result))));
    });
    return answered.catch(throwFromHere);
  };
  client.query = query as PoolClient['query'];
}

/** Not statements that others made (cursors, streams), nor what pg refuses. */
function isText(text: unknown): text is Text {
  return typeof text === 'string' || (typeof text === 'object' && text !== null && !('submit' in text));
}

function newStatement(text: Text, values: unknown, callback: Answer | undefined): Statement {
  const statement: Statement = new pg.Query(text as string, values as unknown[], callback);
  if (typeof text === 'object') statement.query_timeout = text.query_timeout;
  return statement;
}

/** With a callback that lets go of what the statement was given, and of whoever waits. */
function answering(statement: Statement, tell: Answer): Statement {
  let waiting: Answer | undefined = tell;
  const answer: Answer = (error, result) => {
    const told = waiting;
    waiting = undefined;
    statement.values = undefined;
    // After an error more may come, and is read into it.
    if (!error) {
      statement._result = undefined;
      statement._results = undefined;
    }
    told?.(error, result);
  };
  statement.callback = answer;
  return statement;
}

/** As pg does it: the stack of the socket that brought the error says nothing of who asked. */
function throwFromHere(error: Error): never {
  Error.captureStackTrace(error);
  throw error;
}
