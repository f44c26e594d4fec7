import { StreamEdit } from "../kubernetes/edit/stream-edit.ts";
import type { InputFile } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { renderPath } from "../kubernetes/path.ts";
import { isValueMap, type ValueMap, valueAt, withValueAt } from "../kubernetes/value.ts";
import { Transaction } from "../lib/transaction.ts";
import type { LintFinding } from "./finding.ts";
import { LINT_RULES } from "./rule-catalogue.ts";

/** One change that was made. */
export interface Repair {
  readonly file: string;
  /** Id of the rule. */
  readonly code: string;
  readonly object: string;
  readonly path: string;
}

/**
 * Repairs what can be repaired without asking: the smallest change of each file, all files together or none.
 *
 * @returns what was changed, in the order of the input; empty where nothing could be
 * @throws ContrastError `kubernetes/edit-mismatch`, `lib/file-unwritable`; all files are then as they were
 */
export async function fixFindings(
  files: readonly InputFile[],
  findings: readonly LintFinding[],
): Promise<readonly Repair[]> {
  const repairs: Repair[] = [];
  // The rules are asked in no order, and the place of a new key must not hang on that.
  const inOrder = findings.toSorted((left, right) => orderOf(left) - orderOf(right));
  const byObject = Map.groupBy(inOrder, ({ object }) => object);
  const desired = async (object: KubernetesObject): Promise<ValueMap> => {
    let value = object.value;
    for (const { rule, fix } of byObject.get(object) ?? []) {
      for (const step of fix) {
        if (valueAt(value, step.path) === step.value) continue;
        const changed = withValueAt(value, step.path, step.value);
        if (!isValueMap(changed)) continue;
        value = changed;
        const path = renderPath([...object.prefix, ...step.path]);
        repairs.push({ file: object.document.file, code: rule, object: object.label, path });
      }
    }
    return value;
  };
  const transaction = new Transaction();
  try {
    for (const file of files) {
      if (!file.objects.some((object) => byObject.get(object)?.some(({ fix }) => fix.length > 0))) continue;
      const edit = new StreamEdit(file.stream, file.objects, desired);
      await transaction.stage({ path: file.path, content: edit.chunks() });
      if (!edit.changed) await transaction.unstage();
    }
    await transaction.commit();
    return repairs;
  } finally {
    await transaction.discard();
  }
}

function orderOf({ rule }: LintFinding): number {
  return LINT_RULES.findIndex(({ id }) => id === rule);
}
