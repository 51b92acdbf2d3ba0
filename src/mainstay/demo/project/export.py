"""Write the rows that no model was trained on to a Parquet file."""

from __future__ import annotations

import sys

import data

if __name__ == "__main__":
    data.split()[1].to_parquet(sys.argv[1], index=False)
