/** API keys on the wire. The secret is shown once, by whatever made the key. */
import { z } from 'zod';
import { agentName } from './fields.ts';

const instant = z.string().meta({ format: 'date-time' });

export const Key = z.object({
  id: z.string().meta({ format: 'uuid' }),
  userId: z.string(),
  name: z.string(),
  prefix: z.string().meta({ description: 'The first characters of the secret, to tell keys apart.' }),
  createdAt: instant,
  lastUsedAt: instant.optional().meta({ description: 'The last use, to the minute; absent when it was never used.' }),
  revokedAt: instant.optional().meta({ description: 'Worthless since then; absent when it is valid.' }),
});
export type KeyView = z.infer<typeof Key>;

export const KeyList = z.object({ data: z.array(Key) });

/** Body of `POST /keys`. */
export const KeyCreate = z.strictObject({
  name: agentName.meta({ description: 'What it is for, such as the program or the place that uses it.' }),
});

export const KeyCreated = z.object({
  key: Key,
  secret: z.string().meta({ description: 'Shown in this answer alone; the server keeps nothing but a hash of it.' }),
});
export type KeyCreatedView = z.infer<typeof KeyCreated>;
