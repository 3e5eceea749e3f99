/** Firestore for a test file: the run's emulator, and databases of their own in it. */
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import './one-emulator.ts';
import { describeWhere } from '../describe-where.ts';

/** The emulator's address as `host:port`; started when nobody has asked before. */
export const emulatorHost = async (): Promise<string> => {
  const firestore = inject('firestore');
  if ('reason' in firestore) throw new Error(`There is no Firestore emulator: ${firestore.reason}.`);
  const answer = await fetch(firestore.ask);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
};

/** A project that nobody else uses: the emulator keeps each project's documents apart. */
export const newProjectId = (): string => `test-${randomBytes(8).toString('hex')}`;

/**
 * Describes tests that need Firestore. Where there is no emulator they are left out, which is said aloud; in continuous
 * integration that is a failure.
 */
export const describeWithFirestore = (name: string, describeTests: () => void): void => {
  const firestore = inject('firestore');
  const missing = 'reason' in firestore ? firestore.reason : null;
  describeWhere(name, missing, 'FIRESTORE_EMULATOR_HOST can name a running emulator.', describeTests);
};
