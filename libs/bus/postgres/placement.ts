/** Where and when the records of one transaction were stored. */
export interface Placement {
  topicId: number;
  publishedUs: number;
  /** the offset that the first record of each partition got */
  firsts: readonly bigint[];
}
