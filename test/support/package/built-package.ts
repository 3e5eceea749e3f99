/** The package as npm would install it, from these sources. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { bundle } from '../../../scripts/bundle.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');

export interface BuiltPackage {
  /** Absolute. */
  readonly folder: string;
  /** The program that `slipway` is. */
  readonly main: string;
  remove(): void;
}

/** Builds it in a folder of its own, with the packages alone that it asks for, and the dashboard where that was built. */
export const openBuiltPackage = async (): Promise<BuiltPackage> => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-package-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await bundle(ROOT, join(folder, 'dist'));
    const manifest: { bin: { slipway: string }; dependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    );
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
    const dashboard = join(ROOT, 'dist/web');
    if (existsSync(dashboard)) cpSync(dashboard, join(folder, 'dist/web'), { recursive: true });
    for (const name of Object.keys(manifest.dependencies)) {
      const link = join(folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), link);
    }
    return { folder, main: join(folder, manifest.bin.slipway), remove };
  } catch (error) {
    remove();
    throw error;
  }
};
