package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.apiserver.object.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the real kubectl reads out of the OpenAPI documents. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlExplainTest {
    private ApiServer server;
    private Kubectl kubectl;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Kubectl.assumeThere();
        server = ApiServer.start(ApiServerConfig.ephemeral());
        kubectl = new Kubectl(server, folder);
    }

    @AfterAll
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void explainsDeepFields() throws Exception {
        for (String place : new String[] {
            "pod.spec.containers.livenessProbe.httpGet.port",
            "deployment.spec.strategy.rollingUpdate.maxSurge",
            "service.spec.ports.nodePort",
            "cronjob.spec.jobTemplate.spec.template.spec.volumes.projected.sources",
            "networkpolicy.spec.ingress.from",
            "hpa.spec.metrics.resource.target",
            "clusterrole.rules.verbs",
            "pvc.spec.resources",
            "ingress.spec.rules.http.paths.backend",
            "crd.spec.versions.schema.openAPIV3Schema"
        }) {
            String explained = kubectl.run("explain", place);
            assertTrue(explained.contains("DESCRIPTION:"), explained);
            assertFalse(explained.contains("<empty>"), explained);
        }
        assertTrue(
                kubectl.run("explain", "pod.spec.containers", "--recursive").contains("terminationGracePeriodSeconds"));
    }

    @Test
    void readsV2AndChecksFieldsByTheDocuments() throws Exception {
        String document = kubectl.run("get", "--raw", "/openapi/v2");
        assertTrue(Json.parseObject(document.getBytes(StandardCharsets.UTF_8))
                .path("definitions")
                .has("io.k8s.api.core.v1.Pod"));
        String wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\ndaat: {a: b}\n";
        String said = kubectl.fail(wrong, "apply", "--validate=strict", "-f", "-");
        assertTrue(said.contains("unknown field \"daat\""), said);
    }
}
