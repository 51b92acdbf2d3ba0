"""The class of a model with its preprocessing and postprocessing. It travels inside the pickle.

As in ``python_model``, whose class it is derived from and travels with, nothing else is imported
here that would have to be there when it is read. The model itself lies beside it, in the form of
its own library.
"""

from mainstay.models.python_model import PythonModel

_BEFORE = ("transform",)
_AFTER = ("inverse_transform", "transform")


class StepsModel(PythonModel):
    """Steps before a model, the model, and steps after it, as one Python model."""

    def __init__(self, before, after, labels):  # type: ignore[no-untyped-def]
        self.before = before
        self.after = after
        self.labels = labels

    def load_context(self, context):  # type: ignore[no-untyped-def]
        """Load the model that the steps surround."""
        path = context.artifacts["model"]
        try:
            from mainstay.models.loading import load_model

            # Whoever let this class load has vouched for the folder that it lies in.
            found = load_model(path, trust=True)
        except ModuleNotFoundError as error:
            if error.name != "mainstay":
                raise
            from mlflow.pyfunc import load_model as load_with_mlflow

            found = load_with_mlflow(path)
        self.ask = found.predict

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Run the steps, ask the model, run the steps after it."""
        for step in self.before:
            model_input = self.run(step, model_input, _BEFORE)  # type: ignore[no-untyped-call]
        found = self.ask(model_input, params) if params else self.ask(model_input)
        for step in self.after:
            found = self.run(step, found, _AFTER)  # type: ignore[no-untyped-call]
        if self.labels is None:
            return found
        return self.named(found)  # type: ignore[no-untyped-call]

    def run(self, step, data, methods):  # type: ignore[no-untyped-def]
        """Call a function, or the first of the methods that the object has."""
        for name in methods:
            if hasattr(step, name):
                return getattr(step, name)(data)
        return step(data)

    def named(self, found):  # type: ignore[no-untyped-def]
        """Put names in the place of numbers; name the columns of probabilities."""
        if getattr(found, "ndim", 1) == 2 and found.shape[1] == len(self.labels):
            import pandas

            names = self.labels.values() if isinstance(self.labels, dict) else self.labels
            return pandas.DataFrame(found, columns=list(names))
        flat = found.ravel() if getattr(found, "ndim", 1) > 1 else found
        return [self.labels[item if isinstance(item, str) else int(item)] for item in flat]

    def __getstate__(self):  # type: ignore[no-untyped-def]
        state = dict(self.__dict__)
        state.pop("ask", None)
        state.pop("_mainstay_context", None)
        return state
