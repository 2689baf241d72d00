package io.keelson.apiserver.audit;

import io.keelson.apiserver.certs.RemoteCalls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Posts events to another server, as an EventList of {@code audit.k8s.io/v1}. */
record WebhookBackend(RemoteCalls calls) implements Backend {
    private static final byte[] BEGIN = ("{\"kind\":\"EventList\",\"apiVersion\":\"" + AuditEvent.API_VERSION
                    + "\",\"metadata\":{},\"items\":[")
            .getBytes(StandardCharsets.US_ASCII);

    @Override
    public void store(List<AuditEvent> events) throws IOException, InterruptedException {
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        list.writeBytes(BEGIN);
        for (int i = 0; i < events.size(); i++) {
            if (i > 0) {
                list.write(',');
            }
            list.writeBytes(events.get(i).json(false));
        }
        list.write(']');
        list.write('}');
        calls.send(list.toByteArray());
    }

    @Override
    public String name() {
        return "webhook";
    }

    @Override
    public void close() {
        calls.close();
    }
}
