/** The filter of ListBuilds: `status="WORKING"`, `tags="a"`, `build_id="x"`, joined by AND. */
import { invalidArgument } from './api-error.ts';
import type { Build } from './build.ts';

const TERM = /^(status|tags|build_id|create_time)\s*(>=|<=|>|<|=|:)\s*"?([^"]*)"?$/;

type Test = (build: Build) => boolean;

const testOf = (field: string, operator: string, value: string): Test => {
  if (field === 'create_time') {
    const at = Date.parse(value);
    if (Number.isNaN(at)) throw invalidArgument('invalid filter: not a time');
    return (build) => (operator.startsWith('>') ? build.createdAt >= at : build.createdAt <= at);
  }
  if (operator !== '=' && operator !== ':') throw invalidArgument(`invalid filter: ${field} takes no ${operator}`);
  if (field === 'status') return (build) => build.status === value;
  return field === 'tags' ? (build) => build.tags.includes(value) : (build) => build.id === value;
};

export const parseFilter = (text: string): Test => {
  if (text.trim() === '') return () => true;
  const tests = text.split(/\s+AND\s+/).map((term) => {
    const [, field = '', operator = '', value = ''] = TERM.exec(term.trim().replace(/^\((.*)\)$/, '$1')) ?? [];
    if (field === '') throw invalidArgument(`invalid filter: ${term}`);
    return testOf(field, operator, value);
  });
  return (build) => tests.every((test) => test(build));
};
