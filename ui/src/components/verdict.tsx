/** What a gate decided: one line, or check by check. */
import type { Outcome, Verdict } from "../api/types";
import { OutcomeMark } from "./marks";

/** What stands in the way comes first. */
const ORDER: Outcome[] = ["fail", "inconclusive", "waived", "pass"];

export function Passed({ verdict }: { verdict: Verdict }) {
  const failed = verdict.checks.filter(
    (one) => one.outcome === "fail" || one.outcome === "inconclusive",
  );
  return (
    <span>
      <OutcomeMark outcome={verdict.passed ? "pass" : "fail"} /> for @{verdict.alias}
      {failed.length > 0 && `: ${failed.map((one) => one.check).join(", ")}`}
    </span>
  );
}

export function Checks({ verdict }: { verdict: Verdict }) {
  const passed = verdict.checks.filter((one) => one.outcome === "pass").length;
  const checks = verdict.checks.toSorted(
    (a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome),
  );
  return (
    <div class={`checks ${verdict.passed ? "open" : "shut"}`}>
      <p class="note">
        {passed} of {checks.length} checks passed
        {verdict.baseline_version !== null && `, compared with version ${verdict.baseline_version}`}
      </p>
      <table class="named" aria-label={`Checks of version ${verdict.version}`}>
        <tbody>
          {checks.map((check) => (
            <tr key={check.check} class={check.outcome}>
              <td>
                <OutcomeMark outcome={check.outcome} />
              </td>
              <th scope="row">{check.check}</th>
              <td>{check.message}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
