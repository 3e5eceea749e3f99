/** What a job must be like before anything is made for it. Pure. */
import { isAbsolute } from 'node:path';
import { DomainError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import type { Job } from '../../ports/executor.ts';
import { PROGRAMS_DIR } from './translate.ts';

/** The shell that starts the program drops every other name. */
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PROGRAM_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const refuse = (what: string): never => {
  throw new DomainError('place_failed', `The job cannot be started: ${what}.`, { hint: 'Nothing was executed.' });
};

/** Splits a relative path; null when it is none, or would lead out of its root. */
export const relativeParts = (path: string): readonly string[] | null => {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'));
  return bad ? null : parts;
};

/** Throws `place_failed` for a job that no place could take. */
export const requireStartable = (job: Job): void => {
  if (!isUuid(job.runId)) refuse('its run id is no UUID');
  if (!Number.isInteger(job.attempt) || job.attempt < 1 || job.attempt > 999_999_999) {
    refuse('its attempt is no positive number');
  }
  if (job.args.some((text) => text.includes('\0'))) refuse('an argument holds a NUL byte');
  for (const [name, value] of Object.entries(job.env)) {
    if (!ENV_NAME.test(name)) refuse(`an environment variable is named ${JSON.stringify(name)}`);
    if (value.includes('\0')) refuse(`environment variable ${name} holds a NUL byte`);
  }
  const paths = [...job.files.map((file) => file.path), ...job.keep];
  const bad = paths.find((path) => relativeParts(path) === null);
  if (bad !== undefined) refuse(`${JSON.stringify(bad)} is no path below its root`);
  if (job.socketDir !== null && !isAbsolute(job.socketDir)) refuse('its socket directory is no absolute path');
};

/** Throws for a program name that could not stand in a path. */
export const requireProgramNames = (programs: Readonly<Record<string, string>>): void => {
  for (const [name, path] of Object.entries(programs)) {
    if (!PROGRAM_NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name of a program.`);
    if (!isAbsolute(path)) throw new RangeError(`The path of program ${name} is not absolute: ${path}`);
  }
};

/** Absolute path inside the place; `programs` are those that are installed. */
export const programPath = (program: string, programs: Readonly<Record<string, string>>): string => {
  if (isAbsolute(program) && !program.includes('\0')) return program;
  if (Object.hasOwn(programs, program)) return `${PROGRAMS_DIR}/${program}`;
  return refuse(`this server has no program ${JSON.stringify(program)}`);
};
