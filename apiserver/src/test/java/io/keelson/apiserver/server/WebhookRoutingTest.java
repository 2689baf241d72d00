package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.apiserver.store.TestEtcd;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --enable-aggregator-routing}, which is about webhooks, too. */
final class WebhookRoutingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static void allow(TestBackend.Call call) throws IOException {
        String uid = Json.parseObject(call.body()).at("/request/uid").asText();
        call.answer(
                200,
                "application/json",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"" + uid
                        + "\",\"allowed\":true}}");
    }

    /** Makes objects of ever new names until the answer is as it should be. */
    private static Caller.Answer until(Caller admin, String prefix, Predicate<Caller.Answer> fine) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int i = 0; ; i++) {
            Caller.Answer answer = admin.post(MAPS, "{\"metadata\": {\"name\": \"" + prefix + i + "\"}}");
            if (fine.test(answer)) {
                return answer;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(answer.text());
            }
            Thread.sleep(20);
        }
    }

    @Test
    void aWebhookIsCalledAtAnEndpointOfItsService(@TempDir Path folder) throws Exception {
        try (TestBackend hook = new TestBackend(
                        InetAddress.getLoopbackAddress(), List.of("hooks.default.svc"), WebhookRoutingTest::allow);
                TestEtcd etcd = TestEtcd.embedded(folder.resolve("etcd"));
                EtcdStore store = new EtcdStore(etcd.channel(), StoreOptions.DEFAULT);
                ApiServer server = ApiServer.start(Flags.config(folder, "--enable-aggregator-routing")
                        .withStore(new EtcdConnection(etcd.urls(), null, null, null, "/registry")));
                Caller admin = Caller.admin(server)) {
            admin.post(
                            "/api/v1/namespaces/default/services",
                            "{\"metadata\": {\"name\": \"hooks\"}, \"spec\": {\"ports\": [{\"name\": \"https\","
                                    + " \"port\": 443}]}}")
                    .succeeded();
            String authority = Base64.getEncoder().encodeToString(Pem.encode(hook.authority()));
            admin.post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", """
                            {"metadata": {"name": "hooks"}, "webhooks": [{"name": "hooks.example.com", "sideEffects": "None",
                             "admissionReviewVersions": ["v1"], "rules": [{"operations": ["CREATE"], "apiGroups": [""],
                             "apiVersions": ["v1"], "resources": ["configmaps"]}], "clientConfig": {"caBundle": "%s",
                             "service": {"namespace": "default", "name": "hooks", "path": "/check"}}}]}
                            """.formatted(
                                    authority))
                    .succeeded();
            Caller.Answer nobody = until(admin, "early", answer -> answer.code() != 201);
            assertEquals(
                    "Internal error occurred: failed calling webhook \"hooks.example.com\": failed to call webhook: Post"
                            + " \"https://hooks.default.svc:443/check?timeout=10s\": no endpoints available for service"
                            + " \"hooks\"",
                    nobody.at("/message"));
            assertTrue(hook.calls().isEmpty());
            // Nobody may write an endpoint on loopback through the API.
            long written = store.create(
                    "/registry/endpointslices/default/hooks-1",
                    """
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
             "metadata":{"name":"hooks-1","namespace":"default","uid":"7d2b7b0e-1f4f-4a0c-9a62-0c4f4d9f6b11",
              "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"kubernetes.io/service-name":"hooks"}},
             "ports":[{"name":"https","protocol":"TCP","port":%d}],
             "endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true}}]}""".formatted(hook.port()).getBytes(StandardCharsets.UTF_8),
                    0);
            assertTrue(written > 0);
            Caller.Answer made = until(admin, "late", answer -> answer.code() == 201);
            assertTrue(made.at("/metadata/name").startsWith("late"));
            assertEquals("/check?timeout=10s", hook.lastCall().target());
        }
    }
}
