# The tracking and registry server. `make image` prepares the folder that this is built from: the
# locked packages, and this checkout as a wheel. So the build needs no network and no credentials.
ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE_IMAGE}

# The packages were chosen for one version of Python; another one fails here, not later.
RUN python3 -c "import sys; sys.exit(None if sys.version_info[:2] == (3, 11) else 'the base image must have Python 3.11')" \
 && python3 -m venv --without-pip /opt/mainstay \
 && mkdir /data && chown 10001:10001 /data
COPY packages/ /opt/mainstay/lib/python3.11/site-packages/
COPY mainstay/ /opt/mainstay/lib/python3.11/site-packages/
RUN printf '#!/bin/sh\nexec /opt/mainstay/bin/python -m mainstay "$@"\n' > /opt/mainstay/bin/mainstay \
 && chmod 755 /opt/mainstay/bin/mainstay \
 && (/opt/mainstay/bin/python -m compileall -q /opt/mainstay/lib || true) \
 && /opt/mainstay/bin/mainstay --version

LABEL org.opencontainers.image.title="mainstay server"
ENV PATH=/opt/mainstay/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1
# Where the SQLite file and the artifacts are, unless variables name PostgreSQL and a bucket.
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
 CMD ["/opt/mainstay/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:5000/livez', timeout=4).close()"]
ENTRYPOINT ["/opt/mainstay/bin/mainstay"]
CMD ["server", "--host", "0.0.0.0"]
