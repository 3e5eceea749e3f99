import { describeWithFirestore } from '../../support/firestore/firestore.ts';
import { describeEveryStoreContract } from './every-store.contract.ts';
import { openTemporaryFirestore } from './temporary-firestore.ts';

describeWithFirestore('firestore', () => {
  describeEveryStoreContract('firestore', () => openTemporaryFirestore(), 6);
});
