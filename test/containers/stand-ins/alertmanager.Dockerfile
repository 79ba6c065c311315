# stands for prom/alertmanager:v0.28.1: Debian's 0.25, with the official image's command
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends prometheus-alertmanager && rm -rf /var/lib/apt/lists/* \
 && install -d -o nobody /alertmanager
USER nobody
CMD ["prometheus-alertmanager", "--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"]
