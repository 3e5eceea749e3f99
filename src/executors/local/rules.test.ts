import { describe, expect, it } from 'vitest';
import { isDomainError } from '../../core/errors.ts';
import { mendNamespaces } from './diagnosis.ts';
import { decodeStatus } from './exit.ts';
import { programPath, relativeParts, requireProgramNames } from './job-rules.ts';
import { placeOf } from './place.ts';

describe('an exit status', () => {
  it.each([
    [0, 0, null],
    [1, 1, null],
    [127, 127, null],
    [128, 128, null],
    [130, null, 'SIGINT'],
    [137, null, 'SIGKILL'],
    [143, null, 'SIGTERM'],
    [153, null, 'SIGXFSZ'],
    [200, 200, null],
    [255, 255, null],
  ])('%i is code %s, signal %s', (status, code, signal) => {
    expect(decodeStatus(status)).toEqual({ code, signal });
  });
});

describe('a reference', () => {
  const run = '019cd79e-4600-7a66-8b32-eb27d0af4602';
  it('names a directory below the runs', () => {
    expect(placeOf('/data/runs', `${run}/12`)?.path('exit')).toBe(`/data/runs/${run}/12/exit`);
  });
  it.each([
    '',
    run,
    `${run}/`,
    `${run}/0`,
    `${run}/01`,
    `${run}/-1`,
    `${run}/1/x`,
    `../${run}/1`,
    `/${run}/1`,
    `${run}/..`,
  ])('is not %j', (ref) => {
    expect(placeOf('/data/runs', ref)).toBeNull();
  });
});

describe('a job', () => {
  it.each(['', '/', '/a', 'a/', 'a//b', '.', '..', 'a/../b', './a', 'a\0'])('has no file %j', (path) => {
    expect(relativeParts(path)).toBeNull();
  });
  it.each(['a', 'a/b', '...', '-rf', ' ', 'a\nb', '..a/b..'])('may have a file %j', (path) => {
    expect(relativeParts(path)?.join('/')).toBe(path);
  });
  it('finds its program by name or by path, and no other', () => {
    expect(programPath('claude', { claude: '/x' })).toBe('/opt/slipway/bin/claude');
    expect(programPath('/bin/sh', {})).toBe('/bin/sh');
    for (const name of ['', 'sh', '../x', 'toString', 'claude/x']) {
      expect(() => programPath(name, { claude: '/x' })).toThrow(
        expect.toSatisfy((e) => isDomainError(e, 'place_failed')),
      );
    }
  });
  it('cannot be given programs whose names are paths', () => {
    expect(() => requireProgramNames({ '../../etc/passwd': '/x' })).toThrow(RangeError);
    expect(() => requireProgramNames({ claude: 'relative' })).toThrow(RangeError);
    expect(() => requireProgramNames({ 'claude-2.1_x': '/x' })).not.toThrow();
  });
});

describe('what mends namespaces', () => {
  const open = { appArmorRestricts: null, clone: null, most: null };
  it('is a profile where AppArmor restricts them', () => {
    const { why, mend } = mendNamespaces(
      { ...open, appArmorRestricts: '1', clone: '1', most: '15000' },
      '/opt/bin/bwrap',
    );
    expect(why).toContain('AppArmor');
    expect(mend).toContain('/etc/apparmor.d/bwrap');
    expect(mend).toContain('apparmor_parser');
    expect(mend).toContain('profile bwrap /opt/bin/bwrap flags=(unconfined)');
    expect(mend).toContain('kernel.apparmor_restrict_unprivileged_userns=0');
  });
  it('is first the setting that forbids them to everybody', () => {
    expect(mendNamespaces({ appArmorRestricts: '1', clone: '0', most: '15000' }).why).toContain('userns_clone');
  });
  it('is the kernel setting that forbids them', () => {
    expect(mendNamespaces({ ...open, clone: '0' }).mend).toContain('kernel.unprivileged_userns_clone=1');
    expect(mendNamespaces({ ...open, most: '0' }).mend).toContain('user.max_user_namespaces=');
  });
  it('is the container’s options otherwise', () => {
    expect(mendNamespaces({ ...open, most: '15000' }).mend).toContain('docker run');
  });
});
