"""The files of a packaged model: MLmodel, signature, manifest, profile, environment files.

Pure: nothing here runs a model's code, and nothing needs a store.
"""
