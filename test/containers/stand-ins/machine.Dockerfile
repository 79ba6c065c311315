# a bare Debian with systemd as its init, and the Node of this project: where the units of integrations/systemd run
FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends systemd systemd-sysv dbus && rm -rf /var/lib/apt/lists/*
CMD ["/sbin/init"]
