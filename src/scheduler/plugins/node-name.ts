import { unresolvable, type Plugin } from '../contract.ts';

/** A Pod that names its node runs there or nowhere. */
export const nodeName: Plugin = {
  name: 'NodeName',
  mayHelp: ({ resource, action, object }, { spec }) =>
    resource === 'Node' && action === 'Add' && object.metadata?.name === spec.nodeName,
  filter: (_state, { spec }, { name }) =>
    (spec.nodeName ?? '') === '' || spec.nodeName === name
      ? undefined
      : unresolvable("node(s) didn't match the requested node name"),
};
