# stands for apache/kafka:4.1.0: the jars that tests use, Debian's Java, and KAFKA_A_B as the property a.b
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless && rm -rf /var/lib/apt/lists/*
COPY jars /opt/kafka/libs
COPY kafka.sh /opt/kafka/bin/entry
COPY kafka-topics.sh /opt/kafka/bin/kafka-topics.sh
RUN chmod 0755 /opt/kafka/bin/entry /opt/kafka/bin/kafka-topics.sh && useradd --uid 1000 appuser \
 && install -d -o appuser /var/lib/kafka/data
USER appuser
ENTRYPOINT ["/opt/kafka/bin/entry"]
