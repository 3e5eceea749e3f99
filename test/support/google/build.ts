/** A build as the API has it, and what the emulator knows besides. */
import { invalidArgument } from './api-error.ts';
import { isObject, type JsonObject } from './http.ts';

export const STATUSES = [
  'PENDING',
  'QUEUED',
  'WORKING',
  'SUCCESS',
  'FAILURE',
  'INTERNAL_ERROR',
  'TIMEOUT',
  'CANCELLED',
  'EXPIRED',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Volume {
  readonly name: string;
  readonly path: string;
}

export interface Step {
  readonly id: string | null;
  readonly image: string;
  readonly entrypoint: string | null;
  readonly args: readonly string[];
  readonly script: string | null;
  readonly env: readonly string[];
  readonly secretEnv: readonly string[];
  readonly dir: string;
  readonly volumes: readonly Volume[];
  readonly timeoutMs: number | null;
  readonly allowFailure: boolean;
}

/** A build, read and with its substitutions made. */
export interface Build {
  readonly id: string;
  readonly project: string;
  readonly location: string;
  /** As it was sent, substitutions made. */
  readonly resource: JsonObject;
  readonly bytes: number;
  readonly steps: readonly Step[];
  readonly source: { readonly bucket: string; readonly object: string } | null;
  readonly tags: readonly string[];
  readonly timeoutMs: number;
  readonly queueTtlMs: number;
  readonly logsBucket: { readonly bucket: string; readonly prefix: string } | null;
  readonly streamsLog: boolean;
  /** Secret Manager's version name by the variable's name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly createdAt: number;
  status: Status;
  statusDetail: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  readonly stepStates: {
    status: Status;
    startedAt: number | null;
    finishedAt: number | null;
    exitCode: number | null;
  }[];
  readonly outputs: string[];
  /** Gone from the API, as a fault wants it. */
  vanished: boolean;
}

const TERMINAL: readonly Status[] = ['SUCCESS', 'FAILURE', 'INTERNAL_ERROR', 'TIMEOUT', 'CANCELLED', 'EXPIRED'];
export const isOver = (build: Build): boolean => TERMINAL.includes(build.status);

const DURATION = /^(\d+(?:\.\d+)?)s$/;

/** A protocol buffer duration (`600s`) in milliseconds. */
export const durationAt = (object: JsonObject, name: string): number | null => {
  const value = object[name];
  if (value === undefined) return null;
  const seconds = typeof value === 'string' ? DURATION.exec(value)?.[1] : undefined;
  if (seconds === undefined)
    throw invalidArgument(`Invalid value at 'build.${name}' (type.googleapis.com/google.protobuf.Duration)`);
  return Number(seconds) * 1_000;
};

export const objectAt = (object: JsonObject, name: string): JsonObject => {
  const value = object[name];
  return isObject(value) ? value : {};
};

export const objectsAt = (object: JsonObject, name: string): readonly JsonObject[] => {
  const value = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
};

export const textsAt = (object: JsonObject, name: string): readonly string[] => {
  const value = object[name];
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    throw invalidArgument(`Invalid value at 'build.${name}': a list of strings is expected.`);
  }
  return value;
};

const time = (at: number | null): string | undefined => (at === null ? undefined : new Date(at).toISOString());

/** The resource as the API answers it: step status, as in reality, only once a step has ended. */
export const resourceOf = (build: Build): JsonObject => ({
  ...build.resource,
  name: `projects/000000000000/locations/${build.location}/builds/${build.id}`,
  id: build.id,
  projectId: build.project,
  status: build.status,
  ...(build.statusDetail === null ? {} : { statusDetail: build.statusDetail }),
  createTime: time(build.createdAt),
  startTime: time(build.startedAt),
  finishTime: time(build.finishedAt),
  timeout: `${build.timeoutMs / 1_000}s`,
  queueTtl: `${build.queueTtlMs / 1_000}s`,
  logUrl: `https://console.example/builds/${build.id}`,
  tags: build.tags,
  steps: objectsAt(build.resource, 'steps').map((step, index) => {
    const state = build.stepStates[index];
    if (state === undefined || state.finishedAt === null) return step;
    const exit = state.exitCode === null ? {} : { exitCode: state.exitCode };
    const timing = { startTime: time(state.startedAt), endTime: time(state.finishedAt) };
    return { ...step, status: state.status, timing, ...exit };
  }),
  ...(build.outputs.length === 0 ? {} : { results: { buildStepOutputs: build.outputs } }),
});
