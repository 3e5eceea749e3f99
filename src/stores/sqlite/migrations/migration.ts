/** One step of the schema. Once released it is never edited: its checksum is recorded in every database. */
export interface Migration {
  /** Counts from 1 without a gap. */
  readonly version: number;
  readonly name: string;
  /** Runs in a transaction of its own, so that it is applied whole or not at all. */
  readonly sql: string;
}
