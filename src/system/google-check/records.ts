/** Bucket, database and secret, each by using it. What is written is removed again. */
import type { Finding } from '../../ports/executor.ts';
import { type Answer, at, listAt } from './call.ts';
import { type GoogleScene, type Mends, member, missing, ok, refusal, succeeded, word } from './scene.ts';

const STORAGE = 'storage.googleapis.com';

export const checkBucket = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, region, bucket, probe } = scene;
  const name = encodeURIComponent(`probes/doctor-${probe}`);
  const object = `${roots.storage}storage/v1/b/${bucket}/o/${name}`;
  const mends: Mends = {
    api: STORAGE,
    denied: `gcloud storage buckets add-iam-policy-binding gs://${bucket} ${member(scene)} --role=roles/storage.objectUser`,
    unknown: `gcloud storage buckets create gs://${bucket} --project=${project} --location=${region} --uniform-bucket-level-access --public-access-prevention`,
  };
  const steps: readonly (readonly [string, () => Promise<Answer>])[] = [
    [
      'write an object',
      () =>
        call(`${roots.storage}upload/storage/v1/b/${bucket}/o?uploadType=media&name=${name}`, {
          method: 'POST',
          text: probe,
        }),
    ],
    ['read it', () => call(`${object}?alt=media`)],
    ['list objects', () => call(`${roots.storage}storage/v1/b/${bucket}/o?prefix=probes%2F&maxResults=1`)],
    ['delete it', () => call(object, { method: 'DELETE' })],
  ];
  const failed = await firstFailure(steps);
  return failed === null
    ? ok('bucket', `gs://${bucket}: written, read, listed, deleted`)
    : refusal(scene, 'bucket', `${failed.tried} in gs://${bucket}`, failed.answer, mends);
};

/** All steps are tried, so that what was written is removed whatever became of the rest. */
const firstFailure = async (steps: readonly (readonly [string, () => Promise<Answer>])[]) => {
  let failed: { readonly tried: string; readonly answer: Answer } | null = null;
  for (const [tried, act] of steps) {
    const answer = await act();
    if (!succeeded(answer)) failed ??= { tried, answer };
  }
  return failed;
};

const FIRESTORE = 'firestore.googleapis.com';

export const checkDatabase = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, region, database, probe } = scene;
  const documents = `${roots.firestore}v1/projects/${project}/databases/${database}/documents`;
  const document = `${documents}/probes/doctor-${probe}`;
  const failed = await firstFailure([
    ['write a document', () => call(document, { method: 'PATCH', json: { fields: { at: { stringValue: probe } } } })],
    ['read it', () => call(document)],
    ['delete it', () => call(document, { method: 'DELETE' })],
  ]);
  if (failed !== null) {
    return refusal(scene, 'database', `${failed.tried} in ${database}`, failed.answer, {
      api: FIRESTORE,
      denied: `gcloud projects add-iam-policy-binding ${project} ${member(scene)} --role=roles/datastore.user`,
      unknown: `gcloud firestore databases create --database=${word(database)} --location=${region} --project=${project}`,
    });
  }
  return ok('database', `${project}/${database}: written, read, deleted`);
};

interface Index {
  readonly collection: string;
  readonly fields: readonly { readonly path: string; readonly order: string }[];
}

const indexesIn = (text: string): readonly Index[] =>
  listAt(JSON.parse(text), 'indexes').map((index) => ({
    collection: String(at(index, 'collectionGroup')),
    fields: listAt(index, 'fields').map((field) => ({
      path: String(at(field, 'fieldPath')),
      order: String(at(field, 'order')),
    })),
  }));

/** A query that needs just this index: every field but the last has to be equal, the last gives the order. */
const queryFor = ({ collection, fields }: Index) => {
  const last = fields.at(-1);
  const filters = fields.slice(0, -1).map(({ path }) => ({
    fieldFilter: { field: { fieldPath: path }, op: 'EQUAL', value: { stringValue: 'doctor' } },
  }));
  return {
    structuredQuery: {
      from: [{ collectionId: collection }],
      where: { compositeFilter: { op: 'AND', filters } },
      orderBy: last === undefined ? [] : [{ field: { fieldPath: last.path }, direction: last.order }],
      limit: 1,
    },
  };
};

const MISSES_INDEX = /requires an index|index.*(?:building|not ready)/i;

/** Each composite index, by a query that needs it. */
export const checkIndexes = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, database, indexes } = scene;
  if (indexes === null) return ok('indexes', 'not looked at: deploy/firestore/indexes.json is not here');
  const url = `${roots.firestore}v1/projects/${project}/databases/${database}/documents:runQuery`;
  const all = indexesIn(indexes);
  const answers = await Promise.all(all.map((index) => call(url, { method: 'POST', json: queryFor(index) })));
  const lacking = all.filter((_, n) => MISSES_INDEX.test(JSON.stringify(answers[n]?.body ?? '')));
  const other = answers.find((answer) => !succeeded(answer) && !MISSES_INDEX.test(JSON.stringify(answer.body ?? '')));
  if (lacking.length > 0) {
    const names = lacking.map(
      ({ collection, fields }) => `${collection}(${fields.map(({ path }) => path).join(', ')})`,
    );
    return missing(
      'indexes',
      `${lacking.length} of ${all.length} are not there, or not ready: ${names.join('; ')}`,
      `terraform -chdir=deploy/terraform apply; then wait: gcloud firestore indexes composite list --database=${word(database)} --project=${project}`,
    );
  }
  if (other !== undefined) {
    const mends = { api: FIRESTORE, denied: null, unknown: null };
    return refusal(scene, 'indexes', 'ask a query', other, mends);
  }
  return ok('indexes', `${all.length} in use`);
};

/** Reads the secret, and looks only whether there is something in it. */
export const checkSecret = async (scene: GoogleScene): Promise<Finding> => {
  const { call, roots, project, modelSecret } = scene;
  if (modelSecret === null) return ok('secret', 'none is named by SLIPWAY_MODEL_SECRET');
  const name = modelSecret.replace(/^.*\/secrets\//, '').replace(/\/versions\/.*$/, '');
  const add = `printf %s "$ANTHROPIC_API_KEY" | gcloud secrets versions add ${name} --data-file=- --project=${project}`;
  const answer = await call(`${roots.secretManager}v1/${modelSecret}:access`);
  if (!succeeded(answer)) {
    return refusal(scene, 'secret', `read ${name}`, answer, {
      api: 'secretmanager.googleapis.com',
      denied: `gcloud secrets add-iam-policy-binding ${name} ${member(scene)} --role=roles/secretmanager.secretAccessor --project=${project}`,
      unknown: add,
    });
  }
  const data = at(answer.body, 'payload', 'data');
  const key = typeof data === 'string' ? Buffer.from(data, 'base64').toString() : '';
  if (key.trim() === '') return missing('secret', `${name} has nothing in it`, add);
  if (key !== key.trim())
    return missing('secret', `${name} begins or ends with white space, which is no part of a key`, add);
  return ok('secret', `${name} can be read`);
};
