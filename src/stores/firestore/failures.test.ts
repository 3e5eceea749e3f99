import { describe, expect, it } from 'vitest';
import { DomainError, isDomainError } from '../../core/errors.ts';
import { asDomainError, isConflict } from './failures.ts';

const grpc = (code: number, message = 'no') => Object.assign(new Error(message), { code });

describe('what Firestore says', () => {
  it.each([
    [4, 'did not answer in time', 5],
    [5, 'no such Firestore database', undefined],
    [7, 'refuses this process', undefined],
    [8, 'quota', 30],
    [9, 'index is missing', undefined],
    [14, 'cannot be reached', 5],
    [16, 'credentials', undefined],
  ])('as code %i is the database being away, with what to do', (code, words, retryAfterSeconds) => {
    const error = asDomainError(grpc(code), 'project/database');
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfterSeconds });
    expect(error).toMatchObject({ message: expect.stringContaining(words) });
    expect(error).toMatchObject({ message: expect.stringContaining('(project/database)') });
    expect(isDomainError(error) && error.hint).toBeTruthy();
  });

  it('of permissions names the role', () => {
    expect(asDomainError(grpc(7), 't')).toMatchObject({ hint: expect.stringContaining('roles/datastore.user') });
  });

  it('of credentials that there are none', () => {
    const error = new Error('Could not load the default credentials. Browse to …');
    expect(asDomainError(error, 't')).toMatchObject({
      code: 'store_unavailable',
      hint: expect.stringContaining('gcloud'),
    });
  });

  it('and is not understood is our own fault', () => {
    expect(asDomainError(grpc(3), 't')).toMatchObject({ code: 'internal' });
    expect(asDomainError(grpc(13), 't')).toMatchObject({ code: 'internal' });
  });

  it('leaves other errors as they are', () => {
    for (const error of [new DomainError('conflict', 'c'), new Error('a bug'), 'text']) {
      expect(asDomainError(error, 't')).toBe(error);
    }
  });

  it('of another commit is a conflict; of a database that is not there, none', () => {
    expect([6, 9, 10].map((code) => isConflict(grpc(code)))).toEqual([true, true, true]);
    expect(isConflict(grpc(5, 'No document to update: projects/p/databases/(default)/documents/runs/1'))).toBe(true);
    expect(isConflict(grpc(5, 'The database (default) does not exist for project p'))).toBe(false);
    expect(isConflict(grpc(14))).toBe(false);
  });
});
