/** Exit statuses of the command line, as scripts rely on them. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  timed_out: 3,
  cancelled: 4,
  unreachable: 5,
} as const;

/** The exit status that stands for a finished run's status. */
export const exitCodeOf = (status: string): number => {
  switch (status) {
    case 'succeeded':
      return EXIT.succeeded;
    case 'timed_out':
      return EXIT.timed_out;
    case 'cancelled':
      return EXIT.cancelled;
    default:
      return EXIT.failed;
  }
};
