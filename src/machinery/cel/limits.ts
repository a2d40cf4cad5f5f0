/** Upstream's limits of the cost of expressions. */

/** Of one evaluation. */
export const perCallCostLimit = 1_000_000;
/** Of all rules on one object, and of all expressions of one policy on one request. */
export const evaluationCostBudget = 10_000_000;
/** Of all match conditions of one webhook or policy on one request. */
export const matchConditionsCostBudget = 2_500_000;
/** Of one rule in the schema of a custom resource, estimated before it is accepted. */
export const estimatedRuleCostLimit = 10_000_000;
/** Of all rules in all schemas of a CustomResourceDefinition. */
export const estimatedSchemaCostLimit = 100_000_000;
/** Of the text that a message expression makes, in bytes. */
export const maxMessageBytes = 5 * 1024;
