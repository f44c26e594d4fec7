/** Ids of rules that users write; no rule of this program will ever be called so. */
export const OWN_RULE = /^x(?:-[a-z0-9]+)+$/;
