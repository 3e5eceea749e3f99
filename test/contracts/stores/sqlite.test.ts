import { describeEveryStoreContract } from './every-store.contract.ts';
import { openTemporarySqlite } from './temporary-sqlite.ts';

describeEveryStoreContract('sqlite', openTemporarySqlite);
