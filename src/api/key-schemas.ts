/** API keys on the wire. The secret is shown by `slipway keys create` alone. */
import { z } from 'zod';

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
