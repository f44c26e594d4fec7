import { renderInstant } from "../../lib/instant.ts";
import * as v from "valibot";

/** What Intel says about a TCB level, best first. */
export const TCB_STATUSES = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
  "Revoked",
] as const;

/** @see Intel PCS API v4, Get TDX TCB Info, `tcbStatus` */
export type TcbStatus = (typeof TCB_STATUSES)[number];

/** How bad a status is; 0 is the best. */
export function severityOf(status: TcbStatus): number {
  return TCB_STATUSES.indexOf(status);
}

/** What a level says beside the versions that it is about. */
export interface TcbLevelStatus {
  readonly status: TcbStatus;
  readonly tcbDate: Date;
  readonly advisoryIds: readonly string[];
}

const STATUS_MEANING: Readonly<Record<TcbStatus, string>> = {
  UpToDate: "all security updates are installed",
  SWHardeningNeeded: "the platform is up to date, software in it needs hardening",
  ConfigurationNeeded: "the platform is up to date, but not configured as it should be",
  ConfigurationAndSWHardeningNeeded: "configuration and hardening of software are needed",
  OutOfDate: "security updates are missing",
  OutOfDateConfigurationNeeded: "security updates and configuration are missing",
  Revoked: "the platform must not be trusted",
};

/** What a status means, for people. */
export function tcbStatusMeaning(status: TcbStatus): string {
  return STATUS_MEANING[status];
}

/** `OutOfDate, tcbDate 2023-08-09T00:00:00Z, INTEL-SA-01036` */
export function renderLevelStatus({ status, tcbDate, advisoryIds }: TcbLevelStatus): string {
  return [status, `tcbDate ${renderInstant(tcbDate)}`, ...advisoryIds].join(", ");
}

/** Members that every level of every document has. Texts other than the known statuses are refused. */
export const LEVEL_STATUS_MEMBERS = {
  tcbDate: v.pipe(v.string(), v.isoTimestamp(), v.toDate()),
  tcbStatus: v.picklist(TCB_STATUSES),
  advisoryIDs: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(/^[A-Za-z0-9.-]{1,64}$/))), v.maxLength(256)), []),
};
