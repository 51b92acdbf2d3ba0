"""The classes behind a Python model. They travel inside the pickle by value.

So a model saved here loads where neither mainstay nor mlflow is installed. Keep this module free
of imports: whatever it names would have to be there when the pickle is read.
"""


class TypeHints:
    """The type hints of ``predict``: of its input and its output, or None."""

    def __init__(self, input=None, output=None):  # type: ignore[no-untyped-def]  # noqa: A002
        self.input = input
        self.output = output


class PythonModel:
    """A model written as a Python class; define ``predict``.

    ``predict(self, context, model_input, params=None)``; ``context`` and ``params`` may be left
    out. ``load_context(self, context)`` is called once, before the first prediction;
    ``context.artifacts`` maps the names given to ``save_model`` to paths on this machine.
    """

    predict_type_hints = TypeHints()  # type: ignore[no-untyped-call]
    _is_type_hint_from_example = False

    def load_context(self, context):  # type: ignore[no-untyped-def]
        """Read what predictions need; does nothing unless defined."""

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Return predictions for ``model_input``."""
        raise NotImplementedError("define predict(self, context, model_input, params=None)")


class FunctionModel(PythonModel):
    """A model that is one function of its input, and of ``params`` if it takes them."""

    def __init__(self, func, takes_params=False, hints=None):  # type: ignore[no-untyped-def]
        self.func = func
        self.takes_params = takes_params
        if hints is not None:
            self.predict_type_hints = hints

    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Call the function."""
        if self.takes_params:
            return self.func(model_input, params)
        return self.func(model_input)


class PythonModelContext:
    """What a Python model is given: its files, by name, and its configuration."""

    def __init__(self, artifacts, model_config=None):  # type: ignore[no-untyped-def]
        self.artifacts = artifacts
        self.model_config = model_config
