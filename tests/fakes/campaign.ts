/** Whether slow tests try everything instead of a sample, as `npm run campaign` does. */
export const IS_CAMPAIGN = process.env["CONTRAST_CAMPAIGN"] === "1";

/** Longest time for a test that does more in a campaign. */
export const CAMPAIGN_TIMEOUT_MS = IS_CAMPAIGN ? 3_600_000 : 300_000;
