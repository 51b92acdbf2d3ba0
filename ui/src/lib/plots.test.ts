import { describe, expect, test } from "vitest";
import { type Importance, plotPaths, readPlot } from "./plots";

describe("which files are plots", () => {
  test("those in plots/, confusion matrices, and importances without a fuller file", () => {
    const files = [
      ...["plots/roc.json", "plots/deep/x.json", "training_confusion_matrix.json", "other.json"],
      ...["feature_importance_gain.json", "plots/feature_importance_gain.json"],
      "feature_importance_split.json",
    ];
    expect(plotPaths(files)).toEqual([
      "feature_importance_split.json",
      "plots/feature_importance_gain.json",
      "plots/roc.json",
      "training_confusion_matrix.json",
    ]);
  });
});

describe("reading a plot", () => {
  test("a matrix may lack its kind and its title, and labels may be numbers", () => {
    const found = readPlot(
      "training_confusion_matrix.json",
      '{"labels": [0, true], "matrix": [[1, 2], [3, 4]]}',
    );
    expect(found).toEqual({
      ...{ kind: "confusion_matrix", title: "Training confusion matrix" },
      ...{ labels: ["0", "true"], matrix: [[1, 2], [3, 4]] }, // prettier-ignore
    });
  });
  test("a matrix that is not square is none", () => {
    expect(readPlot("m.json", '{"labels": ["a"], "matrix": [[1, 2]]}')).toBeUndefined();
  });
  test("a curve keeps its lines, areas and baselines", () => {
    const found = readPlot(
      "plots/roc.json",
      '{"kind": "curve", "x_label": "fpr", "lines": [{"name": 1, "area": 0.9, "x": [0, 1], "y": [0, 1], "baseline": [0, 1]}, {"x": [1], "y": []}]}',
    );
    expect(found).toMatchObject({
      ...{ title: "Roc", xLabel: "fpr", areaLabel: "area" },
      lines: [{ name: "1", area: 0.9, baseline: [0, 1] }],
    });
  });
  test("importances of classes are read, those of another length are not", () => {
    const found = readPlot(
      "plots/i.json",
      '{"kind": "importance", "names": ["a", "b"], "values": [2, NaN], "classes": {"x": [1, 2], "y": [1]}}',
    ) as Importance;
    expect(found.classes).toEqual([{ name: "x", values: [1, 2] }]);
    expect(found.values).toEqual([2, NaN]);
  });
  test("MLflow's importance is a plain mapping", () => {
    expect(readPlot("feature_importance_gain.json", '{"a": 2, "b": 1}')).toMatchObject({
      ...{ kind: "importance", measure: "gain", names: ["a", "b"], of: 2 },
    });
  });
  test.each(['{"kind": "violin"}', "not json", "[]", "3", "null"])("%s is passed over", (said) => {
    expect(readPlot("plots/x.json", said)).toBeUndefined();
  });
});
