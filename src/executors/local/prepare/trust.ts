/** How the tools of a step are told whom to trust: each has a setting of its own for the same file. */
import { type FileIn, PLACE } from '../../../ports/executor.ts';

const NAME = 'authorities.pem';
const PATH = `${PLACE.home}/${NAME}`;

export interface Trust {
  readonly files: readonly FileIn[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Node.js, and with it npm, adds the file to its own list; pip and git take it in place of theirs, so the public
 * authorities have to be in it, too.
 *
 * @param authorities certificates in PEM form; empty = each tool's own list
 */
export const trustOf = (authorities: readonly string[]): Trust =>
  authorities.length === 0
    ? { files: [], env: {} }
    : {
        files: [{ root: 'home', path: NAME, content: Buffer.from(`${authorities.join('\n')}\n`) }],
        env: { NODE_EXTRA_CA_CERTS: PATH, PIP_CERT: PATH, GIT_SSL_CAINFO: PATH },
      };
