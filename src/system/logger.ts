import { type Logger as Pino, pino } from 'pino';
import type { Logger } from '../ports/logger.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that never reach a log, at the top and one level below. */
const SECRET_FIELDS = ['apiKey', 'authToken', 'authorization', 'cookie', 'secret', 'token', 'password', 'env', 'stdin'];
/** What our own and Anthropic's secrets look like, wherever they turn up in a text. */
const SECRET_TEXT = /\b(?:sk-ant-[\w-]{8,}|slw_[0-9a-f]{16,}|slwrun_[\w-]{16,}|Bearer\s+[\w.~+/-]{8,}=*)/g;

const redactText = (text: string): string => text.replace(SECRET_TEXT, '[redacted]');

const wrap = (log: Pino): Logger => ({
  debug: (fields, message) => log.debug(fields, message),
  info: (fields, message) => log.info(fields, message),
  warn: (fields, message) => log.warn(fields, message),
  error: (fields, message) => log.error(fields, message),
  child: (fields) => wrap(log.child(fields)),
});

/** JSON lines on `write`, secrets redacted by field name and by what they look like. */
export const createLogger = (level: LogLevel, write: (line: string) => void): Logger =>
  wrap(
    pino(
      {
        level,
        base: null,
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        formatters: { level: (label) => ({ level: label }) },
        redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      },
      { write: (line: string) => write(redactText(line)) },
    ),
  );
