package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** With the rights of a node, which may read what its pods refer to, and that one by one. */
final class ReferencedObjectsTest {
    private static Secret secret(String namespace, String name, String value) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .addToStringData("key", value)
                .build();
    }

    private static Pod pod(String namespace) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web")
                .endMetadata()
                .withNewSpec()
                .withNodeName("node-" + namespace)
                .withAutomountServiceAccountToken(false)
                .addNewImagePullSecret("registry")
                .addNewContainer()
                .withName("app")
                .withImage("x")
                .addNewEnvFrom()
                .withNewSecretRef("keys", false)
                .endEnvFrom()
                .endContainer()
                .addNewVolume()
                .withName("settings")
                .withNewProjected()
                .addNewSource()
                .withNewConfigMap()
                .withName("settings")
                .endConfigMap()
                .endSource()
                .endProjected()
                .endVolume()
                .endSpec()
                .build();
    }

    @Test
    void aPodsReferencesAreThoseOfAllItsParts() {
        PodReferences references = PodReferences.of(pod("n"));
        assertEquals(Set.of("keys", "registry"), references.secrets());
        assertEquals(Set.of("settings"), references.configMaps());
    }

    @Test
    void aNodeFollowsWhatItsPodsReferToAndNothingElse() throws InterruptedException {
        try (KubernetesClient administrator = SharedApi.client()) {
            String namespace = SharedApi.namespace(administrator);
            administrator.resource(secret(namespace, "keys", "1")).create();
            administrator.resource(secret(namespace, "others", "1")).create();
            administrator
                    .serviceAccounts()
                    .inNamespace(namespace)
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("default")
                            .endMetadata()
                            .build())
                    .create();
            Pod pod = administrator.resource(pod(namespace)).create();
            Queue<String> changed = new ConcurrentLinkedQueue<>();
            try (KubernetesClient node = SharedApi.node("node-" + namespace);
                    ReferencedObjects objects = new ReferencedObjects(node)) {
                objects.onChange(changed::add);
                objects.hold(pod);
                Secret first = Objects.requireNonNull(objects.secret(namespace, "keys"));
                assertEquals("MQ==", first.getData().get("key"));
                assertNull(objects.configMap(namespace, "settings"));
                KubernetesClientException refusal =
                        assertThrows(KubernetesClientException.class, () -> objects.secret(namespace, "others"));
                assertEquals(403, refusal.getCode());
                administrator.resource(secret(namespace, "keys", "2")).update();
                SharedApi.await(
                        "the pod is told",
                        () -> changed.contains(pod.getMetadata().getUid()));
                assertEquals(
                        "Mg==",
                        Objects.requireNonNull(objects.secret(namespace, "keys"))
                                .getData()
                                .get("key"));
            }
        }
    }
}
