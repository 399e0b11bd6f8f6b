// The default rules of Argo Rollouts, Flagger and Kayenta, from what they document; none of their code is here.
import { kayentaVerdict } from "./mann-whitney.js"
import { Traffic, type Rule } from "./release.js"

/**
 * The example of its guide: success rate of 5 minutes at least 95 %, asked every 5 minutes, failed at the fourth bad answer
 * (`failed > failureLimit`), 20, 40, 60, 80 % for 10 minutes each. No request is NaN, which fails a `successCondition`.
 */
export const argo: Rule = {
  name: "Argo Rollouts",
  source: "docs/features/analysis.md: interval 5m, successCondition >= 0.95, failureLimit 3",
  release(chance, cell) {
    const traffic = new Traffic(chance, cell)
    let failed = 0
    for (let measured = 0; measured < 8; measured++) {
      const { canary } = traffic.pass(300, cell.share ?? [0.2, 0.4, 0.6, 0.8][Math.floor(measured / 2)] ?? 0.8)
      if (!(1 - canary.errors / canary.requests >= 0.95)) failed++
      if (failed > 3) return traffic.outcome("aborted")
    }
    return traffic.outcome("promoted")
  },
}

/**
 * The example of its guide: every minute the success rate of that minute, at least 99 %; a check that fails is counted and
 * halts the advance, the tenth takes the traffic away. 5 % more for each good check, promotion after 50 %. No request is a
 * failed check.
 */
export const flagger: Rule = {
  name: "Flagger",
  source: "docs/gitbook/usage/how-it-works.md: interval 1m, threshold 10, stepWeight 5, maxWeight 50, min 99",
  release(chance, cell) {
    const traffic = new Traffic(chance, cell)
    let failed = 0
    for (let passed = 0; passed < 10; ) {
      const { canary } = traffic.pass(60, cell.share ?? (passed + 1) * 0.05)
      if (canary.requests > 0 && 1 - canary.errors / canary.requests >= 0.99) passed++
      else failed++
      if (failed >= 10) return traffic.outcome("aborted")
    }
    return traffic.outcome("promoted")
  },
}

/**
 * The error rate of each minute of an hour (its guide wants at least 50 points), held against a fresh baseline as big as the
 * canary by the Mann-Whitney test at 98 %; one judgement, at the end. Minutes without a request are left out.
 */
export const kayenta: Rule = {
  name: "Kayenta",
  source: "MannWhitneyClassifier: tolerance 0.25, confidence 0.98, effect size 1.0; 60 points, direction increase",
  release(chance, cell) {
    const share = cell.share ?? 0.1
    const traffic = new Traffic(chance, cell)
    // Both get the canary's share, and both have stable's own errors but for what the canary adds.
    const baseline = new Traffic(chance, { ...cell, effectPoints: 0 })
    const canaryRates: number[] = []
    const baselineRates: number[] = []
    for (let minute = 0; minute < 60; minute++) {
      const { canary } = traffic.pass(60, share)
      const { canary: control } = baseline.pass(60, share)
      if (canary.requests > 0) canaryRates.push(canary.errors / canary.requests)
      if (control.requests > 0) baselineRates.push(control.errors / control.requests)
    }
    return traffic.outcome(kayentaVerdict(canaryRates, baselineRates) === "High" ? "aborted" : "promoted")
  },
}
