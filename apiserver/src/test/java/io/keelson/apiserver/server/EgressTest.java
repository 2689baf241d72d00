package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.egress.TestKonnectivity;
import io.keelson.apiserver.egress.TestProxy;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.apiserver.store.TestEtcd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --egress-selector-config-file}: whoever is called is called through the proxy that is for them. */
final class EgressTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";

    private static ApiServer started(Path folder, Path configuration, String... flags) throws Exception {
        String[] all = new String[flags.length + 1];
        all[0] = "--egress-selector-config-file=" + configuration;
        System.arraycopy(flags, 0, all, 1, flags.length);
        return ApiServer.start(Flags.config(folder, all));
    }

    private static void allow(TestBackend.Call call) throws IOException {
        String uid = Json.parseObject(call.body()).at("/request/uid").asText();
        call.answer(
                200,
                "application/json",
                "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":\"" + uid
                        + "\",\"allowed\":true}}");
    }

    private static void hook(Caller admin, String name, String authority, String where) throws Exception {
        admin.post("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", """
                        {"metadata": {"name": "%s"}, "webhooks": [{"name": "%s.example.com", "sideEffects": "None",
                         "admissionReviewVersions": ["v1"], "rules": [{"operations": ["CREATE"], "apiGroups": [""],
                         "apiVersions": ["v1"], "resources": ["configmaps"]}], "clientConfig": {"caBundle": "%s",
                         %s}}]}
                        """.formatted(
                                name, name, authority, where))
                .succeeded();
    }

    /** Makes objects of ever new names until something holds. */
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
    void nodesAreReachedThroughTheProxyOfTheClusterByNamesThatMeanNothingHere(@TempDir Path folder) throws Exception {
        try (TestKubelet kubelet = new TestKubelet();
                TestProxy proxy = TestProxy.overTls(folder).lead("far.nowhere:10250", kubelet.port());
                ApiServer server = started(folder, TestProxy.configuration(folder, proxy.selection("cluster")));
                Caller admin = Caller.admin(server)) {
            admin.post("/api/v1/nodes", "{\"metadata\": {\"name\": \"far\"}}").succeeded();
            admin.call("PATCH", "/api/v1/nodes/far/status", """
                            {"status": {"addresses": [{"type": "Hostname", "address": "far.nowhere"}],
                             "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}
                            """, "Content-Type", "application/merge-patch+json")
                    .succeeded();
            admin.post("/api/v1/namespaces/default/pods", """
                            {"metadata": {"name": "web"}, "spec": {"nodeName": "far",
                             "containers": [{"name": "a", "image": "b"}]}}
                            """).succeeded();
            assertEquals(
                    "asked \n",
                    admin.get("/api/v1/namespaces/default/pods/web/log")
                            .succeeded()
                            .text());
            assertEquals(
                    "up 1\n",
                    admin.get("/api/v1/nodes/far/proxy/metrics").succeeded().text());
            assertEquals(List.of("far.nowhere:10250", "far.nowhere:10250"), proxy.asked());
            String metrics = admin.get("/metrics").text();
            assertTrue(
                    metrics.contains(
                            "apiserver_egress_dialer_dial_start_total{protocol=\"http_connect\",transport=\"tcp\"} 2\n"),
                    metrics);
        }
    }

    @Test
    void nodesAreReachedThroughAKonnectivityServer(@TempDir Path folder) throws Exception {
        try (TestKubelet kubelet = new TestKubelet();
                TestKonnectivity konnectivity =
                        new TestKonnectivity(folder.resolve("k.sock")).lead("far.nowhere:10250", kubelet.port());
                ApiServer server = started(folder, TestProxy.configuration(folder, konnectivity.selection("cluster")));
                Caller admin = Caller.admin(server)) {
            admin.post("/api/v1/nodes", "{\"metadata\": {\"name\": \"far\"}}").succeeded();
            admin.call("PATCH", "/api/v1/nodes/far/status", """
                            {"status": {"addresses": [{"type": "Hostname", "address": "far.nowhere"}],
                             "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}}}}
                            """, "Content-Type", "application/merge-patch+json")
                    .succeeded();
            assertEquals(
                    "up 1\n",
                    admin.get("/api/v1/nodes/far/proxy/metrics").succeeded().text());
            assertEquals(List.of("far.nowhere:10250"), konnectivity.asked());
        }
    }

    @Test
    void webhooksThatAreServicesAreOfTheClusterAndThoseThatAreUrlsAreNot(@TempDir Path folder) throws Exception {
        try (TestBackend hook = new TestBackend(
                        InetAddress.getLoopbackAddress(),
                        List.of("hooks.default.svc", "hooks.nowhere"),
                        EgressTest::allow);
                TestProxy cluster = TestProxy.overTcp();
                TestProxy controlPlane =
                        TestProxy.overUnixSocket(folder.resolve("cp.sock")).lead("hooks.nowhere:443", hook.port());
                ApiServer server = started(
                        folder,
                        TestProxy.configuration(
                                folder, cluster.selection("cluster"), controlPlane.selection("controlplane")));
                Caller admin = Caller.admin(server)) {
            String address = admin.post(
                            "/api/v1/namespaces/default/services",
                            "{\"metadata\": {\"name\": \"hooks\"}, \"spec\": {\"ports\": [{\"name\": \"https\","
                                    + " \"port\": 443}]}}")
                    .succeeded()
                    .at("/spec/clusterIP");
            String authority = Base64.getEncoder().encodeToString(Pem.encode(hook.authority()));
            hook(
                    admin,
                    "services",
                    authority,
                    "\"service\": {\"namespace\": \"default\", \"name\": \"hooks\", \"path\": \"/service\"}");
            Caller.Answer refused = until(admin, "early", answer -> answer.code() != 201);
            assertTrue(
                    refused.at("/message").contains(" while dialing " + address + ":443, code 403: 403 Forbidden"),
                    refused.text());
            cluster.lead(address + ":443", hook.port());
            until(admin, "between", answer -> answer.code() == 201);
            assertEquals("/service?timeout=10s", hook.lastCall().target());
            assertTrue(controlPlane.asked().isEmpty());

            hook(admin, "urls", authority, "\"url\": \"https://hooks.nowhere/url\"");
            until(
                    admin,
                    "late",
                    _ -> hook.calls().stream().anyMatch(call -> call.target().equals("/url?timeout=10s")));
            assertEquals(Set.of("hooks.nowhere:443"), Set.copyOf(controlPlane.asked()));
            assertEquals(Set.of(address + ":443"), Set.copyOf(cluster.asked()));
        }
    }

    @Test
    void webhooksOfAuthenticationAreOfTheControlPlane(@TempDir Path folder) throws Exception {
        try (HttpsStub stub = new HttpsStub((_, body) -> {
                    ObjectNode review = Json.parseObject(body);
                    review.putObject("status")
                            .put("authenticated", true)
                            .putObject("user")
                            .put("username", "harry");
                    return Json.encode(review);
                });
                TestProxy proxy = TestProxy.overTcp().lead("localhost:" + stub.port(), stub.port());
                ApiServer server = started(
                        folder,
                        TestProxy.configuration(folder, proxy.selection("controlplane")),
                        "--authentication-token-webhook-config-file=" + stub.kubeconfig(folder, "hook"),
                        "--authentication-token-webhook-version=v1");
                Caller stranger = Caller.stranger(server)) {
            assertEquals(
                    "harry",
                    stranger.whoAmI("Authorization", "Bearer hooked")
                            .succeeded()
                            .at("/status/userInfo/username"));
            assertEquals(List.of("localhost:" + stub.port()), proxy.asked());
        }
    }

    @Test
    void anIssuerOfTokensIsReachedByWayOfWhereItsConfigurationSaysThatItIs(@TempDir Path folder) throws Exception {
        try (HttpsStub stub = new HttpsStub((_, _) -> Json.encode(Json.object()));
                TestProxy cluster = TestProxy.overTcp();
                TestProxy controlPlane = TestProxy.overTcp()) {
            ObjectNode configuration = Json.object()
                    .put("apiVersion", "apiserver.config.k8s.io/v1")
                    .put("kind", "AuthenticationConfiguration");
            ObjectNode entry = configuration.putArray("jwt").addObject();
            ObjectNode issuer = entry.putObject("issuer")
                    .put("url", stub.url())
                    .put("certificateAuthority", stub.authorityPem())
                    .put("egressSelectorType", "cluster");
            issuer.putArray("audiences").add("api");
            entry.putObject("claimMappings")
                    .putObject("username")
                    .put("claim", "sub")
                    .put("prefix", "");
            Path file = Files.write(folder.resolve("authn.yaml"), Json.encode(configuration));
            try (ApiServer server = started(
                            folder,
                            TestProxy.configuration(
                                    folder, cluster.selection("cluster"), controlPlane.selection("controlplane")),
                            "--authentication-config=" + file);
                    Caller stranger = Caller.stranger(server)) {
                String token = encoded("{\"alg\":\"ES256\",\"kid\":\"k\"}") + "."
                        + encoded(
                                "{\"iss\":\"" + stub.url() + "\",\"aud\":\"api\",\"sub\":\"jane\",\"exp\":4102444800}")
                        + "."
                        + encoded("no signature");
                assertEquals(
                        401, stranger.whoAmI("Authorization", "Bearer " + token).code());
                assertEquals(List.of("localhost:" + stub.port()), cluster.asked());
                assertTrue(controlPlane.asked().isEmpty());
            }
        }
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theStoreIsReachedThroughItsProxyByANameThatMeansNothingHere(@TempDir Path folder) throws Exception {
        for (String transport : List.of("tls", "uds")) {
            Path own = Files.createDirectory(folder.resolve(transport));
            try (TestEtcd etcd = TestEtcd.embedded(own.resolve("etcd"));
                    TestProxy proxy = (transport.equals("tls")
                                    ? TestProxy.overTls(own)
                                    : TestProxy.overUnixSocket(own.resolve("proxy.sock")))
                            .lead(
                                    "etcd.nowhere:2379",
                                    URI.create(etcd.urls().getFirst()).getPort());
                    ApiServer server = ApiServer.start(Flags.config(
                                    own,
                                    "--egress-selector-config-file="
                                            + TestProxy.configuration(own, proxy.selection("etcd")))
                            .withStore(new EtcdConnection(
                                    List.of("http://etcd.nowhere:2379"), null, null, null, "/registry")));
                    Caller admin = Caller.admin(server)) {
                admin.post(MAPS, "{\"metadata\": {\"name\": \"kept\"}}").succeeded();
                assertEquals("kept", admin.get(MAPS + "/kept").succeeded().at("/metadata/name"));
                assertEquals(Set.of("etcd.nowhere:2379"), Set.copyOf(proxy.asked()));
            }
        }
    }
}
