package io.keelson.agent.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.pods.PodProblem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PodEnvironmentTest {
    private static final Service MASTER = new ServiceBuilder()
            .withNewMetadata()
            .withNamespace("default")
            .withName("kubernetes")
            .endMetadata()
            .withNewSpec()
            .withClusterIP("10.0.0.1")
            .addNewPort()
            .withPort(443)
            .endPort()
            .endSpec()
            .build();

    private final KubernetesClient client = SharedApi.client();
    private final String namespace = SharedApi.namespace(client);
    private final ReferencedObjects objects = new ReferencedObjects(client);
    private String file = "";
    private final PodEnvironment environment = new PodEnvironment(
            ServiceVariablesTest.lookup(List.of(MASTER)),
            objects,
            () -> new NodeBuilder()
                    .withNewStatus()
                    .addNewAddress("192.0.2.1", "InternalIP")
                    .endStatus()
                    .build(),
            this::read);

    private byte[] read(Pod pod, String volume, String path, int sizeMax) throws IOException {
        if (!"config.env".equals(path)) {
            throw new NoSuchFileException(path);
        }
        return file.getBytes(StandardCharsets.UTF_8);
    }

    @BeforeEach
    void makeObjects() {
        client.resource(map("settings", Map.of("b", "from map", "a", "1"))).create();
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("keys")
                        .endMetadata()
                        .addToData("password", base64("s3cret".getBytes(StandardCharsets.UTF_8)))
                        .addToData("binary", base64(new byte[] {(byte) 0xff, 'x', (byte) 0xc3}))
                        .build())
                .create();
    }

    @AfterEach
    void end() {
        objects.close();
        client.close();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private ConfigMap map(String name, Map<String, String> data) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(data)
                .build();
    }

    private Pod pod(String uid, Container container) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName("web")
                .withUid(uid)
                .endMetadata()
                .withNewSpec()
                .addToContainers(container)
                .addNewVolume()
                .withName("shared")
                .withNewEmptyDir()
                .endEmptyDir()
                .endVolume()
                .endSpec()
                .build();
    }

    private Map<String, String> variables(Container container) throws PodProblem {
        return environment.variables(pod("u-1", container), container, List.of("10.1.0.5"));
    }

    private String problem(Container container) {
        PodProblem problem = assertThrows(PodProblem.class, () -> variables(container));
        assertEquals("CreateContainerConfigError", problem.waitingReason());
        return problem.message();
    }

    @Test
    void variablesStandInTheOrderInWhichTheyAreDefined() throws PodProblem {
        Map<String, String> variables = variables(new ContainerBuilder()
                .addNewEnvFrom()
                .withPrefix("MAP_")
                .withNewConfigMapRef("settings", null)
                .endEnvFrom()
                .addNewEnvFrom()
                .withNewSecretRef("keys", false)
                .endEnvFrom()
                .addNewEnv()
                .withName("URL")
                .withValue("https://$(KUBERNETES_SERVICE_HOST)/$(MAP_a)$$(b) $(LATER)")
                .endEnv()
                .addNewEnv()
                .withName("LATER")
                .withNewValueFrom()
                .withNewFieldRef("v1", "status.podIP")
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName("KUBERNETES_SERVICE_PORT")
                .withValue("6443")
                .endEnv()
                .build());
        List<String> own = variables.keySet().stream()
                .filter(name -> !name.startsWith("KUBERNETES"))
                .toList();
        assertEquals(List.of("MAP_a", "MAP_b", "binary", "password", "URL", "LATER"), own);
        assertEquals("https://10.0.0.1/1$(b) $(LATER)", variables.get("URL"));
        assertEquals("10.1.0.5", variables.get("LATER"));
        assertEquals("6443", variables.get("KUBERNETES_SERVICE_PORT"), "its own wins over a service's");
        assertEquals("s3cret", variables.get("password"));
        assertArrayEquals(
                new byte[] {(byte) 0xff, 'x', (byte) 0xc3},
                VariableBytes.bytes(Objects.requireNonNull(variables.get("binary"))));
    }

    @Test
    void whatIsMissingIsSaidAsTheKubeletSaysIt() {
        assertEquals(
                "configmap \"absent\" not found",
                problem(new ContainerBuilder()
                        .addNewEnvFrom()
                        .withNewConfigMapRef("absent", null)
                        .endEnvFrom()
                        .build()));
        assertEquals(
                "secret \"absent\" not found",
                problem(new ContainerBuilder()
                        .addNewEnv()
                        .withName("A")
                        .withNewValueFrom()
                        .withNewSecretKeyRef("key", "absent", null)
                        .endValueFrom()
                        .endEnv()
                        .build()));
        assertEquals(
                "couldn't find key nope in ConfigMap " + namespace + "/settings",
                problem(new ContainerBuilder()
                        .addNewEnv()
                        .withName("A")
                        .withNewValueFrom()
                        .withNewConfigMapKeyRef("nope", "settings", false)
                        .endValueFrom()
                        .endEnv()
                        .build()));
    }

    @Test
    void whatIsOptionalMayBeMissing() throws PodProblem {
        Map<String, String> variables = variables(new ContainerBuilder()
                .addNewEnvFrom()
                .withNewConfigMapRef("absent", true)
                .endEnvFrom()
                .addNewEnvFrom()
                .withNewSecretRef("absent", true)
                .endEnvFrom()
                .addNewEnv()
                .withName("A")
                .withNewValueFrom()
                .withNewSecretKeyRef("key", "keys", true)
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName("B")
                .withNewValueFrom()
                .withNewFileKeyRef("NOPE", true, "config.env", "shared")
                .endValueFrom()
                .endEnv()
                .addNewEnv()
                .withName("EMPTY")
                .endEnv()
                .build());
        assertFalse(variables.containsKey("A"));
        assertFalse(variables.containsKey("B"));
        assertEquals("", variables.get("EMPTY"));
    }

    private Container fromFile(String key, String path, String volume) {
        return new ContainerBuilder()
                .addNewEnv()
                .withName("A")
                .withNewValueFrom()
                .withNewFileKeyRef(key, false, path, volume)
                .endValueFrom()
                .endEnv()
                .build();
    }

    @Test
    void aVariableCanComeFromAFileOfAVolume() throws PodProblem {
        file = "# A=no\nB=2\nA=one=1 # said\nA=two\n";
        assertEquals("one=1 ", variables(fromFile("A", "config.env", "shared")).get("A"));
        assertEquals(
                "environment variable key \"C\" not found in file \"config.env\" of volume \"shared\"",
                problem(fromFile("C", "config.env", "shared")));
        assertEquals("couldn't parse env file", problem(fromFile("A", "other.env", "shared")));
        assertEquals(
                "cannot find the volume \"ghost\" referenced by FileKeyRef",
                problem(fromFile("A", "config.env", "ghost")));
    }

    @Test
    void aValueThatNoProcessCanHaveIsSaid() {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("nul")
                        .endMetadata()
                        .addToData("key", base64(new byte[] {'a', 0, 'b'}))
                        .build())
                .create();
        String message = problem(new ContainerBuilder()
                .addNewEnvFrom()
                .withNewSecretRef("nul", false)
                .endEnvFrom()
                .build());
        assertTrue(message.startsWith("environment variable key has a NUL byte"), message);
    }

    @Test
    void whatPodsReferToIsFollowedWhileOneOfThemIsHere() throws PodProblem, InterruptedException {
        Queue<String> changed = new ConcurrentLinkedQueue<>();
        objects.onChange(changed::add);
        Container container = new ContainerBuilder()
                .addNewEnvFrom()
                .withNewConfigMapRef("settings", false)
                .endEnvFrom()
                .addNewEnvFrom()
                .withNewConfigMapRef("late", true)
                .endEnvFrom()
                .build();
        objects.hold(pod("u-1", container));
        objects.hold(pod("u-2", container));
        assertEquals(2, objects.size());
        assertEquals("1", variables(container).get("a"));

        client.resource(map("settings", Map.of("a", "2"))).update();
        SharedApi.await("both pods are told", () -> changed.contains("u-1") && changed.contains("u-2"));
        assertEquals("2", variables(container).get("a"));

        objects.release("u-1");
        changed.clear();
        client.resource(map("late", Map.of("c", "3"))).create();
        SharedApi.await("the one that is left is told of what came", () -> changed.contains("u-2"));
        assertFalse(changed.contains("u-1"));
        assertEquals("3", variables(container).get("c"));

        objects.release("u-2");
        objects.release("u-2");
        assertEquals(0, objects.size());
        client.resource(map("settings", Map.of("a", "4"))).update();
        assertEquals("4", variables(container).get("a"), "and is read when it is asked for");
    }
}
