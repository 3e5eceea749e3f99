/** One host that a place asked for and did not get. */
export interface EgressRefusal {
  /** As the program named it, lower case. */
  readonly host: string;
  readonly port: number;
  /** What was wrong, one sentence. */
  readonly reason: string;
  /** The setting that would allow it, and whose it is. */
  readonly hint: string;
}

/** What one place may reach. */
export interface EgressScope {
  /** Unix socket to listen on, absolute and of any length; a stale one is replaced. Its directory exists. */
  readonly socketPath: string;
  /** Host patterns as `api/host-names.ts` has them (`example.com`, `*.example.com`), optionally with `:port` (default 443 and 80). */
  readonly hosts: readonly string[];
  /** Called for each refused host, once for each host, port and reason. */
  refused(refusal: EgressRefusal): void;
}

/** An open way out. */
export interface EgressWay {
  /** Cuts what is open, removes the socket. Idempotent. */
  close(): Promise<void>;
}

/** The only way from a place to hosts of the outside: by host name, never by address. */
export interface Egress {
  open(scope: EgressScope): Promise<EgressWay>;
}
