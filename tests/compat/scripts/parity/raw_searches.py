"""The wire by hand: what may be in a search."""

from asking import ask, new_experiment, new_run, post
from recording import PREFIX, step


def searches():
    empty = new_experiment("raw-s", "S")
    for number in range(3):
        new_run_id = new_run(empty, run_name=f"r{number}", start_time=number)
        post("runs/log-metric", {"run_id": new_run_id, "key": "m", "value": number, "timestamp": 1})
        post("runs/log-parameter", {"run_id": new_run_id, "key": "p", "value": str(number)})

    def runs(**fields):
        found = post("runs/search", {"experiment_ids": [empty], **fields})
        return (
            [run["info"]["run_name"] for run in found.get("runs", [])],
            bool(found.get("next_page_token")),
            sorted(found),
        )

    for fields in (
        {},
        {"max_results": 2},
        {"max_results": "2"},
        {"max_results": 0},
        {"max_results": 50000},
        {"max_results": 50001},
        {"max_results": -1},
        {"max_results": 1.5},
        {"max_results": None},
        {"run_view_type": "ACTIVE_ONLY"},
        {"run_view_type": "DELETED_ONLY"},
        {"run_view_type": "ALL"},
        {"run_view_type": 1},
        {"run_view_type": 3},
        {"run_view_type": "NOPE"},
        {"run_view_type": 9},
        {"filter": None},
        {"filter": ""},
        {"filter": 5},
        {"order_by": None},
        {"order_by": []},
        {"order_by": "metrics.m"},
        {"order_by": ["metrics.m", "metrics.m"]},
        {"order_by": ["metrics.m DESC", "metrics.m ASC"]},
        {"order_by": [""]},
        {"order_by": ["start_time", "start_time"]},
        {"order_by": ["attribute.start_time asc"]},
        {"order_by": ["params.p DESC"]},
        {"order_by": ["lifecycle_stage", "start_time"]},
        {"order_by": ["experiment_id", "start_time"]},
        {"order_by": ["metrics.`m` ASC"]},
        {"order_by": ['metrics."m" ASC']},
        {"order_by": ["`metrics`.m"]},
        {"order_by": ["metrics"]},
        {"order_by": ["Start Time DESC"]},
        {"order_by": ["`Start Time` DESC"]},
        {"order_by": ["Created ASC"]},
        {"order_by": ["tag.x", "start_time"]},
        {"page_token": ""},
        {"page_token": "x"},
        {"page_token": None},
        {"experiment_ids": None},
        {"experiment_ids": []},
        {"experiment_ids": [empty, empty]},
        {"experiment_ids": [empty, "999999"]},
        {"experiment_ids": ["x"]},
        {"experiment_ids": empty},
        {"experiment_ids": [int(empty)]},
    ):
        shown = str(fields).replace(f"'{empty}'", "S").replace(f"[{empty}]", "[S]")
        step(f"runs of {shown}", lambda fields=fields: runs(**fields))
    step("runs by GET", ask, "GET", "runs/search")

    def experiments(**fields):
        found = post(
            "experiments/search",
            {"filter": f"name LIKE '{PREFIX}-raw%'", "max_results": 10, **fields},
        )
        return [one["name"] for one in found.get("experiments", [])], bool(
            found.get("next_page_token")
        )

    for fields in (
        {},
        {"max_results": 1},
        {"max_results": None},
        {"max_results": 0},
        {"max_results": "1"},
        {"view_type": "ALL"},
        {"view_type": "DELETED_ONLY"},
        {"view_type": 2},
        {"view_type": "NOPE"},
        {"order_by": ["name"]},
        {"order_by": ["name", "name"]},
        {"order_by": ["experiment_id"]},
        {"order_by": ["last_update_time", "name"]},
        {"order_by": ["name asc"]},
        {"order_by": ["attribute.name desc"]},
        {"order_by": ["tags.x"]},
        {"order_by": ["`name`"]},
        {"page_token": "x"},
    ):
        step(f"experiments of {fields}", lambda fields=fields: experiments(**fields))
    step(
        "experiments by GET",
        lambda: [
            found["name"]
            for found in ask(
                "GET", "experiments/search", max_results=5, filter=f"name = '{PREFIX}-raw'"
            )["experiments"]
        ],
    )
    step("experiments by GET without a number", ask, "GET", "experiments/search")
    for query in (
        {},
        {"max_results": 0},
        {"max_results": 1},
        {"max_results": 1000},
        {"max_results": 1001},
        {"filter": "name = 'nobody'"},
        {"order_by": "name"},
        {"order_by": ["name", "name"]},
        {"order_by": "timestamp"},
        {"order_by": "last_updated_timestamp DESC"},
        {"order_by": "creation_timestamp"},
        {"page_token": "x"},
    ):
        step(
            f"models of {query}",
            lambda query=query: ask(
                "GET", "registered-models/search", **{"filter": f"name = '{PREFIX}-no'", **query}
            ),
        )
        step(
            f"versions of {query}",
            lambda query=query: ask(
                "GET", "model-versions/search", **{"filter": f"name = '{PREFIX}-no'", **query}
            ),
        )


searches()
