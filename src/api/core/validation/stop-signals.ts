/** Signals that can end a container. */
const named = `
  SIGABRT SIGALRM SIGBUS SIGCHLD SIGCLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGIOT SIGKILL
  SIGPIPE SIGPOLL SIGPROF SIGPWR SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP
  SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGWINCH SIGXCPU SIGXFSZ
`;
const realTimeMin = Array.from({ length: 16 }, (_, index) => (index === 0 ? 'SIGRTMIN' : `SIGRTMIN+${index}`));
const realTimeMax = Array.from({ length: 15 }, (_, index) => (index === 0 ? 'SIGRTMAX' : `SIGRTMAX-${index}`));

export const linuxSignals: ReadonlySet<string> = new Set([
  ...named.trim().split(/\s+/),
  ...realTimeMin,
  ...realTimeMax,
]);
export const windowsSignals: ReadonlySet<string> = new Set(['SIGKILL', 'SIGTERM']);
