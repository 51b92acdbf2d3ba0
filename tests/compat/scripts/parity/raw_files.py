"""The wire by hand: methods, paths and headers, and files."""

from urllib.parse import quote

from asking import BASE, ask, new_experiment, new_run, post, send
from recording import step

one = new_experiment("raw_files", "R")


def places():
    """Methods, paths and headers."""
    for method, path in (
        ("GET", "experiments/create"),
        ("POST", "experiments/get"),
        ("PUT", "experiments/create"),
        ("DELETE", "runs/delete"),
        ("POST", "nothing/here"),
        ("GET", "nothing"),
        ("GET", ""),
        ("PATCH", "runs/update"),
        ("POST", "registered-models/get-latest-versions"),
        ("GET", "registered-models/get-latest-versions"),
        ("GET", "/api/2.0/preview/mlflow/experiments/get"),
        ("GET", "/api/3.0/mlflow/experiments/get"),
        ("GET", "/ajax-api/2.0/mlflow/runs/get"),
        ("OPTIONS", "runs/create"),
        ("HEAD", "runs/get"),
        ("GET", "/api/2.0/mlflow/runs/get/"),
        ("GET", "/api/2.0/mlflow//runs/get"),
        ("GET", "/get-artifact"),
        ("GET", "/model-versions/get-artifact"),
    ):
        step(
            f"{method} {path}",
            lambda method=method, path=path: send(
                method,
                path if path.startswith("/") else f"{BASE}/{path}",
                b"{}" if method not in ("GET", "HEAD") else None,
            )[0],
        )

    def shown(path, *names):
        status, headers, content = send("GET", path)
        found = {name.lower(): value for name, value in headers.items()}
        return [
            status,
            {name: found.get(name) for name in names},
            found.get("content-disposition", "").partition(";")[0],
            content.decode(errors="replace")[:200],
        ]

    step("health", lambda: shown("/health", "content-type"))
    step("server-info", lambda: ask("GET", "/api/3.0/mlflow/server-info"))
    step("server-info of 2.0", lambda: ask("GET", "/api/2.0/mlflow/server-info"))
    run = new_run(one, run_name="files")
    root = f"/api/2.0/mlflow-artifacts/artifacts/{one}/{run}/artifacts"
    for name, content in {
        "a.txt": b"text",
        "deep/er/b.json": b"{}",
        "page.html": b"<b>",
        "none": b"",
        "\u00fcber.txt": b"u",
        "with space.csv": b"1",
        "x.png": b"png",
        "m/MLmodel": b"a: b",
    }.items():
        step(
            f"put {name}",
            lambda name=name, content=content: send(
                "PUT",
                f"{root}/{quote(name)}",
                content,
                {"Content-Type": "application/octet-stream"},
            )[0],
        )
        step(
            f"get {name}",
            lambda name=name: shown(f"{root}/{quote(name)}", "x-content-type-options"),
        )
        step(
            f"get-artifact {name}",
            lambda name=name: shown(
                f"/get-artifact?run_id={run}&path={quote(name)}", "x-content-type-options"
            ),
        )
    step("get-artifact by the old id", lambda: shown(f"/get-artifact?run_uuid={run}&path=a.txt"))
    for query in (
        f"run_id={run}",
        f"run_id={run}&path=",
        "path=a.txt",
        f"run_id={run}&path=never",
        f"run_id={run}&path=../a.txt",
        f"run_id={run}&path=/etc/passwd",
        f"run_id={run}&path=deep",
        f"run_id={'0' * 32}&path=a.txt",
        f"run_id={run}&path=%2e%2e/a.txt",
        f"run_id={run}&path=a.txt%00",
    ):
        step(
            f"get-artifact of {query.replace(run, 'RUN')}",
            lambda query=query: ask("GET", f"/get-artifact?{query}"),
        )
    for query in (
        {},
        {"path": ""},
        {"path": "deep"},
        {"path": "deep/er"},
        {"path": "deep/"},
        {"path": "a.txt"},
        {"path": "never"},
        {"path": ".."},
        {"path": "/"},
        {"path": "/etc"},
        {"path": "deep/../deep"},
        {"path": "deep//er"},
        {"path": "."},
        {"page_token": "x"},
    ):
        step(
            f"listed {query}", lambda query=query: ask("GET", "artifacts/list", run_id=run, **query)
        )
    step("listed of no run", ask, "GET", "artifacts/list")
    step("listed of an unknown run", ask, "GET", "artifacts/list", run_id="0" * 32)
    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    for query in (
        {},
        {"path": f"{one}/{run}/artifacts"},
        {"path": f"{one}/{run}/artifacts/deep"},
        {"path": f"{one}/{run}/artifacts/a.txt"},
        {"path": "never"},
        {"path": "../x"},
        {"path": "/etc"},
    ):
        label = str(query).replace(run, "RUN").replace(f"'{one}/", "'R/")
        step(
            f"proxied {label}",
            lambda query=query: ask("GET", proxy, **query) if query else sorted(ask("GET", proxy)),
        )
    for path in (
        "..%2fx",
        "%2e%2e/x",
        "a/..%2f..%2fx",
        "/etc/passwd",
        "a%00b",
        "%5c..%5cx",
        "C:%5cx",
    ):
        step(f"get of {path}", lambda path=path: ask("GET", f"{root}/{path}"))
        step(f"put of {path}", lambda path=path: send("PUT", f"{root}/{path}", b"x")[0])
        step(f"delete of {path}", lambda path=path: send("DELETE", f"{root}/{path}")[0])
    step("delete a file", lambda: send("DELETE", f"{root}/a.txt")[0])
    step("delete it again", lambda: send("DELETE", f"{root}/a.txt")[0])
    step("delete a folder", lambda: send("DELETE", f"{root}/deep")[0])
    step("listed after", lambda: ask("GET", "artifacts/list", run_id=run))
    step(
        "upload",
        lambda: send(
            "POST",
            f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=up/c.txt",
            b"c",
            {"Content-Type": "text/plain"},
        )[0],
    )
    step(
        "upload without a path",
        lambda: ask("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}", b"c"),
    )
    step(
        "upload without a run",
        lambda: ask("POST", "/ajax-api/2.0/mlflow/upload-artifact?path=x", b"c"),
    )
    step(
        "upload of nothing",
        lambda: ask("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=x", b""),
    )
    step(
        "upload above",
        lambda: ask("POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=../x", b"c"),
    )
    step(
        "upload of an unknown run",
        lambda: ask(
            "POST", f"/ajax-api/2.0/mlflow/upload-artifact?run_uuid={'0' * 32}&path=x", b"c"
        ),
    )
    step(
        "version's file without a name",
        lambda: ask("GET", "/model-versions/get-artifact?version=1&path=x"),
    )
    step(
        "version's file of nobody",
        lambda: ask("GET", "/model-versions/get-artifact?name=nobody&version=1&path=x"),
    )
    for path in ("presigned-upload-url", "presigned-download-url"):
        step(f"{path}", lambda path=path: post(f"artifacts/{path}", {"run_id": run, "path": "x"}))
        step(f"{path} of nothing", lambda path=path: post(f"artifacts/{path}", {}))
    step(
        "presigned",
        lambda: ask("GET", f"/api/2.0/mlflow-artifacts/presigned/{one}/{run}/artifacts/x"),
    )
    for kind in ("create", "complete", "abort"):
        step(
            f"mpu {kind}",
            lambda kind=kind: ask(
                "POST",
                f"/api/2.0/mlflow-artifacts/mpu/{kind}/{one}/x",
                {"path": "x", "num_parts": 1, "upload_id": "u", "parts": []},
            ),
        )


places()
