/** The command line of `kubets history`. */
import { flag, parseFlags, section, type FlagSet, type FlagValues } from '../../machinery/flags/flag-set.ts';
import { boolean, choice, integer, optionalText, text } from '../../machinery/flags/flag-types.ts';
import { helpText } from '../../machinery/flags/help.ts';
import { connectionFlags } from '../connection.ts';
import { UsageError } from '../errors.ts';

const flags = {
  ...section('History', {
    at: flag(
      optionalText,
      undefined,
      'Show the object, or all of the kind, as it was at this `moment`: an age (10m, 2h, 1d), a revision (1234) or a time (2026-01-02T15:04:05Z).',
    ),
    limit: flag(
      integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      50,
      'How many revisions to show, the newest first; 0: all that are kept.',
    ),
    output: flag(choice(['', 'json', 'yaml', 'wide']), '', 'json or yaml; with --at of a whole kind also wide.', 'o'),
    'all-namespaces': flag(boolean, false, 'With --at: the kind in all namespaces.', 'A'),
    selector: flag(text, '', 'With --at: only what these labels select.', 'l'),
  }),
  ...connectionFlags,
};

const flagSet: FlagSet<typeof flags> = { program: 'kubets history', flags, takesArguments: true };

const help = {
  description:
    'Shows what happened to an object: each revision with its time, who made it and with what, and the fields that it changed; or reads objects as they were.',
  usage: 'kubets history KIND NAME [flags]\n  kubets history KIND [NAME] --at MOMENT [flags]',
};

export interface HistoryArguments {
  /** As it was written: a plural, singular, kind or short name. */
  readonly kind: string;
  readonly name: string | undefined;
  readonly values: FlagValues<typeof flags>;
}

/** Throws FlagError and UsageError. A string is the help that was asked for. */
export function parseHistoryArguments(args: readonly string[], columns: number): HistoryArguments | string {
  const { values, help: wantsHelp, args: words } = parseFlags(flagSet, args);
  if (wantsHelp) return helpText(flagSet, help, columns);
  const [kind, name] = words.length === 1 ? splitSlash(words[0] ?? '') : words;
  if (kind === undefined || kind === '' || name === '' || words.length > 2) {
    throw new UsageError(`give a kind and a name: ${help.usage.split('\n')[0]}`);
  }
  const { at, output, 'all-namespaces': allNamespaces, selector, namespace } = values;
  if (at === undefined) {
    if (name === undefined)
      throw new UsageError('give the name of an object, or with --at the moment to show all of the kind at');
    if (output === 'wide') throw new UsageError('-o wide is for whole kinds: give -o json or -o yaml');
  }
  if ((allNamespaces || selector !== '') && (at === undefined || name !== undefined)) {
    throw new UsageError('--all-namespaces and --selector are for whole kinds: give --at, and no name');
  }
  if (allNamespaces && namespace !== undefined) throw new UsageError('give --namespace or --all-namespaces, not both');
  return { kind, name, values };
}

/** `pod/web` */
function splitSlash(word: string): [string, string | undefined] {
  const slash = word.indexOf('/');
  return slash < 0 ? [word, undefined] : [word.slice(0, slash), word.slice(slash + 1)];
}
