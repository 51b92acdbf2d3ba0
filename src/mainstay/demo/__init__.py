"""The whole lifecycle on real data, as a user would write it; also the first tutorial.

``project/`` is the user's code. ``play`` runs the seven steps, one file each.
"""
