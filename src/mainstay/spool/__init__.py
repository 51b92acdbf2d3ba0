"""The durable client log: a log call appends a record and returns; a thread sends it."""
