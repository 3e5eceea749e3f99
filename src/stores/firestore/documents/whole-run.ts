import type { Run } from '../../../core/run.ts';
import { decodeRun } from '../codec.ts';
import type { Connection, Stored } from '../connection.ts';
import { readText, TornReadError } from './long-text.ts';

const TRIES = 5;

/** The run of a document. A piece that is missing means that the document was written meanwhile: it is read again. */
export const wholeRun = async (connection: Connection, first: Stored): Promise<{ stored: Stored; run: Run } | null> => {
  let stored: Stored | null = first;
  for (let tries = 1; stored !== null; tries += 1) {
    try {
      const [doc, task] = await Promise.all([
        readText(connection, stored.path, stored.fields, 'doc'),
        readText(connection, stored.path, stored.fields, 'task'),
      ]);
      return { stored, run: decodeRun(stored, doc, task) };
    } catch (error) {
      if (!(error instanceof TornReadError) || tries === TRIES) throw error;
    }
    stored = await connection.get(stored.path);
  }
  return null;
};
