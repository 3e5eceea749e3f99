/**
 * One installation: found in the cache, or made once, whoever asks at the same time.
 *
 * Within this process, starts that want the same wait for one promise, and it is broken off when the last of them leaves.
 * Between processes a lock of the kernel lets one install; the others find its entry. A process that dies loses the
 * lock, and who gets it next removes what was left half done before it begins.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '../../../core/errors.ts';
import type { Furnishing } from '../translate.ts';
import { cacheKey, type PackageCache } from './cache.ts';
import { lockFile } from './lock.ts';
import { tailOf } from './message.ts';
import { aborted, clearOrphan, clearSteps, lockPath, runStep, type Step, type StepDeps, type StepEnd } from './step.ts';

export type StepRecipe = Pick<Step, 'command' | 'env' | 'files' | 'hosts' | 'furnishing'>;

/** What one kind of packages needs. */
export interface Installer {
  readonly name: string;
  /** What the result depends on besides the packages. */
  readonly identity: readonly string[];
  /** Whether a package is always the same, or what the registry calls the newest. */
  isExact(spec: string): boolean;
  readonly secrets: readonly string[];
  readonly hostsSetting: string;
  readonly hint: string;
  /** Directory below the workspace that becomes the entry. */
  readonly tree: string;
  /** In order; all work on the workspace of the first. */
  steps(specs: readonly string[]): readonly StepRecipe[];
  /** How a place is given the entry. */
  furnish(entry: string): Furnishing;
}

export interface InstallDeps extends StepDeps {
  readonly cache: PackageCache;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Installs {
  /** Directory of the installed packages; null when they are not there yet. */
  find(installer: Installer, specs: readonly string[]): string | null;
  /** Installs them, or waits for who does. `packages_failed`, or `start_aborted` when `signal` aborted. */
  make(installer: Installer, specs: readonly string[], seconds: number, signal: AbortSignal): Promise<string>;
}

interface Shared {
  readonly done: Promise<string>;
  readonly leave: AbortController;
  waiting: number;
}

/** The system that compiled code is made for. */
const system = (): string => {
  try {
    return `${process.platform} ${process.arch} ${readFileSync('/etc/os-release', 'utf8')}`;
  } catch {
    return `${process.platform} ${process.arch}`;
  }
};

export const createInstalls = (deps: InstallDeps): Installs => {
  const underWay = new Map<string, Shared>();

  const keyOf = (installer: Installer, specs: readonly string[]): string => {
    // What has no exact version is looked for again each day.
    const day = specs.every((spec) => installer.isExact(spec)) ? '' : new Date(deps.now()).toISOString().slice(0, 10);
    return cacheKey([installer.name, ...installer.identity, system(), day, ...specs.toSorted()]);
  };

  const install = async (installer: Installer, specs: readonly string[], seconds: number, signal: AbortSignal) => {
    const key = keyOf(installer, specs);
    const id = uuidOf(key);
    const lock = await lockFile(lockPath(deps, id), true, signal);
    if (lock === null) throw aborted();
    try {
      const entry = deps.cache.find(key);
      if (entry !== null) return entry;
      await clearSteps(deps, id);
      const workspace = await runSteps(deps, installer, { specs, id, seconds, signal });
      return await deps.cache.publish(key, join(workspace, installer.tree));
    } finally {
      await clearSteps(deps, id);
      await lock.release();
    }
  };

  const begin = (key: string, ...args: [Installer, readonly string[], number]): Shared => {
    const leave = new AbortController();
    const done = install(...args, leave.signal).finally(() => underWay.delete(key));
    // Nobody may be left to hear of it.
    done.catch(() => undefined);
    const shared = { done, leave, waiting: 0 };
    underWay.set(key, shared);
    return shared;
  };

  const make: Installs['make'] = async (installer, specs, seconds, signal) => {
    const key = keyOf(installer, specs);
    let shared = underWay.get(key);
    while (shared?.leave.signal.aborted === true) {
      await shared.done.catch(() => undefined);
      shared = underWay.get(key);
    }
    if (signal.aborted) {
      // A process that died may have left an installation that goes on for nobody.
      if (shared === undefined) await clearOrphan(deps, uuidOf(key));
      throw aborted();
    }
    shared ??= begin(key, installer, specs, seconds);
    shared.waiting += 1;
    const left = abortOf(signal);
    try {
      return await Promise.race([shared.done, left.promise]);
    } finally {
      left.forget();
      shared.waiting -= 1;
      if (shared.waiting === 0) {
        shared.leave.abort();
        await shared.done.catch(() => undefined);
      }
    }
  };

  return { find: (installer, specs) => deps.cache.find(keyOf(installer, specs)), make };
};

/** A UUID that stands for a digest. */
export const uuidOf = (digest: string): string =>
  digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

const abortOf = (signal: AbortSignal) => {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(aborted());
  signal.addEventListener('abort', abort, { once: true });
  promise.catch(() => undefined);
  return { promise, forget: () => signal.removeEventListener('abort', abort) };
};

interface Order {
  readonly specs: readonly string[];
  readonly id: string;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

const runSteps = async (deps: StepDeps, installer: Installer, order: Order): Promise<string> => {
  let workspace: string | null = null;
  for (const [index, recipe] of installer.steps(order.specs).entries()) {
    const step: Step = { ...withWorkspace(recipe, workspace), id: order.id, number: index + 1, seconds: order.seconds };
    const end = await runStep(deps, step, order.signal);
    if (end.exit.code !== 0) throw installFailed(installer, order, step, end);
    workspace ??= end.workspace;
  }
  if (workspace === null) throw new DomainError('internal', 'An installation without a step.');
  return workspace;
};

const withWorkspace = (recipe: StepRecipe, workspace: string | null): StepRecipe => {
  if (workspace === null) return recipe;
  const mount = { kind: 'writable', from: workspace, to: '/workspace' } as const;
  return { ...recipe, furnishing: { ...recipe.furnishing, mounts: [...recipe.furnishing.mounts, mount] } };
};

const installFailed = (installer: Installer, { specs, seconds }: Order, step: Step, end: StepEnd): DomainError => {
  const said = tailOf(end.printed, installer.secrets);
  const why = reasonOf(end, seconds);
  const message = `${installer.name} could not install ${specs.join(', ')}${why}${said === '' ? '.' : `:\n${said}`}`;
  return new DomainError('packages_failed', message, { hint: `Nothing was executed. ${hintOf(installer, step, end)}` });
};

/** What would help: a host that was not in the step's list is another matter than one whose address is private. */
const hintOf = (installer: Installer, step: Step, end: StepEnd): string => {
  const strange = end.refusals.find(
    ({ host, port }) => !step.hosts.some((name) => [host, `${host}:${port}`].includes(name)),
  );
  if (strange !== undefined) {
    const host = `${strange.host}:${strange.port}`;
    return `It wanted ${host}: if files of the registry come from there, the operator can set ${installer.hostsSetting}.`;
  }
  const [refusal] = end.refusals;
  return refusal === undefined ? installer.hint : `${refusal.host}: ${refusal.reason} ${refusal.hint}`;
};

/** The limit that a step ran into, for people; empty when it ended by itself. */
export const reasonOf = ({ exit }: StepEnd, seconds: number): string => {
  if (exit.limitsHit.includes('deadline') || exit.endedBy === 'deadline') return ` within ${seconds} seconds`;
  if (exit.limitsHit.length > 0) return ` within its limit of ${exit.limitsHit.join(', ')}`;
  return exit.lost ? ', since it was ended from outside' : '';
};
