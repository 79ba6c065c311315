/** A form, as FreeSWITCH and Kamailio post it. */
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** What Fastify calls JSON in its own answers. */
export const JSON_TYPE = 'application/json; charset=utf-8';
