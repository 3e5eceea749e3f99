/** Keyset pagination. */
export interface PageQuery {
  readonly limit: number;
  /** The cursor that an earlier page gave; null for the first page. */
  readonly cursor: string | null;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly next: string | null;
}
