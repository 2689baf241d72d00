package io.keelson.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a test gets from the extension, and that both clients work with it. */
@KeelsonApi
@Timeout(60)
class KeelsonApiTest {
    private static @Nullable TestNamespace ofTheClass;

    @BeforeAll
    static void remember(TestNamespace namespace) {
        ofTheClass = namespace;
    }

    @Test
    void eachTestHasItsOwnNamespace(TestNamespace namespace, KubernetesClient client) {
        assertNotEquals(ofTheClass, namespace);
        assertTrue(namespace.name().startsWith("each-test-has-its-own-namespace-"), namespace.name());
        assertEquals(namespace.name(), client.getNamespace());
        assertNotNull(client.namespaces().withName(namespace.name()).get());
    }

    private static ConfigMap configMap(String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    @Test
    void fabric8AppliesOnTheServersSideAndItsInformersHear(KubernetesClient client) throws InterruptedException {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (SharedIndexInformer<ConfigMap> informer = client.configMaps().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ConfigMap added) {
                heard.add("added " + added.getMetadata().getName() + added.getData());
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap after) {
                heard.add("changed " + after.getMetadata().getName() + after.getData());
            }

            @Override
            public void onDelete(ConfigMap deleted, boolean unknown) {
                heard.add("deleted " + deleted.getMetadata().getName());
            }
        })) {
            assertTrue(informer.hasSynced());
            ConfigMap first =
                    client.resource(configMap("settings", Map.of("a", "1"))).serverSideApply();
            assertEquals(
                    "fabric8", first.getMetadata().getManagedFields().getFirst().getManager());
            assertEquals("added settings{a=1}", heard.poll(20, TimeUnit.SECONDS));
            var _ = client.resource(configMap("settings", Map.of("b", "2"))).serverSideApply();
            assertEquals(
                    "changed settings{b=2}", heard.poll(20, TimeUnit.SECONDS), "what is no longer applied is gone");
            var _ = client.configMaps().withName("settings").delete();
            assertEquals("deleted settings", heard.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void podsHaveTheirDefaults(KubernetesClient client) {
        Pod pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("main")
                        .withImage("registry.example/web:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        assertEquals("Always", pod.getSpec().getRestartPolicy());
        assertEquals("Pending", pod.getStatus().getPhase());
    }

    @Test
    void theOfficialClientReadsWhatItWrote(ApiClient client, TestNamespace namespace) throws Exception {
        CoreV1Api core = new CoreV1Api(client);
        var _ = core.createNamespacedConfigMap(
                        namespace.name(),
                        new V1ConfigMap().metadata(new V1ObjectMeta().name("m")).putDataItem("k", "v"))
                .execute();
        assertEquals(
                Map.of("k", "v"),
                core.readNamespacedConfigMap("m", namespace.name()).execute().getData());
    }

    @Test
    void theKubeconfigIsForItsOwnerOnly(KubeconfigFile file) throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.path())));
        assertTrue(Files.readString(file.path()).contains(file.url()));
    }
}
