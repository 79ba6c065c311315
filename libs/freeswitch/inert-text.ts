/**
 * What FreeSWITCH expands, splits at, quotes with or executes when a text reaches an action, a dial-string or a gateway:
 * `$ ` `\`, brackets, `| ; , ' "`, `^^`, `:_:`, control characters, and the preprocessor's directive.
 */
const ACTIVE = /[\p{Cc}$`\\{}[\]<>|;,'"]|\^\^|:_:|x-pre-process/iu;
/** The same without apostrophe and comma: people are called O'Brien. */
const ACTIVE_IN_NAME = /[\p{Cc}$`\\{}[\]<>|;"]|\^\^|:_:|x-pre-process/iu;

/** What most texts are: without any of that, the directive being longer than twelve. Asked ten times at every lookup. */
const PLAIN = /^(?:[A-Za-z0-9 @._+]*|[A-Za-z0-9 @._+-]{0,12})$/;

/** Whether a text does nothing wherever FreeSWITCH puts it. */
export function isInert(text: string): boolean {
  return PLAIN.test(text) || (!ACTIVE.test(text) && text.isWellFormed());
}

/** Whether a text may be somebody's name: shown, set as a variable, never put where it is expanded. */
export function isInertName(text: string): boolean {
  return PLAIN.test(text) || (!ACTIVE_IN_NAME.test(text) && text.isWellFormed());
}
