/**
 * What the runner must know and the agent must not. It comes in the build's `env`, which no account of a step may read
 * (that takes `cloudbuild.builds.get`), and not in the bundle, which the account of the steps can read: any program in a
 * step can ask the metadata server for that account's token.
 *
 * Cloud Build shows a build's `env` to whoever may look at builds, and publishes it to subscribers of the project: all of
 * it is good for one attempt, and dies with it.
 */

export interface PlaceSecrets {
  /** What the names of this attempt's objects begin with, the bundle's aside: who does not know it cannot write there. */
  readonly results: string;
  /** Key of the frames, base64. */
  readonly key: string;
  /** Lets the runner post output. */
  readonly token: string;
}

/** Name of the variable. */
export const SECRETS_VARIABLE = 'SLIPWAY_PLACE';

/** Value of the variable: no character of it means anything to Cloud Build. */
export const encodeSecrets = ({ results, key, token }: PlaceSecrets): string =>
  Buffer.from(JSON.stringify({ results, key, token })).toString('base64url');

/**
 * Takes them out of an environment, so that nothing that is spawned afterwards has them. What the kernel keeps of a
 * process's first environment can be read by its own user alone, which is root.
 *
 * @throws Error where there are none
 */
export const takeSecrets = (env: NodeJS.ProcessEnv): PlaceSecrets => {
  const text = env[SECRETS_VARIABLE];
  delete env[SECRETS_VARIABLE];
  if (text === undefined) throw new Error(`The step has no ${SECRETS_VARIABLE}: its build was not made by the server.`);
  // Decoder of the executor's own variable.
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as PlaceSecrets;
};
