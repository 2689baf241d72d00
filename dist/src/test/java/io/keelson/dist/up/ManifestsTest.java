package io.keelson.dist.up;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.keelson.apiserver.KeelsonConfig;
import io.keelson.apiserver.KeelsonServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ManifestsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path folder;

    ManifestsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static String configMap(String name, String value) {
        return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", namespace: default}, data: {value: "
                + value + "}}\n";
    }

    private static boolean has(KubernetesClient client, String name, String value) {
        ConfigMap map =
                client.configMaps().inNamespace("default").withName(name).get();
        return map != null && value.equals(map.getData().get("value"));
    }

    private static void await(String what, BooleanSupplier isSo) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, what);
            Thread.sleep(20);
        }
    }

    @Test
    void filesAreAppliedWhenTheyComeAndWhenTheyChangeWhateverIsWrongWithOthers() throws Exception {
        Files.writeString(folder.resolve("a-damaged.yaml"), "{apiVersion: v1, kind: [");
        Files.writeString(
                folder.resolve("b-unknown.yaml"), "{apiVersion: no.such/v1, kind: Thing, metadata: {name: x}}");
        Files.writeString(folder.resolve("c.yaml"), configMap("one", "first") + "---\n" + configMap("two", "first"));
        Files.writeString(folder.resolve("notes.txt"), configMap("never", "first"));
        try (KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral());
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(server.kubeconfig().text()))
                        .build();
                Manifests _ = Manifests.start(client, folder)) {
            await("both are applied", () -> has(client, "one", "first") && has(client, "two", "first"));
            Files.writeString(folder.resolve("c.yaml"), configMap("one", "changed"));
            await("the change is applied", () -> has(client, "one", "changed"));
            assertTrue(has(client, "two", "first"), "an object whose file is no more stays");
            assertTrue(
                    client.configMaps().inNamespace("default").withName("never").get() == null);
        }
    }
}
