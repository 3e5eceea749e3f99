/** Every step of the schema, in order. New ones go to the end. */
import { runs } from './0001-runs.ts';
import { agents } from './0002-agents.ts';
import { conversations } from './0003-conversations.ts';
import { access } from './0004-access.ts';
import { usage } from './0005-usage.ts';
import { unsettled } from './0006-unsettled.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [runs, agents, conversations, access, usage, unsettled];
