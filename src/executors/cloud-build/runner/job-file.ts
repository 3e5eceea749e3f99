/**
 * What the executor tells the runner: `job.json` in the bundle. The runner is shipped in each bundle and runs in a build
 * step with nothing but Node.js, so nothing in this folder imports anything from outside of it. The agent may read it: what it
 * must not know comes another way (`secrets.ts`).
 */

export interface JobFile {
  /** Address of the storage service, ending with a slash. */
  readonly storageRoot: string;
  readonly bucket: string;
  /** Where batches of output are posted; null where the server has no address. */
  readonly liveUrl: string | null;
  readonly program: string;
  /** npm package that has the program, with its version; null when the image must have it. */
  readonly npmPackage: string | null;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Content of file `n` is `files/<n>` in the bundle. */
  readonly files: readonly { readonly root: 'workspace' | 'home'; readonly path: string }[];
  readonly keep: readonly string[];
  /** What is installed before the program starts. */
  readonly packages: {
    readonly pip: readonly string[];
    readonly npm: readonly string[];
    /** Null = the tool's own. */
    readonly npmRegistry: string | null;
    readonly pipIndex: string | null;
  };
  /** Repository that the workspace begins with. */
  readonly source: { readonly git: string; readonly ref: string } | null;
  /** For each step of the preparation. */
  readonly prepareSeconds: number;
  readonly timeoutSeconds: number;
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  readonly maxOutputBytes: number;
}

/** How the program ended: the object `end`. */
export interface EndFile {
  readonly code: number | null;
  readonly signal: string | null;
  /** The reason of whoever asked for its end; null when it ended by itself. */
  readonly killed: string | null;
  readonly limitsHit: readonly ('memory' | 'processes' | 'output' | 'deadline')[];
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Why the changed files could not be brought out; null when they were. */
  readonly filesError: string | null;
}

/** Why the program will never start: the object `failed`. */
export interface FailureFile {
  readonly code: 'packages_failed' | 'source_failed' | 'place_failed';
  readonly message: string;
  readonly hint: string;
}

/** One changed or kept file: a line of the object `files`. Positions are in the object `contents`. */
export interface FileLine {
  readonly root: 'workspace' | 'home';
  readonly path: string;
  readonly status: 'added' | 'modified' | 'deleted';
  readonly kind: 'file' | 'symlink';
  readonly size: number;
  readonly executable: boolean;
  readonly target: string | null;
  /** First byte and length of its gzip member; null when it has no content. */
  readonly content: readonly [number, number] | null;
  /** The same for what went in; `not_kept` when that was too large for a difference. */
  readonly before: readonly [number, number] | 'not_kept' | null;
}

/** Names of an attempt's objects: the bundle's below its prefix, the others below the secret name of its results. */
export const OBJECTS = {
  bundle: 'in.tgz',
  prepared: 'prepared',
  failed: 'failed',
  inside: 'inside',
  kill: 'kill',
  stdout: 'stdout',
  stderr: 'stderr',
  files: 'files',
  contents: 'contents',
  end: 'end',
} as const;

/** Where things are in a build step. */
export const PATHS = {
  /** The volume with the job: for root alone. */
  own: '/slipway',
  out: '/slipway/out',
  programs: '/opt/slipway',
  packages: '/opt/slipway/packages',
  workspace: '/workspace',
  home: '/home/agent',
} as const;

export const AGENT_UID = 1000;
